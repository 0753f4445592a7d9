#ifndef CTXFIT_TESTS_KERNELS_STATISTICS_PROBLEMS_H_
#define CTXFIT_TESTS_KERNELS_STATISTICS_PROBLEMS_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "kernels/backend/backend.h"
#include "kernels/base/stop_signal.h"
#include "kernels/data/split_tasks.h"
#include "kernels/fit/fit.h"
#include "kernels/fit/options.h"
#include "tests/kernels/real_data.h"
#include "tests/kernels/simulated_data.h"

// Problems on which the warnings of a fit and the reasons for missing intervals are tested. The real data are those of
// tests/data.

namespace ctxfit {

struct Problem {
  ObservationTable table;
  FitOptions options;
};

using MakeProblem = std::function<Problem()>;

inline TaskFit Fit(const Problem& problem) {
  const std::unique_ptr<Backend> backend = MakeCpuBackend(1);
  return FitTasks(*backend, ValidateAndSplit(problem.table).value(), problem.options, StopSignal(),
                  [](const FitProgress&) {})
      .value()
      .at(0);
}

// A good design, whose simulation `change` may alter.
inline MakeProblem Simulated(const std::function<void(Simulation&)>& change = [](Simulation&) {}) {
  return [=] {
    Simulation simulation;
    change(simulation);
    return Problem{Simulate(simulation), {}};
  };
}

// A good design of 200 records that `spoil` alters afterwards.
inline MakeProblem Spoilt(const std::function<void(Problem&)>& spoil) {
  return [=] {
    Problem problem = Simulated()();
    spoil(problem);
    return problem;
  };
}

inline MakeProblem Real(const std::string& file) {
  return [=] { return Problem{ReadRealData(file), {}}; };
}

inline MakeProblem Ruler() { return Real("ruler.csv"); }
inline MakeProblem Yarn() { return Real("yarn_inverse_perplexity.csv"); }
inline MakeProblem Banking() { return Real("manyshot_banking77_runs.csv"); }
inline MakeProblem NaturalQuestions() { return Real("natural_questions_shots.csv"); }

// The data of `make` with a penalty in shares of the limit, whose width and onset are fitted.
inline MakeProblem WithFittedPenalty(const MakeProblem& make) {
  return [=] {
    Problem problem = make();
    problem.options.penalty = {Penalty::Form::kRatio, 0.1, 1};
    problem.options.fit_penalty_width = problem.options.fit_penalty_onset = true;
    return problem;
  };
}

inline void SetAll(std::vector<double>& column, double value) { column.assign(column.size(), value); }

}  // namespace ctxfit

#endif  // CTXFIT_TESTS_KERNELS_STATISTICS_PROBLEMS_H_

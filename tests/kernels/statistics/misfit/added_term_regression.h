#ifndef CTXFIT_TESTS_KERNELS_STATISTICS_MISFIT_ADDED_TERM_REGRESSION_H_
#define CTXFIT_TESTS_KERNELS_STATISTICS_MISFIT_ADDED_TERM_REGRESSION_H_

// A regression from matrices of all rows, against which tests of added terms are checked.

#include <vector>

#include "kernels/data/observations.h"
#include "kernels/fit/task_fit.h"
#include "kernels/law/resampling.h"
#include "kernels/statistics/misfit/added_terms.h"
#include "tests/kernels/simulated_data.h"

namespace ctxfit {

inline constexpr bool kFree[kCoordinateCount] = {true, true, true, true};

// A fit with what terms are tested against.
struct Case {
  explicit Case(const ObservationTable& table, Resampling resampling = Resampling::kAuto);
  AddedTerms Terms() const { return {observations, fit.law, expected, {}, kFree}; }

  Observations observations;
  TaskFit fit;
  std::vector<double> expected;
};

inline Simulation NoisyRuns(int clusters) {
  Simulation simulation;
  simulation.clusters = clusters;
  simulation.noise = 0.05;
  return simulation;
}

// The regression of the residuals on the derivatives and a term, row by row, and the statistic of the term with the
// variance of AddedTerms, from matrices of all rows.
struct Regression {
  double estimate;
  double statistic;
  double degrees_of_freedom;
};

Regression Regress(const Case& a, const std::vector<double>& term);

// Derivatives by central differences are good to about 1e-10 of themselves, and the regression multiplies that by the
// condition number of the normal equations, up to 1e3.
inline constexpr double kTolerance = 1e-6;

}  // namespace ctxfit

#endif  // CTXFIT_TESTS_KERNELS_STATISTICS_MISFIT_ADDED_TERM_REGRESSION_H_

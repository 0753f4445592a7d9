#include "kernels/predict/solve.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/law/coordinate.h"
#include "kernels/law/fitted_law.h"
#include "kernels/law/range.h"
#include "kernels/predict/inverse.h"
#include "kernels/predict/predictions.h"
#include "kernels/statistics/intervals.h"

namespace ctxfit {
namespace {

// A law solved at one question. Logarithms are those of kernels/inverse.h.
struct Inverse {
  double log_least;
  double log_most;
  double highest_score;
};

Inverse Invert(const Law& law, SolveFor unknown, const SolveQuery& question) {
  if (unknown == SolveFor::kPrompt) {
    const PromptWindow window = FindPromptWindow(law, question.target, question.given, question.limit);
    return {window.log_least, window.log_most, window.highest_score};
  }
  return {LogLeastCompute(law, question.target, question.given, question.limit),
          std::numeric_limits<double>::infinity(), HighestScoreOverCompute(law, question.given, question.limit)};
}

bool IsFiniteExponential(double log_value) { return log_value <= std::log(std::numeric_limits<double>::max()); }

// The percentile interval about `log_value` of numbers whose logarithms are given. It is taken of the logarithms, as
// computes and lengths spread over decades; an end between a number and an infinity is infinite.
SolvedValue MakeQuantity(double log_value, std::vector<double> logs, double tail) {
  SolvedValue quantity = {std::exp(log_value), {}, {}};
  if (logs.empty()) return quantity;
  // Interpolation between infinities is not a number; this far out it gives what the infinity would.
  constexpr double kBeyond = 1e12;
  for (double& log : logs) log = std::clamp(log, -kBeyond, kBeyond);
  const Range ends = PercentileInterval(logs, tail);
  if (IsFiniteExponential(ends.lower)) quantity.lower = std::exp(ends.lower);
  quantity.upper_unbounded = !IsFiniteExponential(ends.upper);
  if (!quantity.upper_unbounded) quantity.upper = std::exp(ends.upper);
  return quantity;
}

// What the observations determine of each factor, and where they saw its variable.
struct Knowledge {
  bool identified;
  Range observed;

  bool Covers(double value) const { return IsObserved(observed, value); }
  bool Determines(double value) const { return identified || Covers(value); }
  bool Determines(const SolvedValue& quantity) const {
    if (identified) return true;
    if (!Covers(quantity.value) || quantity.upper_unbounded) return false;
    return Covers(quantity.lower.value_or(quantity.value)) && Covers(quantity.upper.value_or(quantity.value));
  }
};

// Answers the questions about one fit.
class Solver {
 public:
  Solver(const PredictionSource& source, SolveFor unknown, double confidence)
      : source_(source), unknown_(unknown), tail_(ExpandedTail(confidence, source.units)) {
    const Knowledge compute = {source.identified[kLogComputeCoefficient] && source.identified[kComputeExponent],
                               source.observed.compute_flops};
    const Knowledge context = {source.identified[kLogContextCoefficient] && source.identified[kContextExponent],
                               source.observed.prompt_tokens};
    wanted_ = unknown == SolveFor::kCompute ? compute : context;
    given_ = unknown == SolveFor::kCompute ? context : compute;
  }

  Solution Answer(const SolveQuery& question) const {
    Solution solution;
    solution.extrapolated = !given_.Covers(question.given);
    if (!given_.Determines(question.given)) return solution;
    const Inverse optimum = Invert(source_.law, unknown_, question);
    std::vector<Inverse> replicates;
    for (const Point& point : source_.replicates) replicates.push_back(Invert(LawWith(point), unknown_, question));
    SetLimits(optimum, replicates, solution);
    if (question.budget && wanted_.Determines(*question.budget)) SetProbability(question, solution);
    return solution;
  }

 private:
  Law LawWith(const Point& point) const { return {point, source_.law.references, source_.law.penalty}; }

  void SetLimits(const Inverse& optimum, const std::vector<Inverse>& replicates, Solution& solution) const {
    const bool reached = IsFiniteExponential(optimum.log_least);
    if (reached) {
      const SolvedValue least = Quantity(optimum, replicates, &Inverse::log_least);
      solution.extrapolated = solution.extrapolated || !wanted_.Covers(least.value);
      if (!wanted_.Determines(least)) return;
      solution.least = least;
      if (IsFiniteExponential(optimum.log_most)) {
        solution.most = Quantity(optimum, replicates, &Inverse::log_most);
        // A replicate that never reaches the target has no longest prompt.
        if (solution.most->lower == 0.0) solution.most->lower.reset();
      }
    } else if (!wanted_.identified) {
      return;
    }
    solution.outcome = reached ? SolveOutcome::kReached : SolveOutcome::kNotReachable;
    SetHighestScore(optimum, replicates, solution);
    if (replicates.empty()) return;
    const auto never = std::count_if(replicates.begin(), replicates.end(), [](const Inverse& replicate) {
      return !IsFiniteExponential(replicate.log_least);
    });
    solution.never_reached_share = static_cast<double>(never) / static_cast<double>(replicates.size());
  }

  SolvedValue Quantity(const Inverse& optimum, const std::vector<Inverse>& replicates,
                       double Inverse::*logarithm) const {
    std::vector<double> logs;
    for (const Inverse& replicate : replicates) logs.push_back(replicate.*logarithm);
    return MakeQuantity(optimum.*logarithm, std::move(logs), tail_);
  }

  void SetHighestScore(const Inverse& optimum, const std::vector<Inverse>& replicates, Solution& solution) const {
    solution.highest_score = SolvedValue{optimum.highest_score, {}, {}};
    if (replicates.empty()) return;
    std::vector<double> scores;
    for (const Inverse& replicate : replicates) scores.push_back(replicate.highest_score);
    const Range ends = PercentileInterval(scores, tail_);
    solution.highest_score->lower = ends.lower;
    solution.highest_score->upper = ends.upper;
  }

  void SetProbability(const SolveQuery& question, Solution& solution) const {
    if (source_.replicates.empty()) return;
    const bool is_compute = unknown_ == SolveFor::kCompute;
    const double compute = is_compute ? *question.budget : question.given;
    const double prompt = is_compute ? question.given : *question.budget;
    const auto reaching = std::count_if(source_.replicates.begin(), source_.replicates.end(), [&](const Point& point) {
      return Predict(LawWith(point), compute, prompt, question.limit) >= question.target;
    });
    solution.budget_probability = static_cast<double>(reaching) / static_cast<double>(source_.replicates.size());
  }

  const PredictionSource& source_;
  const SolveFor unknown_;
  const double tail_;
  Knowledge wanted_;
  Knowledge given_;
};

}  // namespace

absl::StatusOr<std::vector<Solution>> Solve(const PredictionSource& source, SolveFor unknown,
                                            const std::vector<SolveQuery>& questions, double confidence,
                                            const StopSignal& stop) {
  const Solver solver(source, unknown, confidence);
  std::vector<Solution> solutions;
  for (const SolveQuery& question : questions) {
    if (absl::Status status = stop.Check(); !status.ok()) return status;
    solutions.push_back(solver.Answer(question));
  }
  return solutions;
}

}  // namespace ctxfit

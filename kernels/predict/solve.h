#ifndef CTXFIT_KERNELS_PREDICT_SOLVE_H_
#define CTXFIT_KERNELS_PREDICT_SOLVE_H_

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "kernels/law/factor.h"

namespace ctxfit {

class StopSignal;
struct PredictionSource;

// A target to reach by the unknown variable, where the other one is given.
struct SolveQuery {
  double target;                 // score, in (0, 1)
  double given;                  // the other variable: prompt length in tokens, or compute in FLOP; finite and > 0
  double limit;                  // tokens; finite and > 0
  std::optional<double> budget;  // a value of the unknown variable; finite and > 0
};

enum class SolveOutcome { kReached, kNotReachable, kNotDetermined };

// A number with its percentile interval over the replicates; see ctxfit.v1.SolvedValue.
struct SolvedValue {
  double value;
  std::optional<double> lower;
  std::optional<double> upper;
  bool upper_unbounded = false;
};

// The answer; see ctxfit.v1.Solution.
struct Solution {
  SolveOutcome outcome = SolveOutcome::kNotDetermined;
  std::optional<SolvedValue> least;
  std::optional<SolvedValue> most;
  bool most_undetermined = false;  // true if there is a longest prompt that the observations do not determine
  std::optional<SolvedValue> highest_score;
  std::optional<double> never_reached_share;
  std::optional<double> budget_probability;
  bool extrapolated = false;
  bool interpolated = false;          // the given variable, `least` or `most`: IsInterpolated()
  bool penalty_extrapolated = false;  // at a value, or the given prompt: IsPenaltyExtrapolated()
  // `least`, `most` or both have no interval, for these reasons (Withheld). never_reached_share is
  // unset where `least` has none.
  bool withheld_by_drift = false;
  bool withheld_by_penalty = false;
  bool IsWithheld() const { return withheld_by_drift || withheld_by_penalty; }
};

// Answers each query: the least value of the variable `unknown` that reaches the target, for prompts also the longest,
// and the highest score over all values. Intervals over the replicates cover `confidence`, in (0, 1), between expanded
// percentiles (ExpandedTail(), Hesterberg 2015) for the units that determine the unknown's factor, and hold the answer.
// The probability of a budget is ExpandedShare() of the replicates that reach the target with it. Errors: those of
// `stop`.
//
// As in PredictWithBands, a factor with a parameter that is not identified is known only where it was observed
// (IsFactorDetermined()), and so is the penalty. A query is not determined, then, if its given
// variable, its answer or an end of its interval lies elsewhere. A longest prompt that is not determined leaves the
// shortest one as it is. Where the context exponent drifts (Withheld), a value has no interval if it, an end of its
// interval or the given variable is extrapolated; the highest score, which lies at no observed value, has none. Where a
// chosen penalty is extrapolated at a prompt length, whatever rests on that length has none.
absl::StatusOr<std::vector<Solution>> Solve(const PredictionSource& source, Variable unknown,
                                            const std::vector<SolveQuery>& queries, double confidence,
                                            const StopSignal& stop);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_PREDICT_SOLVE_H_

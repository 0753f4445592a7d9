#include "kernels/predict/solve.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "kernels/base/status_macros.h"
#include "kernels/base/stop_signal.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/fitted_law.h"
#include "kernels/law/range.h"
#include "kernels/predict/inverse.h"
#include "kernels/predict/predictions.h"
#include "kernels/statistics/intervals/intervals.h"
#include "kernels/statistics/misfit/drift_test.h"

namespace ctxfit {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// The answer of one law to a query.
struct Inverse {
  double log_smallest;   // ln of the unknown variable; +infinity where no value reaches the target
  double log_largest;    // -infinity where no prompt reaches the target; +infinity for computes
  double highest_score;  // over all values of the unknown variable
};

Inverse Invert(const Law& law, Variable unknown, const SolveQuery& query) {
  if (unknown == Variable::kPrompt) {
    const PromptWindow window = FindPromptWindow(law, query.target, query.given, query.limit);
    return {window.log_shortest, window.log_longest, window.highest_score};
  }
  return {LogLeastCompute(law, query.target, query.given, query.limit), kInfinity,
          HighestScoreOverCompute(law, query.given, query.limit)};
}

bool IsFiniteExponential(double log_value) { return log_value <= std::log(std::numeric_limits<double>::max()); }

// exp(log_value) with the percentile interval of numbers whose logarithms are `logs`. It is interpolated in logarithms,
// since computes and lengths span decades.
SolvedValue MakeValue(double log_value, const std::vector<double>& logs, const IntervalTail& tail) {
  SolvedValue value = {std::exp(log_value), {}, {}};
  if (logs.empty()) return value;
  const Range interval =
      Holding(IntervalOfLogs(logs, {tail.probability, 1 - tail.probability}, tail.stretch, log_value), value.value);
  value.lower = interval.lower;
  value.upper_unbounded = std::isinf(interval.upper);
  if (!value.upper_unbounded) value.upper = interval.upper;
  return value;
}

// The knowledge of one variable's factor that the observations give.
struct FactorKnowledge {
  const PredictionSource& source;
  Variable variable;

  bool IsIdentified() const { return IsFactorIdentified(source, variable); }
  bool Covers(double value) const { return IsObserved(ObservedOf(source, variable), value); }
  bool Interpolates(double value) const { return IsInterpolated(source, variable, value); }
  bool Determines(double value) const { return IsFactorDetermined(source, variable, value); }
  bool Determines(const SolvedValue& value) const {
    if (IsIdentified()) return true;
    if (!Determines(value.value) || value.upper_unbounded) return false;
    return Determines(value.lower.value_or(value.value)) && Determines(value.upper.value_or(value.value));
  }
};

// The effective units of an answer, which depends on both coordinates of the unknown's factor.
EffectiveUnits UnitsBehind(const PredictionSource& source, Variable unknown) {
  const bool is_compute = unknown == Variable::kCompute;
  EffectiveUnits units = source.units;
  for (const Coordinate coordinate : {is_compute ? kLogComputeCoefficient : kLogContextCoefficient,
                                      is_compute ? kComputeExponent : kContextExponent}) {
    units = WeakerUnits(units, source.determining_units[coordinate]).value_or(units);
  }
  return units;
}

// Answers queries about one fit.
class Solver {
 public:
  Solver(const PredictionSource& source, Variable unknown, double confidence)
      : source_(source),
        unknown_(unknown),
        units_(UnitsBehind(source, unknown)),
        tail_(ExpandedTail(confidence, units_, source.replicates.size())),
        wanted_{source, unknown},
        given_{source, unknown == Variable::kCompute ? Variable::kPrompt : Variable::kCompute} {}

  Solution Answer(const SolveQuery& query) const {
    Solution solution;
    solution.extrapolated = !given_.Covers(query.given);
    if (!given_.Determines(query.given)) return solution;
    if (unknown_ == Variable::kCompute && !IsPenaltyDetermined(source_, query.given, query.limit)) return solution;
    const Inverse optimum = Invert(source_.law, unknown_, query);
    std::vector<Inverse> replicates;
    for (const Point& point : source_.replicates) replicates.push_back(Invert(LawWith(point), unknown_, query));
    SetLimits(optimum, replicates, query.limit, solution);
    if (query.budget && wanted_.Determines(*query.budget) && HasPenalty(*query.budget, query.limit)) {
      SetProbability(query, solution);
    }
    MarkExtrapolated(query, solution);
    Withhold(query, solution);
    return solution;
  }

 private:
  bool ForPrompt() const { return unknown_ == Variable::kPrompt; }

  // The reasons to withhold the interval of a solved value, by the value, its ends and the given variable.
  Withheld WhyWithheldAt(const SolveQuery& query, const std::optional<SolvedValue>& solved) const {
    const bool drifts = Drifts(source_.drift_p_value);
    Withheld why = {drifts && !given_.Covers(query.given), IsPenaltyChosen(query, query.given, !ForPrompt())};
    if (!solved) return why;
    for (const double value : {solved->value, solved->lower.value_or(solved->value),
                               solved->upper_unbounded ? kInfinity : solved->upper.value_or(solved->value)}) {
      why.by_drift = why.by_drift || (drifts && !wanted_.Covers(value));
    }
    why.by_penalty = why.by_penalty || IsPenaltyChosen(query, solved->value, ForPrompt());
    return why;
  }

  // True if the value is a prompt length at which a chosen penalty is extrapolated.
  bool IsPenaltyChosen(const SolveQuery& query, double value, bool is_prompt) const {
    return is_prompt && !source_.fits_penalty && IsPenaltyExtrapolated(source_, value, query.limit);
  }

  // Takes away the intervals and probabilities that would be too narrow. Each value is judged by itself: an
  // extrapolated longest prompt leaves the shortest one its interval.
  void Withhold(const SolveQuery& query, Solution& solution) const {
    const auto clear = [](std::optional<SolvedValue>& value) {
      if (value) value = SolvedValue{value->value, {}, {}};
    };
    const auto withhold = [&](const Withheld& why, std::optional<SolvedValue>& value) {
      solution.withheld_by_drift = solution.withheld_by_drift || why.by_drift;
      solution.withheld_by_penalty = solution.withheld_by_penalty || why.by_penalty;
      if (why) clear(value);
      return static_cast<bool>(why);
    };
    const bool drifts = Drifts(source_.drift_p_value);
    Withheld of_least = WhyWithheldAt(query, solution.least);
    of_least.by_drift = of_least.by_drift || (drifts && solution.outcome == SolveOutcome::kNotReachable);
    if (withhold(of_least, solution.least)) solution.never_reached_share.reset();
    if (solution.most) withhold(WhyWithheldAt(query, solution.most), solution.most);
    if (drifts || WhyWithheldAt(query, {})) clear(solution.highest_score);
    if (query.budget && WhyWithheldAt(query, SolvedValue{*query.budget, {}, {}})) solution.budget_probability.reset();
  }

  // Marks an answer that rests on values outside what was observed, or between two levels of it.
  void MarkExtrapolated(const SolveQuery& query, Solution& solution) const {
    const auto penalty_at = [&](double prompt) { return IsPenaltyExtrapolated(source_, prompt, query.limit); };
    const bool of_given = !ForPrompt() && penalty_at(query.given);
    const bool of_least = ForPrompt() && solution.least && penalty_at(solution.least->value);
    const bool of_most = solution.most && penalty_at(solution.most->value);
    solution.extrapolated = solution.extrapolated || of_given || of_least;
    solution.penalty_extrapolated = of_given || of_least || of_most;
    const auto interpolates = [&](const std::optional<SolvedValue>& solved) {
      return solved && wanted_.Interpolates(solved->value);
    };
    solution.interpolated =
        given_.Interpolates(query.given) || interpolates(solution.least) || interpolates(solution.most);
  }

  Law LawWith(const Point& point) const { return {point, source_.law.references, source_.law.penalty}; }

  void SetLimits(const Inverse& optimum, const std::vector<Inverse>& replicates, double limit,
                 Solution& solution) const {
    const bool reached = IsFiniteExponential(optimum.log_smallest);
    if (reached) {
      const SolvedValue least = ValueOf(optimum, replicates, &Inverse::log_smallest);
      solution.extrapolated = solution.extrapolated || !wanted_.Covers(least.value);
      if (!wanted_.Determines(least) || !HasPenalty(least.value, limit)) return;
      solution.least = least;
      if (IsFiniteExponential(optimum.log_largest)) {
        SolvedValue most = ValueOf(optimum, replicates, &Inverse::log_largest);
        // A replicate that never reaches the target has no longest prompt.
        if (most.lower == 0.0) most.lower.reset();
        solution.most_undetermined = !HasPenalty(most.value, limit);
        if (!solution.most_undetermined) solution.most = most;
      }
    } else if (!wanted_.IsIdentified()) {
      return;
    }
    solution.outcome = reached ? SolveOutcome::kReached : SolveOutcome::kNotReachable;
    if (!solution.most_undetermined) SetHighestScore(optimum, replicates, solution);
    if (replicates.empty()) return;
    const auto never = std::count_if(replicates.begin(), replicates.end(), [](const Inverse& replicate) {
      return !IsFiniteExponential(replicate.log_smallest);
    });
    solution.never_reached_share = static_cast<double>(never) / static_cast<double>(replicates.size());
  }

  // True if the penalty is determined at a solved prompt. A solved compute does not change it.
  bool HasPenalty(double solved, double limit) const {
    return unknown_ == Variable::kCompute || IsPenaltyDetermined(source_, solved, limit);
  }

  SolvedValue ValueOf(const Inverse& optimum, const std::vector<Inverse>& replicates,
                      double Inverse::*logarithm) const {
    std::vector<double> logs;
    for (const Inverse& replicate : replicates) logs.push_back(replicate.*logarithm);
    return MakeValue(optimum.*logarithm, logs, tail_);
  }

  void SetHighestScore(const Inverse& optimum, const std::vector<Inverse>& replicates, Solution& solution) const {
    solution.highest_score = SolvedValue{optimum.highest_score, {}, {}};
    if (replicates.empty()) return;
    std::vector<double> scores;
    for (const Inverse& replicate : replicates) scores.push_back(replicate.highest_score);
    const Range ends = Holding(PercentileInterval(scores, tail_), optimum.highest_score);
    solution.highest_score->lower = std::max(0.0, ends.lower);
    solution.highest_score->upper = std::min(1.0, ends.upper);
  }

  void SetProbability(const SolveQuery& query, Solution& solution) const {
    if (source_.replicates.empty()) return;
    const bool is_compute = unknown_ == Variable::kCompute;
    const double compute = is_compute ? *query.budget : query.given;
    const double prompt = is_compute ? query.given : *query.budget;
    const auto reaching = std::count_if(source_.replicates.begin(), source_.replicates.end(), [&](const Point& point) {
      return Predict(LawWith(point), compute, prompt, query.limit) >= query.target;
    });
    const std::size_t count = source_.replicates.size();
    solution.budget_probability =
        ExpandedShare(static_cast<double>(reaching) / static_cast<double>(count), units_, count);
  }

  const PredictionSource& source_;
  const Variable unknown_;
  const EffectiveUnits units_;  // effective units behind the answer
  const IntervalTail tail_;
  const FactorKnowledge wanted_;  // knowledge of the unknown variable's factor
  const FactorKnowledge given_;
};

}  // namespace

absl::StatusOr<std::vector<Solution>> Solve(const PredictionSource& source, Variable unknown,
                                            const std::vector<SolveQuery>& queries, double confidence,
                                            const StopSignal& stop) {
  const Solver solver(source, unknown, confidence);
  std::vector<Solution> solutions;
  for (const SolveQuery& query : queries) {
    CTXFIT_RETURN_IF_ERROR(stop.Check());
    solutions.push_back(solver.Answer(query));
  }
  return solutions;
}

}  // namespace ctxfit

#include "kernels/predict/predictions.h"

#include <algorithm>
#include <cmath>

#include "kernels/law/law.h"
#include "kernels/law/penalty.h"
#include "kernels/law/penalty_at.h"
#include "kernels/statistics/misfit/drift_test.h"

namespace ctxfit {
namespace {

// True within a range, but for its ends.
bool IsInside(const Range& range, double value) {
  return IsObserved(range, value) && !IsObserved({range.lower, range.lower}, value) &&
         !IsObserved({range.upper, range.upper}, value);
}

// True if the variable's factor rises noticeably from one end of `range` to the other.
bool Rises(const PredictionSource& source, Variable variable, const Range& range) {
  constexpr double kRises = 0.02;
  const Point& point = source.law.point;
  const auto at = [&](double value) {
    return variable == Variable::kCompute ? ComputeFactor(point, std::log(value / source.law.references.compute_flops))
                                          : ContextFactor(point, std::log(value / source.law.references.prompt_tokens));
  };
  return at(range.upper) - at(range.lower) > kRises;
}

}  // namespace

bool IsObserved(const Range& range, double value) {
  constexpr double kSlack = 0.01;
  return value >= range.lower * (1 - kSlack) && value <= range.upper * (1 + kSlack);
}

bool IsPenaltyExtrapolated(const PredictionSource& source, double prompt_tokens, double limit_tokens) {
  constexpr double kSame = 1e-3;  // difference of penalties that a score does not show
  if (source.law.penalty.form == Penalty::Form::kNone) return false;
  const double share = prompt_tokens / limit_tokens;
  if (IsObserved(source.observed.limit_share, share)) return false;
  const double nearest = std::clamp(share, source.observed.limit_share.lower, source.observed.limit_share.upper);
  const auto penalty_at = [&](double prompt) {
    return PenaltyFactor(MakeExcess(source.law.penalty, prompt, limit_tokens), source.law.point);
  };
  return std::abs(penalty_at(prompt_tokens) - penalty_at(nearest * limit_tokens)) > kSame;
}

Extrapolation FindExtrapolation(const PredictionSource& source, double compute_flops, double prompt_tokens,
                                double limit_tokens) {
  return {!IsObserved(source.observed.compute_flops, compute_flops) ||
              !IsObserved(source.observed.prompt_tokens, prompt_tokens),
          IsPenaltyExtrapolated(source, prompt_tokens, limit_tokens)};
}

Withheld WhyWithheld(const PredictionSource& source, const Extrapolation& extrapolation) {
  return {extrapolation.of_ranges && Drifts(source.drift_p_value), extrapolation.of_penalty && !source.fits_penalty};
}

const ObservedVariable& ObservedOf(const PredictionSource& source, Variable variable) {
  return variable == Variable::kCompute ? source.observed.compute_flops : source.observed.prompt_tokens;
}

bool IsFactorIdentified(const PredictionSource& source, Variable variable) {
  return variable == Variable::kCompute
             ? source.identified[kLogComputeCoefficient] && source.identified[kComputeExponent]
             : source.identified[kLogContextCoefficient] && source.identified[kContextExponent];
}

bool IsInterpolated(const PredictionSource& source, Variable variable, double value) {
  const ObservedVariable& observed = ObservedOf(source, variable);
  return !IsFactorIdentified(source, variable) && IsInside(observed, value) && Rises(source, variable, observed);
}

bool IsFactorDetermined(const PredictionSource& source, Variable variable, double value) {
  if (IsFactorIdentified(source, variable)) return true;
  const ObservedVariable& observed = ObservedOf(source, variable);
  if (!IsObserved(observed, value)) return false;
  const bool two_levels = observed.informative && observed.level_count == 2;
  return !two_levels || !IsInside(*observed.informative, value) || !Rises(source, variable, *observed.informative);
}

bool IsPenaltyDetermined(const PredictionSource& source, double prompt_tokens, double limit_tokens) {
  if (source.identified[kLogPenaltyWidth] && source.identified[kLogPenaltyOnset]) return true;
  const double share = prompt_tokens / limit_tokens;
  return IsObserved(source.observed.limit_share, share) && !IsInside(source.observed.penalty_fall, share);
}

bool IsDetermined(const PredictionSource& source, double compute_flops, double prompt_tokens, double limit_tokens) {
  return IsFactorDetermined(source, Variable::kCompute, compute_flops) &&
         IsFactorDetermined(source, Variable::kPrompt, prompt_tokens) &&
         IsPenaltyDetermined(source, prompt_tokens, limit_tokens);
}

}  // namespace ctxfit

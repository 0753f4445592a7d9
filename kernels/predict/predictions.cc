#include "kernels/predict/predictions.h"

#include <algorithm>
#include <cmath>

#include "kernels/law/penalty.h"
#include "kernels/law/penalty_at.h"
#include "kernels/statistics/drift_test.h"

namespace ctxfit {

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

bool IsPenaltyDetermined(const PredictionSource& source, double prompt_tokens, double limit_tokens) {
  return (source.identified[kLogPenaltyWidth] && source.identified[kLogPenaltyOnset]) ||
         IsObserved(source.observed.limit_share, prompt_tokens / limit_tokens);
}

bool IsDetermined(const PredictionSource& source, double compute_flops, double prompt_tokens, double limit_tokens) {
  const bool compute_identified = source.identified[kLogComputeCoefficient] && source.identified[kComputeExponent];
  const bool context_identified = source.identified[kLogContextCoefficient] && source.identified[kContextExponent];
  return (compute_identified || IsObserved(source.observed.compute_flops, compute_flops)) &&
         (context_identified || IsObserved(source.observed.prompt_tokens, prompt_tokens)) &&
         IsPenaltyDetermined(source, prompt_tokens, limit_tokens);
}

}  // namespace ctxfit

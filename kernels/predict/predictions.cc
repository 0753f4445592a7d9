#include "kernels/predict/predictions.h"

#include "kernels/statistics/drift_test.h"

namespace ctxfit {

bool IsObserved(const Range& range, double value) {
  constexpr double kSlack = 0.01;
  return value >= range.lower * (1 - kSlack) && value <= range.upper * (1 + kSlack);
}

bool IsExtrapolated(const PredictionSource& source, double compute_flops, double prompt_tokens) {
  return !IsObserved(source.observed.compute_flops, compute_flops) ||
         !IsObserved(source.observed.prompt_tokens, prompt_tokens);
}

bool IsWithheld(const PredictionSource& source, double compute_flops, double prompt_tokens) {
  return Drifts(source.drift_p_value) && IsExtrapolated(source, compute_flops, prompt_tokens);
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

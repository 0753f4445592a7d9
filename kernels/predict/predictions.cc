#include "kernels/predict/predictions.h"

namespace ctxfit {

bool IsObserved(const Range& range, double value) {
  constexpr double kSlack = 0.01;
  return value >= range.lower * (1 - kSlack) && value <= range.upper * (1 + kSlack);
}

bool IsDetermined(const PredictionSource& source, double compute_flops, double prompt_tokens) {
  const bool compute_identified = source.identified[kLogComputeCoefficient] && source.identified[kComputeExponent];
  const bool context_identified = source.identified[kLogContextCoefficient] && source.identified[kContextExponent];
  return (compute_identified || IsObserved(source.observed.compute_flops, compute_flops)) &&
         (context_identified || IsObserved(source.observed.prompt_tokens, prompt_tokens));
}

}  // namespace ctxfit

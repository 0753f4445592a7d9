#include "kernels/predict/predictions.h"

#include <algorithm>
#include <cmath>

#include "kernels/law/law.h"
#include "kernels/law/penalty.h"
#include "kernels/law/penalty_at.h"
#include "kernels/statistics/drift_test.h"

namespace ctxfit {
namespace {

// A factor of the law, with what was observed of its variable.
struct Factor {
  double (*value)(const Point&, double log_ratio);
  double reference;
  ObservedVariable observed;
  bool identified;  // true if both of its parameters are
};

Factor ComputeFactorOf(const PredictionSource& source) {
  return {&ComputeFactor<double>, source.law.references.compute_flops, source.observed.compute_flops,
          source.identified[kLogComputeCoefficient] && source.identified[kComputeExponent]};
}

Factor ContextFactorOf(const PredictionSource& source) {
  return {&ContextFactor<double>, source.law.references.prompt_tokens, source.observed.prompt_tokens,
          source.identified[kLogContextCoefficient] && source.identified[kContextExponent]};
}

// True within a range, but for its ends.
bool IsInside(const Range& range, double value) {
  return IsObserved(range, value) && !IsObserved({range.lower, range.lower}, value) &&
         !IsObserved({range.upper, range.upper}, value);
}

bool Rises(const PredictionSource& source, const Factor& factor, const Range& range) {
  constexpr double kRises = 0.02;
  const auto at = [&](double end) { return factor.value(source.law.point, std::log(end / factor.reference)); };
  return at(range.upper) - at(range.lower) > kRises;
}

bool IsInterpolated(const PredictionSource& source, const Factor& factor, double value) {
  return !factor.identified && IsInside(factor.observed, value) && Rises(source, factor, factor.observed);
}

bool IsFactorDetermined(const PredictionSource& source, const Factor& factor, double value) {
  if (factor.identified) return true;
  if (!IsObserved(factor.observed, value)) return false;
  const std::optional<Range>& informative = factor.observed.informative;
  const bool two_levels = informative && factor.observed.level_count == 2;
  return !two_levels || !IsInside(*informative, value) || !Rises(source, factor, *informative);
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

bool IsComputeInterpolated(const PredictionSource& source, double compute_flops) {
  return IsInterpolated(source, ComputeFactorOf(source), compute_flops);
}

bool IsPromptInterpolated(const PredictionSource& source, double prompt_tokens) {
  return IsInterpolated(source, ContextFactorOf(source), prompt_tokens);
}

bool IsComputeDetermined(const PredictionSource& source, double compute_flops) {
  return IsFactorDetermined(source, ComputeFactorOf(source), compute_flops);
}

bool IsPromptDetermined(const PredictionSource& source, double prompt_tokens) {
  return IsFactorDetermined(source, ContextFactorOf(source), prompt_tokens);
}

bool IsPenaltyDetermined(const PredictionSource& source, double prompt_tokens, double limit_tokens) {
  return (source.identified[kLogPenaltyWidth] && source.identified[kLogPenaltyOnset]) ||
         IsObserved(source.observed.limit_share, prompt_tokens / limit_tokens);
}

bool IsDetermined(const PredictionSource& source, double compute_flops, double prompt_tokens, double limit_tokens) {
  return IsComputeDetermined(source, compute_flops) && IsPromptDetermined(source, prompt_tokens) &&
         IsPenaltyDetermined(source, prompt_tokens, limit_tokens);
}

}  // namespace ctxfit

#include "kernels/predict/inverse.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/base/find_root.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/factor.h"
#include "kernels/law/fitted_law.h"
#include "kernels/law/law.h"
#include "kernels/law/penalty.h"
#include "kernels/law/penalty_at.h"

namespace ctxfit {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// One factor of the law, f or g, as a function of the log ratio of its variable to the reference.
struct FactorCurve {
  double log_coefficient;
  double exponent;

  // ln of the ratio (of the variable to its reference) at which the factor is `value`.
  double LogRatioAt(double value) const {
    if (value <= 0) return -kInfinity;
    if (value >= 1) return kInfinity;
    if (exponent == 0) return Saturate(log_coefficient) >= value ? -kInfinity : kInfinity;
    return (std::log(-std::log1p(-value)) - log_coefficient) / exponent;
  }

  double At(double log_ratio) const { return Saturate(LogRate(log_coefficient, exponent, log_ratio)); }

  // The limit of the factor as its variable grows.
  double Highest() const { return exponent > 0 ? 1 : At(0); }

  // d ln factor / d ln variable. The factor is proportional to its rate where both have vanished.
  double LogSlope(double log_ratio) const {
    const Saturation<double> factor = SaturateWithSlope(LogRate(log_coefficient, exponent, log_ratio));
    return factor.value > 0 ? exponent * factor.slope / factor.value : exponent;
  }
};

FactorCurve CurveOf(const Law& law, const Factor& factor) {
  return {law.point.at[factor.coefficient], law.point.at[factor.exponent]};
}

// The f g s at which a law gives `score` = floor + (ceiling - floor) f g s. At most 0 up to the floor.
double ShareOf(const Law& law, double score) { return (score - law.point.at[kFloor]) / SpanOf(law.point); }

// The score of a law at f g s = `share`.
double ScoreOf(const Law& law, double share) { return law.point.at[kFloor] + SpanOf(law.point) * share; }

// g s, which does not depend on compute.
double WithoutCompute(const Law& law, double prompt_tokens, double limit_tokens) {
  return CurveOf(law, kContextFactor).At(std::log(prompt_tokens / law.references.prompt_tokens)) *
         PenaltyFactor(MakeExcess(law.penalty, prompt_tokens, limit_tokens), law.point);
}

// A root of `function`, which has different signs at `low` < `high`, to 1e-12. If rounding hides the change of sign,
// the end with the smaller value is the root.
template <class Function>
double RootBetween(const Function& function, double low, double high) {
  const double at_low = function(low);
  const double at_high = function(high);
  const double nearer = std::abs(at_low) < std::abs(at_high) ? low : high;
  return FindRoot(function, low, high, at_low, at_high, 1e-12).value_or(nearer);
}

// A law with a penalty, at one compute and one limit, as a function of ln n.
class AlongPrompts {
 public:
  AlongPrompts(const Law& law, double compute_flops, double limit_tokens)
      : law_(law),
        compute_flops_(compute_flops),
        limit_tokens_(limit_tokens),
        width_(law.penalty.width * std::exp(law.point.at[kLogPenaltyWidth]) *
               (law.penalty.form == Penalty::Form::kRatio ? limit_tokens : 1)),
        onset_((law.penalty.onset_ratio * limit_tokens + law.penalty.lag) * std::exp(law.point.at[kLogPenaltyOnset])) {}

  double Score(double log_prompt) const { return Predict(law_, compute_flops_, std::exp(log_prompt), limit_tokens_); }

  // ln n at the maximum; about the smallest that a double can express where g does not rise.
  double LogPeak() const {
    const FactorCurve context = CurveOf(law_, kContextFactor);
    const double log_reference = std::log(law_.references.prompt_tokens);
    const auto slope = [&](double log_prompt) {
      const double prompt = std::exp(log_prompt);
      const double excess = (prompt - onset_) / width_;
      return context.LogSlope(log_prompt - log_reference) - prompt / width_ / (1 + std::exp(-excess));
    };
    // Beyond 40 widths from the onset the penalty falls as exp(-n / w): faster than n^beta rises where n > beta w.
    const double high = std::log(onset_ + width_ * (context.exponent + 40));
    double low = high;
    for (double step = 0.5; slope(low) <= 0; step *= 2) {
      low -= step;
      if (low < kLogSmallest) return kLogSmallest;
    }
    return RootBetween(slope, low, high);
  }

  // ln n at which the penalty alone is below `share`, in (0, 1].
  double LogPenalized(double share) const { return std::log(onset_ + width_ * std::log1p(1 / share)); }

 private:
  static constexpr double kLogSmallest = -700;

  const Law& law_;
  const double compute_flops_;
  const double limit_tokens_;
  const double width_;  // tokens
  const double onset_;  // its centre, tokens
};

}  // namespace

double LogLeastCompute(const Law& law, double target, double prompt_tokens, double limit_tokens) {
  const double share = ShareOf(law, target);
  if (share <= 0) return -kInfinity;
  return std::log(law.references.compute_flops) +
         CurveOf(law, kComputeFactor).LogRatioAt(share / WithoutCompute(law, prompt_tokens, limit_tokens));
}

double HighestScoreOverCompute(const Law& law, double prompt_tokens, double limit_tokens) {
  return ScoreOf(law, CurveOf(law, kComputeFactor).Highest() * WithoutCompute(law, prompt_tokens, limit_tokens));
}

PromptWindow FindPromptWindow(const Law& law, double target, double compute_flops, double limit_tokens) {
  const double compute_factor = CurveOf(law, kComputeFactor).At(std::log(compute_flops / law.references.compute_flops));
  // Targets up to the floor need no g s, whatever the compute.
  const double share = ShareOf(law, target) <= 0 ? 0 : ShareOf(law, target) / compute_factor;
  const double log_start = std::log(law.references.prompt_tokens) + CurveOf(law, kContextFactor).LogRatioAt(share);
  if (law.penalty.form == Penalty::Form::kNone) {
    return {log_start, log_start < kInfinity ? kInfinity : -kInfinity,
            ScoreOf(law, compute_factor * CurveOf(law, kContextFactor).Highest())};
  }
  const AlongPrompts along(law, compute_flops, limit_tokens);
  const double log_peak = along.LogPeak();
  const double highest = along.Score(log_peak);
  if (highest < target) return {kInfinity, -kInfinity, highest};
  if (share <= 0) return {-kInfinity, kInfinity, highest};
  const auto excess = [&](double log_prompt) { return along.Score(log_prompt) - target; };
  // Without its penalty the law reaches the target no later than with it; with g = 1 it leaves the target no earlier.
  const double log_shortest =
      log_start < log_peak && log_start > -kInfinity ? RootBetween(excess, log_start, log_peak) : log_start;
  return {std::min(log_shortest, log_peak),
          RootBetween(excess, log_peak, std::max(log_peak, along.LogPenalized(share))), highest};
}

}  // namespace ctxfit

#include "kernels/statistics/estimates.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/domain.h"
#include "kernels/law/fitted_law.h"
#include "kernels/law/law.h"
#include "kernels/law/parameters.h"
#include "kernels/law/penalty.h"
#include "kernels/law/range.h"
#include "kernels/statistics/errors/few_units.h"
#include "kernels/statistics/errors/influence.h"
#include "kernels/statistics/errors/sandwich.h"
#include "kernels/statistics/identification/diagnostics.h"
#include "kernels/statistics/intervals/intervals.h"
#include "kernels/statistics/numerics/distributions.h"

namespace ctxfit {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// A function of the coordinates.
struct Quantity {
  std::function<double(const Point&)> value;
  bool logarithmic;  // true if its estimate, which is > 0, is closer to normal in its logarithm
  Range bounds = {-kInfinity, kInfinity};
  bool is_share = false;  // true if it lies in [0, 1]: few units then stretch its interval on the scale of its logit
};

// `interval` with the logits of its ends and of `median`, which are in [0, 1], moved apart; linearly where the median
// has none.
Range StretchShare(const Range& interval, double median, double factor) {
  const auto logit = [](double share) { return std::log(share / (1 - share)); };
  const double centre = logit(median);
  if (!std::isfinite(centre)) return Stretch(interval, median, factor);
  const Range logits = Stretch({logit(interval.lower), logit(interval.upper)}, centre, factor);
  return {1 / (1 + std::exp(-logits.lower)), 1 / (1 + std::exp(-logits.upper))};
}

// `quantity` at a point, on the scale on which its estimate is about normal.
double ScaledAt(const Quantity& quantity, const Point& at) {
  return quantity.logarithmic ? std::log(quantity.value(at)) : quantity.value(at);
}

// The effective units behind a quantity that depends on the coordinates in `parts`.
EffectiveUnits UnitsBehind(const Quantity& quantity, const std::vector<Coordinate>& parts, const Point& point,
                           const UncertaintySource& uncertainty) {
  EffectiveUnits units = uncertainty.units;
  if (uncertainty.few_units != nullptr) {
    const auto scaled = [&](const Point& at) { return ScaledAt(quantity, at); };
    const std::optional<Expansion> expansion = uncertainty.few_units->ExpansionFor(GradientOf(scaled, point).by);
    return expansion ? UnitsWithExpansion(units.count, *expansion) : units;
  }
  for (const Coordinate part : parts) units = WeakerUnits(units, uncertainty.determining_units[part]).value_or(units);
  return units;
}

// Stretches an interval of `quantity` about `median`, on the scale on which it is about normal and within its bounds.
Range StretchWithinBounds(const Quantity& quantity, const Range& interval, double median, double factor) {
  Range stretched = Stretch(interval, median, factor);
  if (quantity.logarithmic) {
    const Range ratios = Stretch({std::log(interval.lower / median), std::log(interval.upper / median)}, 0, factor);
    stretched = {median * std::exp(ratios.lower), median * std::exp(ratios.upper)};
  }
  if (quantity.is_share) stretched = StretchShare(interval, median, factor);
  return {std::max(stretched.lower, quantity.bounds.lower), std::min(stretched.upper, quantity.bounds.upper)};
}

std::string NoSpread(double value) { return absl::StrFormat("no spread: nearly all replicates end at %.6g", value); }

// Adds the interval of a positive quantity whose estimate, or whose value in some replicates, is 0 or infinite. An end
// read off at such a replicate is 0 or infinite, too.
void AddUnboundedInterval(const std::vector<double>& values, const Range& probabilities, double stretch,
                          Estimate& estimate) {
  std::vector<double> logs;
  for (const double value : values) logs.push_back(std::isnan(value) ? kInfinity : std::log(value));
  const auto share_at = [&logs](double log) {
    return 100 * static_cast<double>(std::count(logs.begin(), logs.end(), log)) / static_cast<double>(logs.size());
  };
  const double value = estimate.value.value_or(kInfinity);
  const Range interval = Holding(IntervalOfLogs(logs, probabilities, stretch, std::log(value)), value);
  std::vector<std::string> ends;
  if (interval.lower == 0) {
    ends.push_back(absl::StrFormat("reaches 0: %.1f %% of the replicates are 0", share_at(-kInfinity)));
  }
  if (std::isinf(interval.upper)) {
    ends.push_back(absl::StrFormat("unbounded: %.1f %% of the replicates have no finite value", share_at(kInfinity)));
  }
  estimate.reason = absl::StrJoin(ends, "; ");
  if (ends.empty() && IsRounding(interval, true)) {
    estimate.reason = NoSpread(interval.lower);
    return;
  }
  if (interval.lower < interval.upper) estimate.interval = interval;
}

// Adds the interval over the replicates of a fitted and identified `quantity`, or the reason why there is none.
void AddInterval(const Quantity& quantity, const Point& point, const UncertaintySource& uncertainty,
                 const EffectiveUnits& units, Estimate& estimate) {
  estimate.reason = uncertainty.no_interval_reason;
  if (!estimate.reason.empty()) return;
  std::vector<double> values;
  for (const Point& replicate : uncertainty.replicates) values.push_back(quantity.value(replicate));
  const IntervalTail tail = ExpandedTail(uncertainty.confidence, units, values.size());
  Range probabilities = {tail.probability, 1 - tail.probability};
  if (uncertainty.influence && estimate.value) {
    const double acceleration = Acceleration(*uncertainty.influence, GradientOf(quantity.value, point).by);
    probabilities = BcaProbabilities(values, *estimate.value, acceleration, tail.probability);
  }
  const auto is_finite = [&](double value) { return std::isfinite(value) && (!quantity.logarithmic || value > 0); };
  if (!estimate.value || !std::all_of(values.begin(), values.end(), is_finite)) {
    AddUnboundedInterval(values, probabilities, tail.stretch, estimate);
    return;
  }
  const double standard_error = StandardDeviation(values);
  Range interval = QuantileInterval(values, probabilities);
  if (IsRounding(interval, quantity.logarithmic)) {
    estimate.reason = NoSpread(interval.lower);
    return;
  }
  estimate.monte_carlo_error = MonteCarloError(values, probabilities);
  if (tail.stretch > 1) {
    interval = StretchWithinBounds(quantity, interval, Quantile(values, 0.5), tail.stretch);
    estimate.monte_carlo_error = Stretch(*estimate.monte_carlo_error, 0, tail.stretch);
  }
  estimate.interval = Holding(interval, *estimate.value);
  if (std::isfinite(standard_error)) estimate.standard_error = standard_error;
}

// Adds the interval by the delta method, symmetric on the scale on which the estimate is about normal.
void AddSandwich(const Quantity& quantity, const Point& point, const UncertaintySource& uncertainty,
                 Estimate& estimate) {
  const auto scaled = [&](const Point& at) { return ScaledAt(quantity, at); };
  const double error = uncertainty.sandwich->StandardError(GradientOf(scaled, point).by);
  if (!std::isfinite(error)) return;
  const double half = error * StudentQuantile(uncertainty.confidence, uncertainty.sandwich->degrees_of_freedom);
  const double value = *estimate.value;
  const Range interval =
      quantity.logarithmic ? Range{value * std::exp(-half), value * std::exp(half)} : Range{value - half, value + half};
  if (!std::isfinite(interval.upper) || IsRounding(interval, quantity.logarithmic)) return;
  estimate.sandwich_standard_error = quantity.logarithmic ? value * error : error;
  estimate.sandwich_interval = interval;
}

// Estimates a quantity that depends on the coordinates in `parts`.
Estimate MakeEstimate(absl::string_view name, const Quantity& quantity, const std::vector<Coordinate>& parts,
                      const Law& law, const Domain& domain, const Diagnostics& diagnostics,
                      const UncertaintySource& uncertainty) {
  Estimate estimate;
  estimate.name = std::string(name);
  const double value = quantity.value(law.point);
  if (std::isfinite(value) && (!quantity.logarithmic || value > 0)) estimate.value = value;
  estimate.fixed = std::none_of(parts.begin(), parts.end(), [&](Coordinate part) { return domain.free[part]; });
  if (estimate.fixed) return estimate;
  for (const Coordinate part : parts) {
    if (diagnostics.identified[part]) continue;
    estimate.identified = false;
    estimate.reason = diagnostics.reason[part];
    return estimate;
  }
  AddInterval(quantity, law.point, uncertainty, UnitsBehind(quantity, parts, law.point, uncertainty), estimate);
  const double determining = uncertainty.determining_units[parts.front()];
  if (parts.size() == 1 && determining > 0) estimate.determining_units = determining;
  if (uncertainty.sandwich && estimate.value) AddSandwich(quantity, law.point, uncertainty, estimate);
  return estimate;
}

// False for a context factor that is fixed at 1 everywhere, which is how a law without one is expressed.
bool HasContextFactor(const Law& law, const Domain& domain) {
  return domain.free[kLogContextCoefficient] || domain.free[kContextExponent] ||
         Saturate(law.point.at[kLogContextCoefficient]) < 1 || law.point.at[kContextExponent] != 0;
}

// An estimate of a number that was chosen, not fitted.
Estimate MakeChosen(absl::string_view name, double value) {
  Estimate estimate;
  estimate.name = std::string(name);
  estimate.value = value;
  estimate.fixed = true;
  return estimate;
}

// The scale reference * coefficient^(-1 / exponent), where the factor reaches 1 - 1/e; infinite or 0 where a vanishing
// exponent makes it overflow or underflow.
Quantity CharacteristicScale(double reference, Coordinate log_coefficient, Coordinate exponent) {
  const auto value = [=](const Point& point) {
    return reference * std::exp(-point.at[log_coefficient] / point.at[exponent]);
  };
  return {value, true};
}

}  // namespace

std::vector<Estimate> MakeEstimates(const Law& law, const Domain& domain, const Diagnostics& diagnostics,
                                    const UncertaintySource& uncertainty) {
  std::vector<Estimate> estimates;
  const auto add = [&](absl::string_view name, const Quantity& quantity, const std::vector<Coordinate>& parts) {
    estimates.push_back(MakeEstimate(name, quantity, parts, law, domain, diagnostics, uncertainty));
  };
  const auto add_parameter = [&](Coordinate coordinate) {
    const auto value = [&law, coordinate](const Point& point) {
      return ToParameter(coordinate, point.at[coordinate], law.penalty);
    };
    const auto [lower, upper] = std::minmax({value(domain.lower), value(domain.upper)});
    const bool is_share = coordinate == kFloor || coordinate == kHeadroom;
    add(ParameterName(coordinate, law.penalty.form), {value, IsLogarithm(coordinate), {lower, upper}, is_share},
        {coordinate});
  };
  const bool context = HasContextFactor(law, domain);
  add_parameter(kLogComputeCoefficient);
  add_parameter(kComputeExponent);
  estimates.push_back(MakeChosen("compute_reference_flops", law.references.compute_flops));
  if (context) {
    add_parameter(kLogContextCoefficient);
    add_parameter(kContextExponent);
    estimates.push_back(MakeChosen("prompt_reference_tokens", law.references.prompt_tokens));
  }
  if (law.penalty.form != Penalty::Form::kNone) {
    add_parameter(kLogPenaltyWidth);
    add_parameter(kLogPenaltyOnset);
  }
  for (const Coordinate coordinate : {kFloor, kHeadroom}) {
    if (domain.free[coordinate] || law.point.at[coordinate] != 0) add_parameter(coordinate);
  }
  add("characteristic_compute_flops",
      CharacteristicScale(law.references.compute_flops, kLogComputeCoefficient, kComputeExponent),
      {kLogComputeCoefficient, kComputeExponent});
  if (!context) return estimates;
  add("characteristic_prompt_tokens",
      CharacteristicScale(law.references.prompt_tokens, kLogContextCoefficient, kContextExponent),
      {kLogContextCoefficient, kContextExponent});
  return estimates;
}

}  // namespace ctxfit

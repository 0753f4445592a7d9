#include "kernels/statistics/intervals.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "kernels/law/range.h"
#include "kernels/statistics/distributions.h"

namespace ctxfit {

QuantilePlace PlaceOfQuantile(std::size_t count, double probability) {
  const double position = probability * static_cast<double>(count - 1);
  const auto below = static_cast<std::size_t>(position);
  return {below, position - static_cast<double>(below)};
}

double QuantileAt(absl::Span<double> values, const QuantilePlace& place) {
  const auto at_below = values.begin() + static_cast<std::ptrdiff_t>(place.below);
  std::nth_element(values.begin(), at_below, values.end());
  if (place.share == 0) return *at_below;
  return Interpolate(*at_below, *std::min_element(at_below + 1, values.end()), place.share);
}

double Quantile(std::vector<double>& values, double probability) {
  return QuantileAt(absl::MakeSpan(values), PlaceOfQuantile(values.size(), probability));
}

EffectiveUnits FindEffectiveUnits(std::int64_t unit_count, std::int64_t unit_2_count, std::int64_t stratum_count,
                                  std::int64_t fitted) {
  if (unit_2_count > 0) return {std::min(unit_count, unit_2_count), 1};
  const std::int64_t count = stratum_count > 0 ? unit_count - stratum_count + 1 : unit_count;
  return {count, std::max<std::int64_t>(1, fitted)};
}

double ExpandedTail(double confidence, const EffectiveUnits& units) {
  const double tail = (1 - confidence) / 2;
  if (units.count < 2) return tail;
  const auto count = static_cast<double>(units.count);
  const auto freedom = static_cast<double>(std::max<std::int64_t>(1, units.count - units.fitted));
  const double t = StudentUpperQuantile(tail, freedom);
  // The tail of a few units may underflow to 0, where the normal distribution has no quantile.
  return std::max(NormalProbability(-t * std::sqrt(count / freedom)), std::numeric_limits<double>::min());
}

Range QuantileInterval(std::vector<double>& values, const Range& probabilities) {
  return {Quantile(values, probabilities.lower), Quantile(values, probabilities.upper)};
}

Range PercentileInterval(std::vector<double>& values, double tail) {
  return QuantileInterval(values, {tail, 1 - tail});
}

Range BcaProbabilities(absl::Span<const double> values, double estimate, double acceleration, double tail) {
  const auto count = static_cast<double>(values.size());
  std::int64_t half_steps = 0;
  for (const double value : values) half_steps += (value < estimate) + (value <= estimate);
  const double below = static_cast<double>(half_steps) / 2;
  // An estimate beyond all replicates counts as the median of the first or the last one.
  const double bias = NormalQuantile(std::clamp(below / count, 0.5 / count, 1 - 0.5 / count));
  const auto adjusted = [&](double quantile) {
    const double shifted = bias + quantile;
    const double stretch = 1 - acceleration * shifted;
    // The map has a pole at 1 / a, beyond which it would no longer be monotonic.
    if (!(stretch > 0)) return shifted > 0 ? 1.0 : 0.0;
    return NormalProbability(bias + shifted / stretch);
  };
  // The upper quantile follows by symmetry, since 1 - tail may round to 1.
  const double quantile = NormalQuantile(tail);
  return {adjusted(quantile), adjusted(-quantile)};
}

Range MonteCarloError(std::vector<double>& values, const Range& probabilities) {
  const auto error = [&values](double probability) {
    const double share = std::sqrt(probability * (1 - probability) / static_cast<double>(values.size()));
    const double below = Quantile(values, std::max(0.0, probability - share));
    return (Quantile(values, std::min(1.0, probability + share)) - below) / 2;
  };
  return {error(probabilities.lower), error(probabilities.upper)};
}

double StandardDeviation(const std::vector<double>& values) {
  const auto count = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / count;
  double sum = 0;
  for (const double value : values) sum += (value - mean) * (value - mean);
  return std::sqrt(sum / (count - 1));
}

}  // namespace ctxfit

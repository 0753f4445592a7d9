#include "kernels/statistics/intervals/intervals.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>

#include "kernels/law/range.h"
#include "kernels/statistics/numerics/distributions.h"

namespace ctxfit {

bool IsRounding(const Range& interval, bool logarithmic) {
  if (interval.lower == interval.upper) return true;
  if (logarithmic) return interval.lower >= interval.upper * (1 - kRoundingWidth);
  return interval.upper - interval.lower <= kRoundingWidth;
}

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

Range QuantileInterval(std::vector<double>& values, const Range& probabilities) {
  return {Quantile(values, probabilities.lower), Quantile(values, probabilities.upper)};
}

Range Stretch(const Range& interval, double centre, double factor) {
  return {centre + factor * (interval.lower - centre), centre + factor * (interval.upper - centre)};
}

Range Holding(const Range& interval, double estimate) {
  return {std::min(interval.lower, estimate), std::max(interval.upper, estimate)};
}

Range IntervalOfLogs(std::vector<double> logs, const Range& probabilities, double stretch, double log_centre) {
  // Interpolation between infinities is not a number. From this far out, any share of the way overflows or underflows.
  constexpr double kBeyond = 1e12;
  for (double& log : logs) log = std::clamp(log, -kBeyond, kBeyond);
  Range ends = QuantileInterval(logs, probabilities);
  if (stretch > 1) {
    const double median = Quantile(logs, 0.5);
    const Range stretched = Stretch(ends, std::abs(median) < kBeyond / 2 ? median : log_centre, stretch);
    ends = {std::min(ends.lower, stretched.lower), std::max(ends.upper, stretched.upper)};
  }
  return {std::exp(ends.lower), std::exp(ends.upper)};
}

Range PercentileInterval(std::vector<double>& values, const IntervalTail& tail) {
  const Range interval = QuantileInterval(values, {tail.probability, 1 - tail.probability});
  return tail.stretch > 1 ? Stretch(interval, Quantile(values, 0.5), tail.stretch) : interval;
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

double DeviationOf(const std::vector<Point>& replicates, int coordinate) {
  std::vector<double> values;
  for (const Point& replicate : replicates) values.push_back(replicate.at[coordinate]);
  return StandardDeviation(values);
}

}  // namespace ctxfit

#include "kernels/intervals.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace ctxfit {

double Quantile(std::vector<double>& values, double probability) {
  const double position = probability * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  const auto at_below = values.begin() + static_cast<std::ptrdiff_t>(below);
  std::nth_element(values.begin(), at_below, values.end());
  const double share = position - static_cast<double>(below);
  if (share == 0) return *at_below;
  const double above = *std::min_element(at_below + 1, values.end());
  return *at_below + share * (above - *at_below);
}

Range PercentileInterval(std::vector<double>& values, double confidence) {
  const double tail = (1 - confidence) / 2;
  return {Quantile(values, tail), Quantile(values, 1 - tail)};
}

Range MonteCarloError(std::vector<double>& values, double confidence) {
  const auto error = [&values](double probability) {
    const double share = std::sqrt(probability * (1 - probability) / static_cast<double>(values.size()));
    const double below = Quantile(values, std::max(0.0, probability - share));
    return (Quantile(values, std::min(1.0, probability + share)) - below) / 2;
  };
  const double tail = (1 - confidence) / 2;
  return {error(tail), error(1 - tail)};
}

double StandardDeviation(const std::vector<double>& values) {
  const auto count = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / count;
  double sum = 0;
  for (const double value : values) sum += (value - mean) * (value - mean);
  return std::sqrt(sum / (count - 1));
}

}  // namespace ctxfit

#include "kernels/predict/simultaneous_band.h"

#include <algorithm>
#include <cmath>

#include "kernels/law/range.h"
#include "kernels/predict/predictions.h"
#include "kernels/statistics/intervals.h"

namespace ctxfit {

void SimultaneousBand::Add(std::size_t point, double score, absl::Span<const double> replicates, double deviation,
                           int thread) {
  // Replicates that agree but for rounding have no spread: in units of it, roundings would be large.
  constexpr double kRounding = 1e-14;
  const bool spread = deviation > kRounding;
  deviations_[point] = spread ? deviation : 0;
  if (!spread) return;
  std::vector<double>& largest = largest_[thread];
  for (std::size_t b = 0; b < replicates.size(); ++b) {
    largest[b] = std::max(largest[b], std::abs(replicates[b] - score) / deviation);
  }
}

void SimultaneousBand::Finish(double confidence, const Range& attainable, const Range& unknown,
                              Predictions& predictions) const {
  std::vector<double> largest = largest_.front();
  for (const std::vector<double>& of_thread : largest_) {
    std::transform(largest.begin(), largest.end(), of_thread.begin(), largest.begin(),
                   [](double a, double b) { return std::max(a, b); });
  }
  const double critical = Quantile(largest, confidence);
  predictions.critical_value = critical;
  for (std::size_t i = 0; i < deviations_.size(); ++i) {
    const double score = predictions.score[i];
    const double half = critical * deviations_[i].value_or(0);
    const Range band = deviations_[i]
                           ? Range{std::max(attainable.lower, score - half), std::min(attainable.upper, score + half)}
                           : unknown;
    predictions.simultaneous_lower.push_back(band.lower);
    predictions.simultaneous_upper.push_back(band.upper);
  }
}

}  // namespace ctxfit

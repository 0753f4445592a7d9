#include "kernels/predict/simultaneous_band.h"

#include <algorithm>
#include <cmath>

#include "kernels/law/range.h"
#include "kernels/predict/predictions.h"
#include "kernels/statistics/intervals/effective_units.h"
#include "kernels/statistics/intervals/intervals.h"

namespace ctxfit {

void SimultaneousBand::Add(std::size_t point, double score, absl::Span<const double> replicates, double deviation,
                           double widening, int thread) {
  // Roundings would be large in units of a deviation that is rounding itself.
  constexpr double kRounding = 1e-14;
  const bool has_spread = deviation > kRounding;
  deviations_[point] = has_spread ? widening * deviation : 0;
  if (!has_spread) return;
  std::vector<double>& max_t = max_t_[thread];
  for (std::size_t b = 0; b < replicates.size(); ++b) {
    max_t[b] = std::max(max_t[b], std::abs(replicates[b] - score) / deviation);
  }
}

void SimultaneousBand::Finish(double confidence, const EffectiveUnits& units, const Range& attainable,
                              const Range& unknown, Predictions& predictions) const {
  std::vector<double> max_t = max_t_.front();
  for (const std::vector<double>& of_thread : max_t_) {
    std::transform(max_t.begin(), max_t.end(), of_thread.begin(), max_t.begin(),
                   [](double a, double b) { return std::max(a, b); });
  }
  const double height = Quantile(max_t, confidence);
  const double critical = height > 0 ? ExpandedHeight(height, units) : 0;
  predictions.critical_value = critical;
  for (std::size_t i = 0; i < deviations_.size(); ++i) {
    const double score = predictions.score[i];
    const double half = critical * deviations_[i].value_or(0);
    const auto attain = [&attainable](double end) { return std::clamp(end, attainable.lower, attainable.upper); };
    Range band = unknown;
    if (deviations_[i]) {
      band = {std::min(attain(score - half), predictions.mean_lower[i]),
              std::max(attain(score + half), predictions.mean_upper[i])};
    }
    predictions.simultaneous_lower.push_back(band.lower);
    predictions.simultaneous_upper.push_back(band.upper);
  }
}

}  // namespace ctxfit

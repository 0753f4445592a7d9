#include "kernels/statistics/intervals/mixture_interval.h"

#include <algorithm>
#include <cmath>

#include "kernels/base/find_root.h"
#include "kernels/law/range.h"

namespace ctxfit {

Range MixtureInterval(absl::Span<const double> means, double variance, double tail) {
  const double scale = std::sqrt(2 * variance);
  const auto share_below = [&](double value) {
    double sum = 0;
    for (const double mean : means) sum += std::erfc((mean - value) / scale);
    return sum / (2 * static_cast<double>(means.size()));
  };
  const auto quantile = [&](double probability) {
    const auto excess = [&](double value) { return share_below(value) - probability; };
    const double at_0 = excess(0);
    if (at_0 >= 0) return 0.0;
    return FindRoot(excess, 0, 1, at_0, excess(1), 1e-9).value_or(1);
  };
  // Both ends of a narrow mixture may be one number, found twice to the precision.
  const double lower = quantile(tail);
  return {lower, std::max(lower, quantile(1 - tail))};
}

}  // namespace ctxfit

#include "kernels/statistics/mixture_interval.h"

#include <boost/math/tools/toms748_solve.hpp>
#include <cmath>
#include <cstdint>

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
    if (excess(0) >= 0) return 0.0;
    if (excess(1) <= 0) return 1.0;
    const auto close = [](double a, double b) { return std::abs(a - b) < 1e-9; };
    std::uintmax_t iterations = 100;
    const auto [a, b] = boost::math::tools::toms748_solve(excess, 0.0, 1.0, close, iterations);
    return (a + b) / 2;
  };
  return {quantile(tail), quantile(1 - tail)};
}

}  // namespace ctxfit

#include "kernels/statistics/tail_interval.h"

#include <cmath>
#include <limits>

#include "kernels/law/range.h"

namespace ctxfit {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Standard deviations by which thresholds are drawn in where too few values lie beyond them, as where a tail is thin.
// Where that does not help, all values are looked at.
constexpr double kRetreats[] = {0, 0.5, 1, kInfinity};

// The quantile at a place among the first `count` values of a row.
double Select(const VectorKernels& kernels, double* values, std::size_t count, const QuantilePlace& place) {
  constexpr std::size_t kFew = 96;
  if (count > kFew) return QuantileAt({values, count}, place);
  const Neighbours found = kernels.select_among_few(values, count, place.below);
  return Interpolate(found.value, found.next, place.share);
}

}  // namespace

// So far out that of normally distributed values seldom too few lie there: two standard deviations of their number more
// than are needed.
double TailInterval::Reach(std::size_t needed, std::size_t count) {
  const auto enough = static_cast<double>(needed) + 2 * std::sqrt(static_cast<double>(needed));
  const auto all = static_cast<double>(count);
  return enough < all ? -NormalQuantile(enough / all) : -kInfinity;
}

TailInterval::TailInterval(std::size_t count, const Range& probabilities) : count_(count) {
  const QuantilePlace lower = PlaceOfQuantile(count, probabilities.lower);
  const std::size_t from_below = lower.below + (lower.share == 0 ? 1 : 2);
  lower_ = {lower, from_below, Reach(from_below, count)};
  const QuantilePlace upper = PlaceOfQuantile(count, probabilities.upper);
  const std::size_t from_above = count - upper.below;
  upper_ = {upper, from_above, Reach(from_above, count)};
}

Range TailInterval::Of(const VectorKernels& kernels, const double* values, const Spread& spread,
                       TailSpace& space) const {
  const double deviation = std::sqrt(spread.squares / static_cast<double>(count_));
  // By how much a threshold lies beyond the mean. Values that agree have no deviation to measure infinity in.
  const auto distance = [deviation](double reach) { return std::isinf(reach) ? reach : reach * deviation; };
  Tails tails = space.tails();
  for (const double retreat : kRetreats) {
    kernels.gather_tails(values, count_, spread.mean - distance(lower_.reach - retreat),
                         spread.mean + distance(upper_.reach - retreat), tails);
    if (tails.below_count >= lower_.needed && tails.above_count >= upper_.needed) break;
  }
  const QuantilePlace upper = {upper_.place.below - (count_ - tails.above_count), upper_.place.share};
  return {Select(kernels, tails.below, tails.below_count, lower_.place),
          Select(kernels, tails.above, tails.above_count, upper)};
}

}  // namespace ctxfit

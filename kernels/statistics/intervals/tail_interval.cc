#include "kernels/statistics/intervals/tail_interval.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/law/range.h"
#include "kernels/statistics/numerics/distributions.h"

namespace ctxfit {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Standard deviations by which thresholds move inwards, one after the other, as long as too few values lie beyond them:
// a tail may be thin. The last one leaves all values.
constexpr double kRetreats[] = {0, 0.5, 1, kInfinity};

// The quantile at `place` among the first `count` values of a row.
double Select(const VectorKernels& kernels, double* values, std::size_t count, const QuantilePlace& place) {
  constexpr std::size_t kFew = 96;
  if (count > kFew) return QuantileAt({values, count}, place);
  const Neighbours found = kernels.select_among_few(values, count, place.below);
  return Interpolate(found.value, found.next, place.share);
}

}  // namespace

double TailInterval::ThresholdDistance(std::size_t needed, std::size_t count) {
  // The number of values beyond has about its square root as its standard deviation: two of these to spare.
  const auto enough = static_cast<double>(needed) + 2 * std::sqrt(static_cast<double>(needed));
  const auto all = static_cast<double>(count);
  return enough < all ? -NormalQuantile(enough / all) : -kInfinity;
}

TailInterval::TailInterval(std::size_t count, const Range& probabilities, double stretch)
    : count_(count), stretch_(stretch) {
  const QuantilePlace lower = PlaceOfQuantile(count, probabilities.lower);
  const std::size_t from_below = lower.below + (lower.share == 0 ? 1 : 2);
  lower_ = {lower, from_below, ThresholdDistance(from_below, count)};
  const QuantilePlace upper = PlaceOfQuantile(count, probabilities.upper);
  const std::size_t from_above = count - upper.below;
  upper_ = {upper, from_above, ThresholdDistance(from_above, count)};
}

Range TailInterval::Find(const VectorKernels& kernels, const double* values, const Spread& spread,
                         TailBuffers& buffers) const {
  const double deviation = std::sqrt(spread.squares / static_cast<double>(count_));
  // An infinite distance stays infinite where all values are equal: infinity times 0 is not a number.
  const auto scaled = [deviation](double distance) { return std::isinf(distance) ? distance : distance * deviation; };
  Tails tails = buffers.tails();
  for (const double retreat : kRetreats) {
    kernels.gather_tails(values, count_, spread.mean - scaled(lower_.distance - retreat),
                         spread.mean + scaled(upper_.distance - retreat), tails);
    if (tails.below_count >= lower_.needed && tails.above_count >= upper_.needed) break;
  }
  const QuantilePlace upper = {upper_.place.below - (count_ - tails.above_count), upper_.place.share};
  const Range interval = {Select(kernels, tails.below, tails.below_count, lower_.place),
                          Select(kernels, tails.above, tails.above_count, upper)};
  if (stretch_ == 1) return interval;
  double* all = std::copy_n(values, count_, buffers.scratch()) - count_;
  return Stretch(interval, QuantileAt({all, count_}, PlaceOfQuantile(count_, 0.5)), stretch_);
}

}  // namespace ctxfit

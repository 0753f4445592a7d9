#ifndef CTXFIT_KERNELS_STATISTICS_INTERVALS_INTERVALS_H_
#define CTXFIT_KERNELS_STATISTICS_INTERVALS_INTERVALS_H_

#include <cstddef>
#include <vector>

#include "absl/types/span.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/range.h"
#include "kernels/statistics/intervals/effective_units.h"

namespace ctxfit {

// The greatest width of an interval that is rounding, not spread, on a scale on which the number is about 1 or a
// logarithm, as coordinates and scores are. Refits whose data leave no spread end within some 1e-13 of each other.
inline constexpr double kRoundingWidth = 1e-9;

// True if an interval has no width but rounding. `logarithmic`: its numbers, which are >= 0, are of any magnitude.
bool IsRounding(const Range& interval, bool logarithmic);

// The place of a quantile among sorted values: `share` of the way, in [0, 1), from value `below`, counted from 0, to
// the next.
struct QuantilePlace {
  std::size_t below;
  double share;
};

// The place of the quantile at `probability`, in [0, 1], among `count` values, at least one (definition 7 of Hyndman
// and Fan 1996).
QuantilePlace PlaceOfQuantile(std::size_t count, double probability);

// The value `share` of the way from `below` to `above`.
inline double Interpolate(double below, double above, double share) { return below + share * (above - below); }

// The quantile at `place` among `values`, which are reordered.
double QuantileAt(absl::Span<double> values, const QuantilePlace& place);

// The quantile at `probability`, in [0, 1], of `values`, at least one. Reorders `values`.
double Quantile(std::vector<double>& values, double probability);

// The interval between the quantiles at `probabilities`. Reorders `values`, at least one.
Range QuantileInterval(std::vector<double>& values, const Range& probabilities);

// Moves both ends of `interval` away from `centre` to `factor` times their distance.
Range Stretch(const Range& interval, double centre, double factor);

// `interval`, extended to `estimate` where it does not hold it: few or skewed replicates may all lie on one side.
Range Holding(const Range& interval, double estimate);

// The interval between the quantiles at `probabilities` of numbers whose natural logarithms are `logs`, at least one
// and none NaN, with its ends moved away from their median to `stretch` times their distance on that scale. +-infinity
// are numbers beyond all others, and an end between a number and one of these is infinite (0 or infinity). `log_centre`
// is the centre where the median is infinite. Returns the numbers, not their logarithms.
Range IntervalOfLogs(std::vector<double> logs, const Range& probabilities, double stretch, double log_centre);

// The percentile interval (Efron 1979) with that tail beyond each end. Reorders `values`, at least one.
Range PercentileInterval(std::vector<double>& values, const IntervalTail& tail);

// The probabilities of the bias-corrected and accelerated interval about `estimate` (BCa; Efron 1987), which for normal
// replicates would have probability `tail` > 0 beyond each end: Phi(z0 + (z0 + z) / (1 - a (z0 + z))), where z is the
// normal quantile at `tail` or 1 - `tail`, a the finite `acceleration`, and Phi(z0) the share of `values` below the
// estimate, ties counted half. 0 or 1 beyond the pole of that map, a (z0 + z) >= 1.
Range BcaProbabilities(absl::Span<const double> values, double estimate, double acceleration, double tail);

// The Monte-Carlo standard error of each end of the interval between two quantiles: half the distance between the
// quantiles at p - e and p + e, where e = sqrt(p (1 - p) / n) is the standard error of the share of n values below the
// quantile at p. Reorders `values`, at least one.
Range MonteCarloError(std::vector<double>& values, const Range& probabilities);

// The standard deviation, with n - 1 in the denominator, of at least two values.
double StandardDeviation(const std::vector<double>& values);

// The standard deviation of one coordinate over replicates, at least two.
double DeviationOf(const std::vector<Point>& replicates, int coordinate);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_STATISTICS_INTERVALS_INTERVALS_H_

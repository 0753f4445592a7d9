#ifndef CTXFIT_KERNELS_STATISTICS_INTERVALS_H_
#define CTXFIT_KERNELS_STATISTICS_INTERVALS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "kernels/law/range.h"

namespace ctxfit {

// Where a quantile lies among sorted values, counted from 0: at the value `below`, and `share` of the way to the next.
struct QuantilePlace {
  std::size_t below;
  double share;
};

// The place of the quantile at `probability` in [0, 1] among `count` values, at least one (definition 7 of Hyndman and
// Fan 1996).
QuantilePlace PlaceOfQuantile(std::size_t count, double probability);

// The quantile between two neighbours among sorted values.
inline double Interpolate(double below, double above, double share) { return below + share * (above - below); }

// The quantile at a place among `values`. Reorders them.
double QuantileAt(absl::Span<double> values, const QuantilePlace& place);

// The quantile at `probability` in [0, 1] of `values`, at least one. Reorders `values`.
double Quantile(std::vector<double>& values, double probability);

// The resampling units that decide how far replicates can be trusted, and the parameters that were fitted to them.
struct EffectiveUnits {
  std::int64_t count = 0;   // n; below 2: not known
  std::int64_t fitted = 1;  // p, at least 1
};

// Those of a fit of `fitted` parameters: the units that were resampled less what strata hold where there are any, or
// where two keys are crossed, the units of the smaller key. For these p is 1: product weights overstate the spread.
EffectiveUnits FindEffectiveUnits(std::int64_t unit_count, std::int64_t unit_2_count, std::int64_t stratum_count,
                                  std::int64_t fitted);

// The probability below the lower end of an interval over replicates, and above its upper end, that is to cover
// `confidence`: that of a normal number beyond -sqrt(n / (n - p)) t, t the quantile of Student's distribution with n -
// p degrees of freedom. Replicates of n units to which p parameters were fitted spread by a factor sqrt((n - p) / n)
// too little, and know no more of it than n - p units tell. With p = 1, a mean, it is the expanded percentile interval
// of Hesterberg 2015 ("What teachers should know about the bootstrap"). p is taken for n - 1 where it is more.
// (1 - confidence) / 2 where n is not known. Always > 0.
double ExpandedTail(double confidence, const EffectiveUnits& units);

// The interval between two quantiles. Reorders `values`, at least one.
Range QuantileInterval(std::vector<double>& values, const Range& probabilities);

// The percentile interval (Efron 1979) with those tails. Reorders `values`, at least one.
Range PercentileInterval(std::vector<double>& values, double tail);

// The probabilities of the bias-corrected and accelerated interval (BCa; Efron 1987) with those tails about an
// estimate: Phi(z0 + (z0 + z) / (1 - a (z0 + z))), z0 by the share of `values` below the estimate, ties half. 0 or 1
// beyond the map's pole, a (z0 + z) >= 1. `tail` > 0, `acceleration` finite.
Range BcaProbabilities(absl::Span<const double> values, double estimate, double acceleration, double tail);

// The quantile of the standard normal distribution; `probability` in (0, 1).
double NormalQuantile(double probability);

// The Monte-Carlo standard error of either end of the interval between two quantiles: half the distance between the
// quantiles at p - e and p + e, where e = sqrt(p (1 - p) / n) is the standard error of the share of n values below the
// quantile at p. Reorders `values`, at least one.
Range MonteCarloError(std::vector<double>& values, const Range& probabilities);

// Standard deviation with n - 1 in the denominator; at least two values.
double StandardDeviation(const std::vector<double>& values);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_STATISTICS_INTERVALS_H_

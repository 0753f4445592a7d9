#ifndef CTXFIT_KERNELS_STATISTICS_INTERVALS_H_
#define CTXFIT_KERNELS_STATISTICS_INTERVALS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "kernels/law/range.h"

namespace ctxfit {

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

// The effective number of resampling units, which limits how well replicates show the spread of estimates, and the
// parameters that were fitted to them.
struct EffectiveUnits {
  std::int64_t count = 0;   // n; unknown if below 2
  std::int64_t fitted = 1;  // p, at least 1
};

// Returns the effective units of a fit of `fitted` parameters. With two crossed keys (`unit_2_count` > 0) these are the
// units of the smaller key, and p is 1, since product weights overstate the spread. With strata (`stratum_count` > 0)
// each stratum but the first costs one unit.
EffectiveUnits FindEffectiveUnits(std::int64_t unit_count, std::int64_t unit_2_count, std::int64_t stratum_count,
                                  std::int64_t fitted);

// The probability in each tail of an interval over replicates that covers `confidence`, in (0, 1): Phi(-sqrt(n / (n -
// p)) t), where Student's t with n - p degrees of freedom exceeds t with probability (1 - confidence) / 2. It makes up
// for replicates of n units and p fitted parameters that spread too little, by a factor of sqrt((n - p) / n), and for a
// spread that is known from n - p degrees of freedom only. With p = 1, a mean, the interval is the expanded percentile
// interval of Hesterberg 2015 ("What teachers should know about the bootstrap"). n - p is at least 1. Returns
// (1 - confidence) / 2 where n is unknown. Always > 0.
double ExpandedTail(double confidence, const EffectiveUnits& units);

// The interval between the quantiles at `probabilities`. Reorders `values`, at least one.
Range QuantileInterval(std::vector<double>& values, const Range& probabilities);

// The percentile interval (Efron 1979) with probability `tail` beyond each end. Reorders `values`, at least one.
Range PercentileInterval(std::vector<double>& values, double tail);

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

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_STATISTICS_INTERVALS_H_

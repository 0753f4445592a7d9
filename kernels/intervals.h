#ifndef CTXFIT_KERNELS_INTERVALS_H_
#define CTXFIT_KERNELS_INTERVALS_H_

#include <vector>

#include "kernels/options.h"

namespace ctxfit {

// The quantile at `probability` in [0, 1] of `values`, at least one, by linear interpolation of the order statistics
// (definition 7 of Hyndman and Fan 1996). Reorders `values`.
double Quantile(std::vector<double>& values, double probability);

// The percentile interval (Efron 1979) of equal tails that covers `confidence`. Reorders `values`, at least one.
Range PercentileInterval(std::vector<double>& values, double confidence);

// The Monte-Carlo standard error of either end of that interval: half the distance between the quantiles at p - e and
// p + e, where e = sqrt(p (1 - p) / n) is the standard error of the share of n values below the quantile at p. Reorders
// `values`, at least one.
Range MonteCarloError(std::vector<double>& values, double confidence);

// Standard deviation with n - 1 in the denominator; at least two values.
double StandardDeviation(const std::vector<double>& values);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_INTERVALS_H_

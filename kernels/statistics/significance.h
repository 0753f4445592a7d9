#ifndef CTXFIT_KERNELS_STATISTICS_SIGNIFICANCE_H_
#define CTXFIT_KERNELS_STATISTICS_SIGNIFICANCE_H_

#include <optional>
#include <vector>

namespace ctxfit {

// A test by the F distribution.
struct FTest {
  double statistic;  // >= 0; 1 or so where the hypothesis holds
  double numerator_degrees;
  double denominator_degrees;
  double p_value;  // probability of a larger statistic where the hypothesis holds
};

// All arguments as above, degrees > 0.
FTest MakeFTest(double statistic, double numerator_degrees, double denominator_degrees);

// Tests whether the `numerator_degrees` restrictions that raise the residual sum of squares from `sse` > 0, with
// `denominator_degrees` left, to `restricted_sse` hold. For independent errors of one variance.
FTest CompareSse(double restricted_sse, double sse, int numerator_degrees, double denominator_degrees);

// Tests whether `estimate` is 0 by Hotelling's T-squared, T^2 (n - q) / (q (n - 1)) with q and n - q degrees of
// freedom, where T^2 = estimate' V^-1 estimate and n counts the `units` that were resampled, or the replicates if these
// are fewer: by either number V is not known better. V is the covariance of `replicates`, points of q numbers like the
// estimate, times (units + 1) / (units - 1), by which the Bayesian bootstrap of a mean spreads less than the mean
// (Rubin 1981). Nothing where n <= q, or V is singular.
std::optional<FTest> TestIsZero(const std::vector<double>& estimate, const std::vector<std::vector<double>>& replicates,
                                int units);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_STATISTICS_SIGNIFICANCE_H_

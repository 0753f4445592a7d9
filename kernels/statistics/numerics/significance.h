#ifndef CTXFIT_KERNELS_STATISTICS_NUMERICS_SIGNIFICANCE_H_
#define CTXFIT_KERNELS_STATISTICS_NUMERICS_SIGNIFICANCE_H_

#include <optional>
#include <vector>

namespace ctxfit {

// An F test of a hypothesis.
struct FTest {
  double statistic;  // >= 0; about 1 where the hypothesis holds
  double numerator_degrees;
  double denominator_degrees;
  double p_value;  // probability of a larger statistic where the hypothesis holds
};

// Returns the test with its p-value; `statistic` >= 0, degrees > 0.
FTest MakeFTest(double statistic, double numerator_degrees, double denominator_degrees);

// Tests whether `numerator_degrees` restrictions hold that raise the residual sum of squares from `sse` > 0, which has
// `denominator_degrees` degrees of freedom, to `restricted_sse`. Assumes independent errors of equal variance.
FTest CompareSse(double restricted_sse, double sse, int numerator_degrees, double denominator_degrees);

// Tests whether `estimate`, of q numbers, is 0 by Hotelling's T-squared: F = T^2 (m - q + 1) / (q m) with q and m - q +
// 1 degrees of freedom, T^2 = estimate' V^-1 estimate. m is `degrees_of_freedom` of the covariance V, or the number of
// replicates less 1 if that is smaller: V is known no better than from the fewer of them. V is the covariance of
// `replicates`, each of q numbers, times `inflation` >= 1, by which it understates that of the estimate. Unset where q
// is 0, m < q or V is singular.
std::optional<FTest> TestIsZero(const std::vector<double>& estimate, const std::vector<std::vector<double>>& replicates,
                                double degrees_of_freedom, double inflation);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_STATISTICS_NUMERICS_SIGNIFICANCE_H_

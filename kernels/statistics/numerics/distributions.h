#ifndef CTXFIT_KERNELS_STATISTICS_NUMERICS_DISTRIBUTIONS_H_
#define CTXFIT_KERNELS_STATISTICS_NUMERICS_DISTRIBUTIONS_H_

// Distribution functions and quantiles. Boost stays in the source file, where its templates are compiled once.

namespace ctxfit {

// The probability of a standard normal number below `value`.
double NormalProbability(double value);

// The quantile of the standard normal distribution; `probability` in (0, 1).
double NormalQuantile(double probability);

// The number that Student's t exceeds with probability `tail`, in (0, 1); `degrees_of_freedom` > 0.
double StudentUpperQuantile(double tail, double degrees_of_freedom);

// The half width, in standard errors, of a two-sided interval that covers `confidence`, in (0, 1), by Student's t.
double StudentQuantile(double confidence, double degrees_of_freedom);

// The probability that an F-distributed number exceeds `statistic` >= 0; degrees of freedom > 0.
double FTailProbability(double statistic, double numerator_degrees, double denominator_degrees);

// The probability that a chi-square-distributed number exceeds `statistic` >= 0; `degrees_of_freedom` > 0.
double ChiSquareTailProbability(double statistic, double degrees_of_freedom);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_STATISTICS_NUMERICS_DISTRIBUTIONS_H_

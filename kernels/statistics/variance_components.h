#ifndef CTXFIT_KERNELS_STATISTICS_VARIANCE_COMPONENTS_H_
#define CTXFIT_KERNELS_STATISTICS_VARIANCE_COMPONENTS_H_

#include <vector>

namespace ctxfit {

struct Observations;

// Variances of evaluations about a law: score = P + effect of its cluster + effect of its own.
struct VarianceComponents {
  double between_clusters = 0;  // tau^2; 0 without clusters
  double within = 0;            // sigma^2, of one evaluation
};

// Estimates the components by the method of moments, from the residuals r = score - `expected` of its covariates under
// a law of p = `fitted_count` fitted parameters (analysis of variance of unbalanced one-way random effects, Searle
// 1971). With row weights w, C clusters of weights W_c that sum to W, and N records,
//
//   sigma^2 = sum w [(r - mean_c r)^2 + score_variance] / (N - C),
//   tau^2   = max(0, sum_c W_c (mean_c r)^2 / (C - p) - sigma^2) / n_0,  n_0 = (W - sum W_c^2 / W) / (C - 1).
//
// With fewer than two clusters, or with no cluster of more than one record, evaluations count as independent: tau^2 = 0
// and sigma^2 = sum w (r^2 + score_variance) / (N - p). All denominators are at least 1.
VarianceComponents EstimateVarianceComponents(const Observations& observations, const std::vector<double>& expected,
                                              int fitted_count);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_STATISTICS_VARIANCE_COMPONENTS_H_

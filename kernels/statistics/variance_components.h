#ifndef CTXFIT_KERNELS_STATISTICS_VARIANCE_COMPONENTS_H_
#define CTXFIT_KERNELS_STATISTICS_VARIANCE_COMPONENTS_H_

#include <vector>

#include "kernels/data/observations.h"

namespace ctxfit {

// What spreads evaluations about a law: score = P + (its cluster's effect) + (its own).
struct VarianceComponents {
  double between_clusters = 0;  // tau^2; 0 without clusters
  double within = 0;            // sigma^2, of one evaluation
};

// By the method of moments from the residuals r, score less expected score of its covariates, of a law with
// `fitted_count` fitted parameters (analysis of variance of unbalanced one-way random effects, Searle 1971): with
// weights w, C clusters of weight W_c, N records,
//
//   sigma^2 = sum w [(r - mean_c r)^2 + score_variance] / (N - C),
//   tau^2   = max(0, sum_c W_c (mean_c r)^2 / (C - p) - sigma^2) / n_0,  n_0 = (W - sum W_c^2 / W) / (C - 1).
//
// Without clusters, or with no cluster of more than one record, tau^2 is 0 and sigma^2 = sse / (N - p): evaluations are
// then taken for independent.
VarianceComponents EstimateVarianceComponents(const Observations& observations, const std::vector<double>& expected,
                                              int fitted_count);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_STATISTICS_VARIANCE_COMPONENTS_H_

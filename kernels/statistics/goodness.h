#ifndef CTXFIT_KERNELS_STATISTICS_GOODNESS_H_
#define CTXFIT_KERNELS_STATISTICS_GOODNESS_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "kernels/base/thread_pool.h"
#include "kernels/data/observations.h"
#include "kernels/law/fitted_law.h"
#include "kernels/law/loss_rule.h"
#include "kernels/statistics/variance_components.h"

namespace ctxfit {

// Residual statistics; see ctxfit.v1.Goodness.
struct Goodness {
  std::int64_t record_count = 0;
  double sse = 0;
  double rmse = 0;
  double mae = 0;
  std::optional<double> mae_within_limit;
  std::optional<double> mae_beyond_limit;
  std::optional<double> r_squared;
  std::optional<double> aic;
  std::optional<double> bic;
  VarianceComponents variance;  // EstimateVarianceComponents(), which takes as long as all the rest
};

// The expected score of each combination of covariates; on the threads of `pool`, which do not show in the result.
std::vector<double> ExpectedScores(const Observations& observations, const Law& law, ThreadPool& pool);
std::vector<double> ExpectedScores(const Observations& observations, const Law& law);

// Statistics of the residuals, score less expected score, for a law with `fitted_count` parameters, fitted by that loss
// down to that cost. The cost of the squared loss is told by the residuals. Does not set the variance.
Goodness MeasureGoodness(const Observations& observations, const std::vector<double>& expected, int fitted_count,
                         Loss loss = LossRule{}.loss, double cost = 0);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_STATISTICS_GOODNESS_H_

#ifndef CTXFIT_KERNELS_STATISTICS_GOODNESS_H_
#define CTXFIT_KERNELS_STATISTICS_GOODNESS_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "kernels/law/loss_rule.h"
#include "kernels/statistics/errors/variance_components.h"

namespace ctxfit {

class ThreadPool;
struct Law;
struct Observations;

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
  VarianceComponents variance;  // by EstimateVarianceComponents(), which takes as long as all the rest
};

// The expected score of each combination of covariates, computed on the threads of `pool`: their number changes no bit.
std::vector<double> ExpectedScores(const Observations& observations, const Law& law, ThreadPool& pool);

// ExpectedScores() on the calling thread.
std::vector<double> ExpectedScores(const Observations& observations, const Law& law);

// Statistics of the residuals, score less expected score, of a law with `fitted_count` parameters that were fitted by
// `loss`. `expected` has an element per combination of covariates. `cost` is the minimum of a Bernoulli loss, for AIC
// and BIC; other losses need none. Does not set the variance.
Goodness MeasureGoodness(const Observations& observations, const std::vector<double>& expected, int fitted_count,
                         Loss loss = LossRule{}.loss, double cost = 0);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_STATISTICS_GOODNESS_H_

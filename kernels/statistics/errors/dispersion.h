#ifndef CTXFIT_KERNELS_STATISTICS_ERRORS_DISPERSION_H_
#define CTXFIT_KERNELS_STATISTICS_ERRORS_DISPERSION_H_

#include <vector>

namespace ctxfit {

struct LossRule;
struct Observations;

// Returns the dispersion by which standard errors and rival basins are judged, given `variance`, the residual variance
// of the loss.
//
// Under a loss whose cost is a deviance, it is Pearson's: sum w (y - P)^2 / (P (1 - P)) over n - p, with n records and
// p fitted parameters; below 1 where scores are means of more evaluations than their weights tell, and at least 1 where
// all scores are 0 or 1. Under other losses it is `variance`, or the variance over the informative rows, if that is
// less. At least 1e-24, the square of rounding. `expected` and `informative` (FindInformative()) have an element per
// combination of covariates, `fitted_count` is p.
double DispersionOf(const Observations& observations, const std::vector<double>& expected,
                    const std::vector<bool>& informative, int fitted_count, const LossRule& loss, double variance);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_STATISTICS_ERRORS_DISPERSION_H_

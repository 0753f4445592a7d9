#ifndef CTXFIT_KERNELS_STATISTICS_IDENTIFICATION_SEPARATION_H_
#define CTXFIT_KERNELS_STATISTICS_IDENTIFICATION_SEPARATION_H_

#include <string>
#include <vector>

namespace ctxfit {

struct LossRule;
struct Observations;

// The reason why a fit to separated scores shows no spread, under a loss that is their likelihood; "" where they are
// not separated, or under other losses. `expected` has the expected score of each combination of covariates.
//
// Scores are separated if the law orders them: every row below some expected score is 0 and every row above it is 1,
// whether rows at that score are mixed (quasi-complete separation) or there are none (complete; Albert and Anderson
// 1984). The likelihood then rises with the law's steepness up to a bound, and so it does in every replicate.
std::string SeparationReason(const Observations& observations, const std::vector<double>& expected,
                             const LossRule& loss);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_STATISTICS_IDENTIFICATION_SEPARATION_H_

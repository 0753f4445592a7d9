#ifndef CTXFIT_KERNELS_DATA_COMPUTE_LEVELS_H_
#define CTXFIT_KERNELS_DATA_COMPUTE_LEVELS_H_

#include <vector>

#include "kernels/data/observations.h"

namespace ctxfit {

// Finds the distinct computes of some combinations of covariates.
ComputeLevels FindComputeLevels(const std::vector<Covariates>& covariates);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_DATA_COMPUTE_LEVELS_H_

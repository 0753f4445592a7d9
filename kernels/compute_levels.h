#ifndef CTXFIT_KERNELS_COMPUTE_LEVELS_H_
#define CTXFIT_KERNELS_COMPUTE_LEVELS_H_

#include <vector>

#include "kernels/observations.h"

namespace ctxfit {

ComputeLevels FindComputeLevels(const std::vector<Covariates>& covariates);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_COMPUTE_LEVELS_H_

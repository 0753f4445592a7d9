#ifndef CTXFIT_KERNELS_COMPUTE_LEVELS_H_
#define CTXFIT_KERNELS_COMPUTE_LEVELS_H_

#include <cstdint>
#include <vector>

#include "kernels/observations.h"

namespace ctxfit {

// The distinct computes of observations.
struct ComputeLevels {
  std::vector<double> compute;         // FLOP, ascending
  std::vector<std::int32_t> level_of;  // per combination of covariates: index into `compute`
};

ComputeLevels FindComputeLevels(const Observations& observations);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_COMPUTE_LEVELS_H_

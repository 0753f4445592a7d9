#ifndef CTXFIT_KERNELS_RESAMPLE_WEIGHT_SCHEME_H_
#define CTXFIT_KERNELS_RESAMPLE_WEIGHT_SCHEME_H_

#include <cstdint>

#include "kernels/law/resampling.h"

namespace ctxfit {

// How the replicates of a bootstrap draw their weights: they are a function of (seed, replicate, unit) for each kind.
struct WeightScheme {
  std::uint64_t seed = 0;
  WeightKind kind = WeightKind::kExponential;
};

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_RESAMPLE_WEIGHT_SCHEME_H_

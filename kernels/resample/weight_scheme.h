#ifndef CTXFIT_KERNELS_RESAMPLE_WEIGHT_SCHEME_H_
#define CTXFIT_KERNELS_RESAMPLE_WEIGHT_SCHEME_H_

#include <cstdint>

#include "kernels/law/resampling.h"

namespace ctxfit {

// The seed and the distribution of a bootstrap's weights, which are functions of (seed, replicate, unit) for each kind.
struct WeightScheme {
  std::uint64_t seed = 0;
  WeightKind kind = WeightKind::kExponential;
};

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_RESAMPLE_WEIGHT_SCHEME_H_

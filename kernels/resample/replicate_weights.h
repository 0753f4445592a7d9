#ifndef CTXFIT_KERNELS_RESAMPLE_REPLICATE_WEIGHTS_H_
#define CTXFIT_KERNELS_RESAMPLE_REPLICATE_WEIGHTS_H_

#include <cmath>
#include <cstdint>

#include "kernels/base/host_device.h"
#include "kernels/base/philox.h"

namespace ctxfit {

// The random words of the units 4 quad to 4 quad + 3 in a bootstrap replicate.
CTXFIT_HD RandomWords ReplicateWords(std::uint64_t seed, std::uint32_t replicate, std::uint32_t quad,
                                     Purpose purpose = Purpose::kReplicateWeight) {
  return Draw(seed, purpose, replicate, quad);
}

// Poisson(1) count by inversion: the least k whose distribution function exceeds Uniform(word).
CTXFIT_HD double PoissonWeight(std::uint32_t word) {
  double remaining = Uniform(word);
  double probability = 0.36787944117144233;  // 1 / e
  int k = 0;
  while (remaining >= probability && k < 20) {
    remaining -= probability;
    probability /= ++k;
  }
  return k;
}

// Standard exponential number by inversion, in (1.1e-10, 22.9).
CTXFIT_HD double ExponentialWeight(std::uint32_t word) { return -log(Uniform(word)); }

// Weight of a resampling unit in a bootstrap replicate: standard exponential, the Bayesian bootstrap (Rubin 1981). A
// replicate consists of these weights, not of a copy of the data. They are not normalised, as their scale does not
// matter to a least-squares fit.
CTXFIT_HD double ReplicateWeight(std::uint64_t seed, std::uint32_t replicate, std::uint32_t unit) {
  return ExponentialWeight(ReplicateWords(seed, replicate, unit / 4).word[unit % 4]);
}

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_RESAMPLE_REPLICATE_WEIGHTS_H_

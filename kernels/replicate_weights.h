#ifndef CTXFIT_KERNELS_REPLICATE_WEIGHTS_H_
#define CTXFIT_KERNELS_REPLICATE_WEIGHTS_H_

#include <cmath>
#include <cstdint>

#include "kernels/host_device.h"
#include "kernels/philox.h"

namespace ctxfit {

// Weight of a resampling unit in a bootstrap replicate: standard exponential, the Bayesian bootstrap (Rubin 1981). A
// replicate is these weights, not a copy of the data. Their scale does not matter to a least-squares fit, so they are
// not normalised. In (1.1e-10, 22.9).
CTXFIT_HD double ReplicateWeight(std::uint64_t seed, std::uint32_t replicate, std::uint32_t unit) {
  const RandomWords words = Draw(seed, Purpose::kReplicateWeight, replicate, unit / 4);
  return -log(Uniform(words.word[unit % 4]));
}

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_REPLICATE_WEIGHTS_H_

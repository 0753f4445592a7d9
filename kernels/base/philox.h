#ifndef CTXFIT_KERNELS_BASE_PHILOX_H_
#define CTXFIT_KERNELS_BASE_PHILOX_H_

#include <cstdint>

#include "kernels/base/host_device.h"

#ifdef __CUDA_ARCH__
#include <curand_philox4x32_x.h>
#endif

// Counter-based random numbers: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
// A draw is a function of (seed, purpose, step, index) alone: never of a thread, a grid, a device or what was drawn
// before. On the device it is cuRAND's; the host's gives the same integers.

namespace ctxfit {

// The purpose of a draw, which keeps draws of equal step and index apart. Values are part of the results: never
// renumber.
enum class Purpose : std::uint32_t {
  kInitialPopulation = 1,  // step: coordinate; index: member
  kMutationFactor = 2,     // step: generation; index: 0
  kProposal = 3,           // step: generation; index: member
  kCrossover = 4,          // step: generation; index: member
  kReplicateWeight = 5,    // step: replicate; index: resampling unit / 4
  kSimulation = 6,         // step: column; index: record
  kLaterCrossover = 7,     // the coordinates after the fourth; step: generation; index: member
  kSecondWeight = 8,       // step: replicate; index: second unit / 4
  kFold = 9,               // step: 0; index: resampling unit / 4
};

// Four random words.
struct RandomWords {
  std::uint32_t word[4];
};

// Philox4x32-10 of a 128-bit counter under a 64-bit key.
CTXFIT_HD RandomWords Philox4x32(RandomWords counter, std::uint32_t key_low, std::uint32_t key_high) {
#ifdef __CUDA_ARCH__
  const uint4 out = curand_Philox4x32_10(make_uint4(counter.word[0], counter.word[1], counter.word[2], counter.word[3]),
                                         make_uint2(key_low, key_high));
  return {{out.x, out.y, out.z, out.w}};
#else
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t product0 = std::uint64_t{0xD2511F53u} * counter.word[0];
    const std::uint64_t product1 = std::uint64_t{0xCD9E8D57u} * counter.word[2];
    counter = {{static_cast<std::uint32_t>(product1 >> 32) ^ counter.word[1] ^ key_low,
                static_cast<std::uint32_t>(product1),
                static_cast<std::uint32_t>(product0 >> 32) ^ counter.word[3] ^ key_high,
                static_cast<std::uint32_t>(product0)}};
    key_low += 0x9E3779B9u;
    key_high += 0xBB67AE85u;
  }
  return counter;
#endif
}

// The four words of (seed, purpose, step, index).
CTXFIT_HD RandomWords Draw(std::uint64_t seed, Purpose purpose, std::uint32_t step, std::uint32_t index) {
  return Philox4x32({{index, step, static_cast<std::uint32_t>(purpose), 0}}, static_cast<std::uint32_t>(seed),
                    static_cast<std::uint32_t>(seed >> 32));
}

// A uniform number in (0, 1), symmetric about 1/2. Exact in double precision, hence the same on every machine.
CTXFIT_HD double Uniform(std::uint32_t word) { return (word + 0.5) * 0x1p-32; }

// A uniform number in (0, 1), symmetric about 1/2, from the upper 23 bits of `word`: single precision holds it exactly.
CTXFIT_HD float UniformFloat(std::uint32_t word) { return (static_cast<float>(word >> 9) + 0.5f) * 0x1p-23f; }

// A uniform integer in [0, count), within count / 2^32 of uniform.
CTXFIT_HD std::uint32_t UniformBelow(std::uint32_t word, std::uint32_t count) {
  return static_cast<std::uint32_t>((std::uint64_t{word} * count) >> 32);
}

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BASE_PHILOX_H_

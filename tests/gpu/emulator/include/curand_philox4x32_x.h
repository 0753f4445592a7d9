#ifndef CTXFIT_TESTS_GPU_EMULATOR_INCLUDE_CURAND_PHILOX4X32_X_H_
#define CTXFIT_TESTS_GPU_EMULATOR_INCLUDE_CURAND_PHILOX4X32_X_H_

// Philox4x32-10 by its definition (Salmon et al., SC 2011, section 3.3), apart from the host's in
// kernels/base/philox.h.
inline uint4 curand_Philox4x32_10(uint4 counter, uint2 key) {
  for (int round = 0; round < 10; ++round) {
    const unsigned long long first = 0xD2511F53ull * counter.x;
    const unsigned long long second = 0xCD9E8D57ull * counter.z;
    counter = {static_cast<unsigned>(second >> 32) ^ counter.y ^ key.x, static_cast<unsigned>(second),
               static_cast<unsigned>(first >> 32) ^ counter.w ^ key.y, static_cast<unsigned>(first)};
    key = {key.x + 0x9E3779B9u, key.y + 0xBB67AE85u};
  }
  return counter;
}

#endif  // CTXFIT_TESTS_GPU_EMULATOR_INCLUDE_CURAND_PHILOX4X32_X_H_

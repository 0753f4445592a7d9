#ifndef CTXFIT_TESTS_GPU_EMULATOR_LIMITS_H_
#define CTXFIT_TESTS_GPU_EMULATOR_LIMITS_H_

#include <cstddef>

namespace ctxfit::emulator {

inline constexpr unsigned kWarpLanes = 32;
inline constexpr unsigned kMaxBlockThreads = 1024;

// The shared memory that every device grants a block without being asked.
inline constexpr std::size_t kSharedLimit = 48 * 1024;

}  // namespace ctxfit::emulator

#endif  // CTXFIT_TESTS_GPU_EMULATOR_LIMITS_H_

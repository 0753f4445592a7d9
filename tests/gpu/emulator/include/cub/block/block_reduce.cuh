#ifndef CTXFIT_TESTS_GPU_EMULATOR_INCLUDE_CUB_BLOCK_BLOCK_REDUCE_CUH_
#define CTXFIT_TESTS_GPU_EMULATOR_INCLUDE_CUB_BLOCK_BLOCK_REDUCE_CUH_

#include <type_traits>

#include "tests/gpu/emulator/language.h"
#include "tests/gpu/emulator/limits.h"

namespace cub {

// Reduces as CUB does by default: each warp by a tree of shuffles, then the warps' aggregates one after the other. The
// result is the first thread's, and garbage the others'. As in CUB, nothing keeps the next use of the storage from
// overtaking this one.
template <class T, int kThreads>
class BlockReduce {
  static constexpr int kLanes = ::ctxfit::emulator::kWarpLanes;
  static constexpr int kWarps = (kThreads + kLanes - 1) / kLanes;
  static_assert(std::is_trivially_copyable_v<T> && kThreads % kLanes == 0);

 public:
  struct TempStorage {
    T aggregates[kWarps];
  };

  explicit BlockReduce(TempStorage& storage) : storage_(storage) {}

  template <class Add>
  T Reduce(T value, Add add) {
    const int thread = static_cast<int>(threadIdx.x);
    const bool leads = thread % kLanes == 0;
    T lanes[kLanes];
    ::ctxfit::emulator::GatherWarp(&value, sizeof(T), leads ? lanes : nullptr);
    if (leads) {
      for (int offset = 1; offset < kLanes; offset *= 2) {
        for (int lane = 0; lane + offset < kLanes; ++lane) lanes[lane] = add(lanes[lane], lanes[lane + offset]);
      }
      storage_.aggregates[thread / kLanes] = lanes[0];
    }
    __syncthreads();
    if (thread != 0) {
      ::ctxfit::emulator::FillWithGarbage(&value, sizeof(T));
      return value;
    }
    value = lanes[0];
    for (int warp = 1; warp < kWarps; ++warp) value = add(value, storage_.aggregates[warp]);
    return value;
  }

 private:
  TempStorage& storage_;
};

}  // namespace cub

#endif  // CTXFIT_TESTS_GPU_EMULATOR_INCLUDE_CUB_BLOCK_BLOCK_REDUCE_CUH_

#ifndef CTXFIT_TESTS_GPU_MEMORY_HOG_H_
#define CTXFIT_TESTS_GPU_MEMORY_HOG_H_

#include <cuda_runtime_api.h>
#include <gtest/gtest.h>

#include <cstddef>

namespace ctxfit {

// The device's free memory, in bytes.
inline std::size_t FreeBytes() {
  std::size_t free = 0;
  std::size_t total = 0;
  EXPECT_EQ(cudaMemGetInfo(&free, &total), cudaSuccess);
  return free;
}

// Takes the device's free memory but for `left_mib`, until it goes.
class MemoryHog {
 public:
  explicit MemoryHog(std::size_t left_mib) {
    EXPECT_EQ(cudaMalloc(&memory_, FreeBytes() - (left_mib << 20)), cudaSuccess);
  }
  MemoryHog(const MemoryHog&) = delete;
  MemoryHog& operator=(const MemoryHog&) = delete;
  ~MemoryHog() { EXPECT_EQ(cudaFree(memory_), cudaSuccess); }

 private:
  void* memory_ = nullptr;
};

}  // namespace ctxfit

#endif  // CTXFIT_TESTS_GPU_MEMORY_HOG_H_

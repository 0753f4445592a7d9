#ifndef CTXFIT_TESTS_GPU_GPU_TEST_H_
#define CTXFIT_TESTS_GPU_GPU_TEST_H_

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <string>

#include "kernels/backend/backend.h"
#include "kernels/backend/cuda/device.h"

namespace ctxfit {

// Returns true if a machine without a GPU fails these tests instead of skipping them.
inline bool GpuIsRequired() {
  const char* required = std::getenv("CTXFIT_REQUIRE_GPU");
  return required != nullptr && std::string(required) == "1";
}

// True if the CPU emulates the GPU, a thousand times slower: the largest problems are smaller then.
#ifdef CTXFIT_EMULATED
inline constexpr bool kEmulated = true;
#else
inline constexpr bool kEmulated = false;
#endif

// A count of cells or candidates, or a tenth of it where it takes long.
constexpr int Scaled(int count) { return kEmulated ? count / 10 : count; }

// Fixture of tests that need a GPU: without one they skip, or fail if CTXFIT_REQUIRE_GPU=1.
class GpuTest : public testing::Test {
 protected:
  void SetUp() override {
    if (CudaDeviceCount() > 0) return;
    if (GpuIsRequired()) GTEST_FAIL() << "CTXFIT_REQUIRE_GPU=1, and this machine has no CUDA device";
    GTEST_SKIP() << "this machine has no CUDA device";
  }

  static std::unique_ptr<Backend> OpenBackend() { return MakeCudaBackend().value(); }
  static std::shared_ptr<CudaDevice> OpenDevice() { return CudaDevice::Open(0).value(); }
};

}  // namespace ctxfit

#endif  // CTXFIT_TESTS_GPU_GPU_TEST_H_

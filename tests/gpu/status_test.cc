#include "kernels/backend/cuda/status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kernels/backend/backend.h"
#include "kernels/base/device_failure.h"

// Tests of error reporting, which need no GPU.

namespace ctxfit {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(CudaStatusTest, SuccessIsOk) { EXPECT_EQ(CudaStatus(cudaSuccess, "call", __FILE__, __LINE__), absl::OkStatus()); }

TEST(CudaStatusTest, LackOfMemoryIsResourceExhausted) {
  const absl::Status status = CudaStatus(cudaErrorMemoryAllocation, "cudaMalloc(1)", __FILE__, __LINE__);
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
}

TEST(CudaStatusTest, AFailureThatSticksIsInternalAndNamesCallErrorFileAndLine) {
  const absl::Status status = CudaStatus(cudaErrorIllegalAddress, "cudaStreamSynchronize(stream)", "/a/b/c.cc", 12);
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_TRUE(IsDeviceFailure(status));
  EXPECT_THAT(status.message(), AllOf(HasSubstr("cudaStreamSynchronize(stream)"), HasSubstr("cudaErrorIllegalAddress"),
                                      HasSubstr("illegal memory access"), HasSubstr("at c.cc:12")));
}

TEST(CudaStatusTest, AMachineWithoutADeviceIsAFailedPrecondition) {
  for (const cudaError_t error : {cudaErrorNoDevice, cudaErrorInsufficientDriver, cudaErrorNoKernelImageForDevice}) {
    EXPECT_EQ(CudaStatus(error, "call", "file", 1).code(), absl::StatusCode::kFailedPrecondition)
        << cudaGetErrorName(error);
  }
}

TEST(CudaStatusTest, ADeviceThatIsNotThereIsAFailedPrecondition) {
  const auto backend = MakeCudaBackend(CudaDeviceCount());
  EXPECT_EQ(backend.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(MakeCudaBackend(-1).status().code(), absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace ctxfit

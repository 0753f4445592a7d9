#include <cuda_pipeline_primitives.h>

#include <cmath>
#include <cub/block/block_reduce.cuh>
#include <numeric>

#include "kernels/backend/cuda/extensions.h"
#include "tests/gpu/emulator/emulator_test.h"
#include "tests/gpu/emulator/schedule.h"

// Threads of a block together: barriers, copies to shared memory, reductions, orders.

namespace ctxfit::emulator {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

using BlockTest = EmulatorTest;

__global__ void MeetAtTwoPlaces(int* out) {
  if (threadIdx.x % 2 == 0) {
    __syncthreads();
    out[0] = 1;
  } else {
    __syncthreads();
    out[1] = 2;
  }
}

__global__ void EndBeforeTheBarrier(int* out) {
  if (threadIdx.x >= 16) return;
  __syncthreads();
  out[threadIdx.x] = 1;
}

TEST_F(BlockTest, ThreadsMeetAtOneBarrier) {
  const auto out = Zeros(16);
  EXPECT_THAT(FaultsOf(MeetAtTwoPlaces, 1, 2, out.data()), ElementsAre(Fault::kBarrier));
  EXPECT_THAT(FaultsOf(EndBeforeTheBarrier, 1, 64, out.data()), IsEmpty());
}

__global__ void WaitForEachOther() {
  if (threadIdx.x == 0) {
    __syncwarp();
  } else {
    __syncthreads();
  }
}

TEST_F(BlockTest, ADeadlockIsReportedAndLeavesTheDeviceUnusable) {
  EXPECT_THAT(FaultsOf(WaitForEachOther, 2, 64), ElementsAre(Fault::kDeadlock));
  EXPECT_EQ(device_->Wait().code(), absl::StatusCode::kInternal);
  RepairDevice();
  const auto out = Zeros(16);
  EXPECT_THAT(FaultsOf(EndBeforeTheBarrier, 1, 64, out.data()), IsEmpty());
}

struct alignas(16) Four {
  int x, y, z, w;
};

// Copies batches of 4 numbers of a thread to shared memory, two of them ahead, and adds them up once `prior` are left.
__global__ void SumOfBatches(const Four* in, int prior, int* out) {
  struct Stages {
    Four at[2];
  };
  CTXFIT_SHARED(Stages, stages);
  for (int batch = 0; batch < 2; ++batch) {
    __pipeline_memcpy_async(&stages.at[batch], in + batch, sizeof(Four));
    __pipeline_commit();
  }
  __pipeline_wait_prior(prior);
  const int first = stages.at[0].x;
  __pipeline_wait_prior(0);
  *out = first + stages.at[1].w;
}

__global__ void NeverWait(const Four* in) {
  CTXFIT_SHARED(Four, stage);
  __pipeline_memcpy_async(&stage, in, sizeof(Four));
  __pipeline_commit();
}

__global__ void CopyOddly(const int* in) {
  CTXFIT_SHARED(Four, stage);
  __pipeline_memcpy_async(&stage, in + 1, sizeof(Four));
  __pipeline_commit();
  __pipeline_wait_prior(0);
}

TEST_F(BlockTest, CopiesArriveWithTheWait) {
  const auto in = DeviceBuffer<Four>::CopyOf(device_, {{1, 2, 3, 4}, {5, 6, 7, 8}}).value();
  const auto out = Zeros(1);
  EXPECT_THAT(FaultsOf(SumOfBatches, 1, 1, in.data(), 1, out.data()), IsEmpty());
  EXPECT_EQ(out.ToHost().value()[0], 1 + 8);
  EXPECT_THAT(FaultsOf(SumOfBatches, 1, 1, in.data(), 2, out.data()), ElementsAre(Fault::kCopy));
  EXPECT_THAT(FaultsOf(NeverWait, 1, 1, in.data()), ElementsAre(Fault::kCopy));
  EXPECT_THAT(FaultsOf(CopyOddly, 1, 1, reinterpret_cast<const int*>(in.data())), Contains(Fault::kCopy));
}

struct Add {
  __device__ double operator()(double a, double b) const { return a + b; }
};

template <bool kBarrier>
__global__ void SumTwice(const double* values, double* sums) {
  using Reduce = cub::BlockReduce<double, 128>;
  CTXFIT_SHARED(typename Reduce::TempStorage, storage);
  const double first = Reduce(storage).Reduce(values[threadIdx.x], Add());
  if (kBarrier) __syncthreads();
  const double second = Reduce(storage).Reduce(2 * values[threadIdx.x], Add());
  sums[threadIdx.x] = first + second;
}

TEST_F(BlockTest, ReductionsGiveTheFirstThreadTheSumAndTheOthersGarbage) {
  std::vector<double> values(128);
  std::iota(values.begin(), values.end(), 1);
  const auto in = DeviceBuffer<double>::CopyOf(device_, values).value();
  const auto out = DeviceBuffer<double>::CopyOf(device_, values).value();
  EXPECT_THAT(FaultsOf(SumTwice<true>, 1, 128, in.data(), out.data()), IsEmpty());
  const std::vector<double> sums = out.ToHost().value();
  EXPECT_EQ(sums[0], 3 * 128 * 129 / 2);
  for (int i = 1; i < 128; ++i) EXPECT_TRUE(std::isnan(sums[i]));
  EXPECT_THAT(FaultsOf(SumTwice<false>, 1, 128, in.data(), out.data()), ElementsAre(Fault::kRace));
}

__global__ void UseMuchSharedMemory() {
  struct Large {
    char bytes[32 * 1024];
  };
  CTXFIT_SHARED(Large, large);
  large.bytes[0] = 0;
}

TEST_F(BlockTest, SharedMemoryIsWhatEveryDeviceGrants) {
  shared_bytes_ = 16 * 1024;
  EXPECT_THAT(FaultsOf(UseMuchSharedMemory, 1, 1), IsEmpty());
  shared_bytes_ += 16;
  EXPECT_THAT(FaultsOf(UseMuchSharedMemory, 1, 1), ElementsAre(Fault::kSharedSize));
}

__global__ void MultiplyAndSubtract(double x, double* out) { *out = x * x - 1; }

TEST_F(BlockTest, MultiplicationsAndAdditionsAreContracted) {
  const auto out = DeviceBuffer<double>::Allocate(device_, 1).value();
  const double x = 1 + 0x1p-30;
  EXPECT_THAT(FaultsOf(MultiplyAndSubtract, 1, 1, x, out.data()), IsEmpty());
  EXPECT_EQ(out.ToHost().value()[0], 0x1p-29 + 0x1p-60);
}

TEST(ScheduleTest, OrdersAreAsTheirNamesSay) {
  EXPECT_THAT(Schedule(nullptr).Arrange(4), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(Schedule("reverse").Arrange(4), ElementsAre(3, 2, 1, 0));
  const std::vector<std::uint32_t> shuffled = Schedule("random:7").Arrange(50);
  EXPECT_EQ(Schedule("random:7").Arrange(50), shuffled);
  EXPECT_NE(Schedule("random:8").Arrange(50), shuffled);
  EXPECT_THAT(shuffled, testing::UnorderedElementsAreArray(Schedule("forward").Arrange(50)));
}

TEST(ScheduleTest, AnUnknownScheduleEndsTheProcess) {
  EXPECT_EXIT(Schedule("sideways"), testing::ExitedWithCode(2), "must be forward, reverse or random:SEED");
}

}  // namespace
}  // namespace ctxfit::emulator

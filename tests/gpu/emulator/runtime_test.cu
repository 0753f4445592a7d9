#include <map>
#include <new>

#include "kernels/backend/cuda/graph.h"
#include "tests/gpu/emulator/emulator_test.h"
#include "tests/gpu/emulator/schedule.h"

// The runtime: streams, captures, pools, failures.

namespace ctxfit::emulator {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class RuntimeTest : public EmulatorTest {
 protected:
  static std::vector<Fault> TakeFaults() {
    std::vector<Fault> faults;
    for (const Report& report : TakeReports()) faults.push_back(report.fault);
    return faults;
  }
};

__global__ void Increment(int* value) { ++*value; }

absl::Status LaunchIncrement(const CudaDevice& device, int* value, dim3 block = 1) {
  return Launch("Increment", Increment, {1, block, 0, device.stream()}, value);
}

TEST_F(RuntimeTest, AStreamWorksWhenTheScheduleSaysSo) {
  const auto value = DeviceBuffer<int>::CopyOf(device_, {7}).value();
  int copy = 0;
  ASSERT_EQ(cudaMemcpyAsync(&copy, value.data(), sizeof(int), cudaMemcpyDeviceToHost, device_->stream()), cudaSuccess);
  const int early = copy;
  ASSERT_EQ(device_->Wait(), absl::OkStatus());
  EXPECT_EQ(copy, 7);
  const std::map<Order, std::vector<int>> expected = {
      {Order::kForward, {0}}, {Order::kReverse, {7}}, {Order::kRandom, {0, 7}}};
  EXPECT_THAT(expected.at(TheSchedule().order()), testing::Contains(early));
}

TEST_F(RuntimeTest, ACaptureIsReplayed) {
  const auto value = Zeros(1);
  const auto graph = Graph::Capture(device_->stream(), [&] { return LaunchIncrement(*device_, value.data()); });
  ASSERT_TRUE(graph.ok()) << graph.status();
  EXPECT_EQ(value.ToHost().value()[0], 0);
  for (int i = 0; i < 3; ++i) ASSERT_EQ(graph->Launch(device_->stream()), absl::OkStatus());
  EXPECT_EQ(value.ToHost().value()[0], 3);
}

TEST_F(RuntimeTest, CallsThatACaptureForbidsAreReported) {
  EXPECT_FALSE(Graph::Capture(device_->stream(), [&] { return device_->Wait(); }).ok());
  EXPECT_THAT(TakeFaults(), ElementsAre(Fault::kCapture));
  EXPECT_TRUE(Graph::Capture(device_->stream(), [&] { return DeviceBuffer<int>::Allocate(device_, 1).status(); }).ok());
  EXPECT_THAT(TakeFaults(), ElementsAre(Fault::kCapture, Fault::kCapture));  // and freed
}

TEST_F(RuntimeTest, ALaunchThatFailsInACaptureLeavesNoErrorBehind) {
  const auto value = Zeros(1);
  const auto graph = Graph::Capture(device_->stream(), [&] { return LaunchIncrement(*device_, value.data(), 1025); });
  EXPECT_THAT(graph.status().message(), HasSubstr("launch of Increment"));
  EXPECT_EQ(cudaGetLastError(), cudaSuccess);
  EXPECT_EQ(LaunchIncrement(*device_, value.data()), absl::OkStatus());
  EXPECT_EQ(value.ToHost().value()[0], 1);
}

TEST_F(RuntimeTest, AnExceptionEndsItsCapture) {
  const auto graph = Graph::Capture(device_->stream(), []() -> absl::Status { throw std::bad_alloc(); });
  EXPECT_EQ(graph.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(device_->Wait(), absl::OkStatus());
}

TEST_F(RuntimeTest, AnImpossibleLaunchFailsWithItsName) {
  const auto value = Zeros(1);
  const absl::Status status = LaunchIncrement(*device_, value.data(), 1025);
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_THAT(status.message(), AllOf(HasSubstr("launch of Increment"), HasSubstr("cudaErrorInvalidConfiguration")));
}

TEST_F(RuntimeTest, MemoryIsCountedAndGivenBack) {
  std::size_t before = 0;
  std::size_t during = 0;
  std::size_t after = 0;
  std::size_t total = 0;
  void* data = nullptr;
  ASSERT_EQ(cudaMemGetInfo(&before, &total), cudaSuccess);
  ASSERT_EQ(cudaMalloc(&data, 1000), cudaSuccess);
  ASSERT_EQ(cudaMemGetInfo(&during, &total), cudaSuccess);
  EXPECT_EQ(CountLiveObjects(), (LiveObjects{1, 1, 1, 1, 0}));  // and what the device itself has
  ASSERT_EQ(cudaFree(data), cudaSuccess);
  ASSERT_EQ(cudaMemGetInfo(&after, &total), cudaSuccess);
  EXPECT_EQ(during, before - 1000);
  EXPECT_EQ(after, before);
}

TEST_F(RuntimeTest, WhatIsUsedAfterItsEndIsReported) {
  cudaStream_t stream = nullptr;
  ASSERT_EQ(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), cudaSuccess);
  ASSERT_EQ(cudaStreamDestroy(stream), cudaSuccess);
  const auto value = Zeros(1);
  EXPECT_FALSE(Launch("Increment", Increment, {1, 1, 0, stream}, value.data()).ok());
  EXPECT_THAT(TakeFaults(), ElementsAre(Fault::kLifetime));
}

TEST_F(RuntimeTest, APoolOutlivesItsMemory) {
  cudaMemPool_t pool = nullptr;
  cudaMemPoolProps properties = {};
  properties.allocType = cudaMemAllocationTypePinned;
  properties.location.type = cudaMemLocationTypeDevice;
  ASSERT_EQ(cudaMemPoolCreate(&pool, &properties), cudaSuccess);
  void* data = nullptr;
  ASSERT_EQ(cudaMallocFromPoolAsync(&data, 100, pool, device_->stream()), cudaSuccess);
  ASSERT_EQ(cudaFreeAsync(data, device_->stream()), cudaSuccess);
  ASSERT_EQ(cudaMallocFromPoolAsync(&data, 100, device_->pool(), device_->stream()), cudaSuccess);
  EXPECT_EQ(cudaMemPoolDestroy(pool), cudaSuccess);
  EXPECT_THAT(TakeFaults(), testing::IsEmpty());
  device_.reset();
  EXPECT_THAT(TakeFaults(), ElementsAre(Fault::kLifetime));
}

TEST_F(RuntimeTest, TheCallThatIsAskedToFailsOnceOrForGood) {
  RepairDevice();
  FailCall(2, cudaErrorMemoryAllocation, false);
  EXPECT_EQ(device_->Wait(), absl::OkStatus());
  EXPECT_EQ(DeviceBuffer<int>::Allocate(device_, 1).status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(FailedCall(), "cudaMallocFromPoolAsync");
  EXPECT_EQ(device_->Wait(), absl::OkStatus());
  EXPECT_EQ(CountCalls(), 3);
  FailCall(1, cudaErrorIllegalAddress, true);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(device_->Wait().code(), absl::StatusCode::kInternal);
  RepairDevice();
  EXPECT_EQ(device_->Wait(), absl::OkStatus());
}

}  // namespace
}  // namespace ctxfit::emulator

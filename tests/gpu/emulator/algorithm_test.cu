#include <thrust/for_each.h>
#include <thrust/reduce.h>
#include <thrust/sort.h>

#include <cstddef>
#include <vector>

#include "kernels/backend/cuda/algorithms.cuh"
#include "kernels/base/host_device.h"
#include "tests/gpu/emulator/emulator_test.h"

// Accesses of Thrust's algorithms, which run as loops.

namespace ctxfit::emulator {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class AlgorithmTest : public EmulatorTest {
 protected:
  template <class Run>
  std::vector<Fault> FaultsOfThrust(const Run& run) {
    EXPECT_EQ(RunThrust(*device_, run), absl::OkStatus());
    reports_ = TakeReports();
    std::vector<Fault> faults;
    for (const Report& report : reports_) faults.push_back(report.fault);
    return faults;
  }

  // Reduces `values`, whose sum nothing else takes.
  template <class Iterator>
  std::vector<Fault> FaultsOfReduction(Iterator values, int count) {
    volatile int sum = 0;
    return FaultsOfThrust([&](const auto& policy) { sum = thrust::reduce(policy, values, values + count); });
  }
};

TEST_F(AlgorithmTest, ASortOfWrittenMemoryIsClean) {
  const auto values = DeviceBuffer<int>::CopyOf(device_, {3, 1, 2}).value();
  int* const begin = values.data();
  EXPECT_THAT(FaultsOfThrust([&](const auto& policy) { thrust::sort(policy, begin, begin + 3); }), IsEmpty());
  EXPECT_EQ(values.ToHost().value(), (std::vector<int>{1, 2, 3}));
}

TEST_F(AlgorithmTest, AReadOfUnwrittenMemoryIsReported) {
  const auto values = Uninitialised(3);
  EXPECT_THAT(FaultsOfReduction(values.data(), 3), testing::Contains(Fault::kUninitialised));
}

TEST_F(AlgorithmTest, AnAccessBehindAnAllocationIsReported) {
  const auto values = Zeros(3);
  EXPECT_THAT(FaultsOfReduction(values.data(), 4), testing::Contains(Fault::kBounds));
}

struct AddTo {
  int* sum;

  CTXFIT_HD void operator()(int value) const { *sum += value; }
};

TEST_F(AlgorithmTest, MemoryOfTheHostIsReported) {
  const auto values = Zeros(3);
  const int* const begin = values.data();
  const std::vector<int> of_host(3);
  EXPECT_THAT(FaultsOfReduction(of_host.data(), 3), testing::Contains(Fault::kHostMemory));
  static int sum = 0;
  EXPECT_THAT(FaultsOfThrust([&](const auto& policy) { thrust::for_each(policy, begin, begin + 3, AddTo{&sum}); }),
              testing::Contains(Fault::kHostMemory));
}

// Work of the stream comes before the algorithm.
TEST_F(AlgorithmTest, AnAlgorithmFindsWhatTheStreamHasWritten) {
  const std::vector<int> source = {5, 6, 7};
  const auto values = Uninitialised(3);
  ASSERT_EQ(cudaMemcpyAsync(values.data(), source.data(), 3 * sizeof(int), cudaMemcpyHostToDevice, device_->stream()),
            cudaSuccess);
  const int* const begin = values.data();
  int sum = 0;
  EXPECT_THAT(FaultsOfThrust([&](const auto& policy) { sum = thrust::reduce(policy, begin, begin + 3); }), IsEmpty());
  EXPECT_EQ(sum, 18);
}

TEST_F(AlgorithmTest, AFailureIsAStatus) {
  const auto values = Zeros(3);
  int* const begin = values.data();
  const auto sort = [&](const auto& policy) { thrust::stable_sort_by_key(policy, begin, begin + 1, begin + 1); };
  RepairDevice();
  FailCall(1, cudaErrorLaunchFailure, false);
  EXPECT_THAT(RunThrust(*device_, sort).message(), AllOf(HasSubstr("Thrust"), HasSubstr("cudaErrorLaunchFailure")));
  RepairDevice();
  FailCall(2, cudaErrorMemoryAllocation, false);
  EXPECT_EQ(RunThrust(*device_, sort).code(), absl::StatusCode::kResourceExhausted);
  RepairDevice();
  EXPECT_EQ(RunThrust(*device_, sort), absl::OkStatus());
}

}  // namespace
}  // namespace ctxfit::emulator

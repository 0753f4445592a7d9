#include <utility>

#include "kernels/backend/cuda/buffer.h"
#include "kernels/backend/cuda/row_order.h"
#include "kernels/backend/cuda/search.h"
#include "kernels/base/thread_pool.h"
#include "kernels/data/cells.h"
#include "kernels/law/domain.h"
#include "tests/gpu/gpu_test.h"
#include "tests/gpu/memory_hog.h"
#include "tests/gpu/problems.h"
#include "tests/kernels/one_search.h"
#include "tests/kernels/random_table.h"

namespace ctxfit {
namespace {

using CudaMemoryTest = GpuTest;

void SearchAndRefit(const Cells& cells) {
  const auto backend = MakeCudaBackend().value();
  const auto search = StartOne(*backend, cells, SettingsOf(MakeDomain({}), 1), SpreadMembers(16, 1)).value();
  EXPECT_TRUE(search->Advance(2, StopSignal()).ok());
  // Scores without a law let no replicate converge: what a refit allocates, it has after a step.
  ReplicateRequest request = {{{0, 0.5, 0, 0.5}}, 8, {1}, {}};
  request.criteria.max_iterations = 2;
  EXPECT_TRUE(backend->RefitReplicates(cells, MakeDomain({}), request, StopSignal()).ok());
}

TEST_F(CudaMemoryTest, ABackendGivesItsMemoryBack) {
  // A cell of either takes 40 bytes or more: 4 MB, which the driver would not overlook.
  const Cells with_moments = MadeUpCells(100000, 2, 12, 100);
  const Cells without = MadeUpCells(100000, 2, 12, 100000);
  const auto use_backends = [&] {
    SearchAndRefit(with_moments);
    SearchAndRefit(without);
  };
  use_backends();  // what the runtime itself keeps is allocated by now
  const std::size_t before = FreeBytes();
  for (int i = 0; i < 3; ++i) use_backends();
  EXPECT_GE(FreeBytes(), before);
}

TEST_F(CudaMemoryTest, MoreThanTheDeviceHasIsResourceExhausted) {
  const auto device = OpenDevice();
  const auto buffer = DeviceBuffer<double>::Allocate(device, std::size_t{1} << 47);
  EXPECT_EQ(buffer.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(DeviceBuffer<double>::Allocate(device, 1000).ok()) << "the device is unusable after that";
}

TEST_F(CudaMemoryTest, ASearchThatDoesNotFitIsResourceExhausted) {
  const auto backend = OpenBackend();
  const MemoryHog hog(64);
  const Cells cells = MadeUpCells(10000000, 2, 12, 100);  // 160 MB on the device
  const auto search = StartOne(*backend, cells, SettingsOf(MakeDomain({}), 1), SpreadMembers(64, 1));
  EXPECT_EQ(search.status().code(), absl::StatusCode::kResourceExhausted) << search.status();
  const Cells fewer = MadeUpCells(1000, 2, 12, 100);
  EXPECT_TRUE(StartOne(*backend, fewer, SettingsOf(MakeDomain({}), 1), SpreadMembers(64, 1)).ok())
      << "the backend is unusable after that";
}

TEST_F(CudaMemoryTest, RowsThatDoNotFitAreSortedAndCollapsedOnTheHost) {
  const auto backend = MakeCudaBackend(0, 0).value();
  const ObservationTable table = DrawTable({.rows = Scaled(200000), .clusters = 5}, 1);
  const StopSignal stop;
  const MemoryHog hog(1);
  EXPECT_EQ(SortOnDevice(OpenDevice(), table, AllRows(table), stop).status().code(),
            absl::StatusCode::kResourceExhausted);
  ThreadPool pool(2);
  const auto order = backend->Sorter(stop)(table, AllRows(table), pool);
  ASSERT_TRUE(order.ok()) << order.status();
  EXPECT_EQ(order->rows, SortCanonically(table, AllRows(table), pool).rows);
  const Observations observations = OnlyTask(table);
  const auto cells = backend->Collapse(observations, ChooseReferences(observations, {}), {}, {}, stop);
  ASSERT_TRUE(cells.ok()) << cells.status();
  EXPECT_EQ(cells->kept.score, Collapse(observations, ChooseReferences(observations, {}), {}, Units::kKeep).score);
}

TEST_F(CudaMemoryTest, TheHighWaterMarkCountsWhatWasInUseAtOneTime) {
  const auto device = OpenDevice();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(DeviceBuffer<char>::Allocate(device, 10 << 20).ok());
  ASSERT_EQ(device->Wait(), absl::OkStatus());
  EXPECT_GE(device->HighWaterMark().value(), std::size_t{10} << 20);
  EXPECT_LT(device->HighWaterMark().value(), std::size_t{20} << 20);
}

TEST_F(CudaMemoryTest, BuffersMove) {
  const auto device = OpenDevice();
  auto first = DeviceBuffer<int>::CopyOf(device, {1, 2, 3}).value();
  DeviceBuffer<int> second = std::move(first);
  EXPECT_EQ(second.ToHost().value(), (std::vector<int>{1, 2, 3}));
  first = DeviceBuffer<int>::CopyOf(device, {4}).value();
  second = std::move(first);
  EXPECT_EQ(second.ToHost().value(), std::vector<int>{4});
}

}  // namespace
}  // namespace ctxfit

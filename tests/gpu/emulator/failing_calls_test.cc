#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kernels/backend/backend.h"
#include "kernels/backend/cuda/collapse.h"
#include "kernels/backend/cuda/device.h"
#include "kernels/backend/cuda/row_order.h"
#include "kernels/base/device_failure.h"
#include "kernels/base/status_macros.h"
#include "kernels/law/domain.h"
#include "kernels/law/loss_rule.h"
#include "kernels/law/resampling.h"
#include "tests/gpu/emulator/control.h"
#include "tests/gpu/option_sets.h"
#include "tests/gpu/problems.h"
#include "tests/kernels/moment_problem.h"
#include "tests/kernels/random_table.h"

// Every call of the runtime that a fit makes fails in its turn.

namespace ctxfit::emulator {
namespace {

using ::testing::HasSubstr;

// Searches, refits over cells and one by moments: all that a fit asks of a backend.
class Work {
 public:
  // Sets `calls` to how many were made up to the end of the work, after which destructors make more.
  absl::Status Run(long& calls) const {
    const auto backend = MakeCudaBackend();
    if (!backend.ok()) return backend.status();
    CTXFIT_RETURN_IF_ERROR(RunOn(**backend));
    const auto shares = (*backend)->Share(2);
    calls = CountCalls();
    return shares.status();
  }

  absl::Status RunOn(Backend& backend) const {
    const auto members = SpreadMembers(8, 1, domain_);
    const auto full_members = SpreadMembers(8, 1, full_domain_);
    const auto search = backend.StartSearch(
        {{cells_, SettingsOf(domain_, 1), members}, {full_, SettingsOf(full_domain_, 1), full_members}}, StopSignal());
    if (!search.ok()) return search.status();
    CTXFIT_RETURN_IF_ERROR((*search)->Advance({0, 1}, 2, StopSignal()).status());
    CTXFIT_RETURN_IF_ERROR((*search)->Advance({1}, 2, StopSignal()).status());
    CTXFIT_RETURN_IF_ERROR((*search)->Read(0).status());
    ReplicateRequest request = {{{0, 0.5, 0, 0.5}}, 2, {1}, {}};
    request.criteria.max_iterations = 2;
    CTXFIT_RETURN_IF_ERROR(backend.RefitReplicates(cells_, domain_, request, StopSignal()).status());
    CTXFIT_RETURN_IF_ERROR(backend.RefitReplicates(few_prompts_, domain_, request, StopSignal()).status());
    request.start = full_simulation_.law.point;
    return backend.RefitReplicates(full_, full_domain_, request, StopSignal()).status();
  }

 private:
  // The full form and two-way resampling, for which weights are copied.
  static constexpr OptionSet kFull = {Loss::kHuber, FittedPart::kFloor, Resampling::kTwoWay};

  const Cells cells_ = MadeUpCells(60, 2, 3, 30);
  const Cells few_prompts_ = ManyCells({.distinct_prompts = false, .clusters = 3, .models = 2, .per_model = 60});
  const Domain domain_ = MakeDomain({});
  const Simulation full_simulation_ = {.per_model = 10, .clusters = 5};
  const Cells full_ = CellsFor(OptionsOf(kFull), full_simulation_, Units::kKeep);
  const Domain full_domain_ = MakeDomain(OptionsOf(kFull));
};

class FailingCallsTest : public testing::Test {
 protected:
  FailingCallsTest() {
    RepairDevice();
    EXPECT_EQ(work_.Run(calls_), absl::OkStatus());
    EXPECT_GT(calls_, 100);
  }
  ~FailingCallsTest() override { RepairDevice(); }

  const Work work_;
  long calls_ = 0;  // that can fail
};

TEST_F(FailingCallsTest, ACallThatFailsOnceEndsItsWorkAndNothingElse) {
  for (long number = 1; number <= calls_; ++number) {
    RepairDevice();
    FailCall(number, cudaErrorMemoryAllocation, false);
    const auto backend = MakeCudaBackend();
    absl::Status status = backend.ok() ? work_.RunOn(**backend) : backend.status();
    if (status.ok()) status = (*backend)->Share(2).status();
    ASSERT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << "call " << number << ": " << status;
    ASSERT_THAT(status.message(), HasSubstr(FailedCall() == "cudaLaunchKernelEx" ? "launch of " : FailedCall()));
    if (!backend.ok()) continue;
    ASSERT_EQ(work_.RunOn(**backend), absl::OkStatus()) << "after call " << number;
  }
  RepairDevice();
  EXPECT_EQ(CountLiveObjects(), LiveObjects{});
}

TEST_F(FailingCallsTest, ALostDeviceIsADeviceFailureAndHangsNothing) {
  for (long number = 1; number <= calls_; ++number) {
    RepairDevice();
    FailCall(number, cudaErrorIllegalAddress, true);
    long calls = 0;
    const absl::Status status = work_.Run(calls);
    ASSERT_TRUE(IsDeviceFailure(status)) << "call " << number << ": " << status;
    ASSERT_THAT(status.message(), HasSubstr("cudaErrorIllegalAddress"));
    RepairDevice();
    ASSERT_EQ(CountLiveObjects(), LiveObjects{}) << "call " << number;
  }
}

// A sort and a collapse of rows, in which Thrust's algorithms and their temporary memory may fail, too. A backend would
// go on without the device if its memory did not suffice.
class Rows {
 public:
  absl::Status Run(const std::shared_ptr<CudaDevice>& device) const {
    CTXFIT_RETURN_IF_ERROR(SortOnDevice(device, table_, AllRows(table_), StopSignal()).status());
    return CollapseOnDevice(device, observations_, {1, 1}, {}, form_, StopSignal()).status();
  }

 private:
  const ObservationTable table_ = DrawTable({.rows = 12, .clusters = 2, .second_clusters = 2, .weight = true}, 1);
  const Observations observations_ = OnlyTask(table_, Resampling::kTwoWay);
  const LawForm form_ = {.full = true, .loss = {.loss = Loss::kHuber}};
};

TEST(FailingRowsTest, ACallThatFailsOnceEndsItsWorkAndNothingElse) {
  const Rows rows;
  const auto device = CudaDevice::Open(0).value();
  RepairDevice();
  ASSERT_EQ(rows.Run(device), absl::OkStatus());
  const long calls = CountCalls();
  EXPECT_GT(calls, 100);
  for (long number = 1; number <= calls; ++number) {
    RepairDevice();
    FailCall(number, cudaErrorMemoryAllocation, false);
    const absl::Status status = rows.Run(device);
    ASSERT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << "call " << number << ": " << status;
    ASSERT_THAT(status.message(), HasSubstr(FailedCall()));
    ASSERT_EQ(rows.Run(device), absl::OkStatus()) << "after call " << number;
  }
  RepairDevice();
}

TEST(FailingRowsTest, ALostDeviceIsADeviceFailureAndHangsNothing) {
  const Rows rows;
  auto device = CudaDevice::Open(0).value();
  RepairDevice();
  ASSERT_EQ(rows.Run(device), absl::OkStatus());
  const long calls = CountCalls();
  device.reset();
  for (long number = 1; number <= calls; ++number) {
    RepairDevice();
    device = CudaDevice::Open(0).value();
    FailCall(number, cudaErrorIllegalAddress, true);
    const absl::Status status = rows.Run(device);
    ASSERT_TRUE(IsDeviceFailure(status)) << "call " << number << ": " << status;
    device.reset();
    RepairDevice();
    ASSERT_EQ(CountLiveObjects(), LiveObjects{}) << "call " << number;
  }
}

}  // namespace
}  // namespace ctxfit::emulator

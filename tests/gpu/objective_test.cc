#include <cmath>

#include "kernels/backend/cuda/buffer.h"
#include "kernels/backend/cuda/objective_batch.h"
#include "kernels/law/domain.h"
#include "tests/gpu/evaluate.h"
#include "tests/gpu/gpu_test.h"
#include "tests/gpu/problems.h"
#include "tests/kernels/backend/cuda/objective_bound.h"

namespace ctxfit {
namespace {

using ObjectiveTest = GpuTest;

void ExpectCostsWithinBound(const Cells& cells, int member_count) {
  const std::vector<BasicPoint<float>> members = SpreadMembers(member_count, 11);
  const auto cuda = MakeCudaBackend();
  ASSERT_TRUE(cuda.ok()) << cuda.status();
  const Population on_gpu = Evaluate(**cuda, cells, members);
  const Population on_cpu = Evaluate(*MakeCpuBackend(), cells, members);
  ASSERT_EQ(on_gpu.costs.size(), members.size());
  for (std::size_t i = 0; i < members.size(); ++i) {
    const Point point = InDouble(members[i]);
    const double exact = WeightedCost(cells, point) - cells.within_cost;
    const double bound = CostBound(cells, point);
    ASSERT_NEAR(on_gpu.costs[i], exact, bound) << "member " << i;
    // The CPU's factors and residuals are off by no more; its sums are flushed every 128 cells at the latest.
    ASSERT_NEAR(on_gpu.costs[i], on_cpu.costs[i], 2 * bound + 130 * kUnit * exact) << "member " << i;
    ASSERT_LT(bound, 1e-3 * exact + 1e-6) << "the bound says nothing";
  }
}

TEST_F(ObjectiveTest, CostsAgreeWithTheReferenceAndTheCpuOnSimulatedData) { ExpectCostsWithinBound(CellsOf({}), 100); }

TEST_F(ObjectiveTest, CostsAgreeWhereManyModelsShareAPrompt) {
  ExpectCostsWithinBound(MadeUpCells(Scaled(60000), 12, 12, 100), 64);
}

TEST_F(ObjectiveTest, CostsAgreeWhereOnePromptHasAllCells) {
  ExpectCostsWithinBound(MadeUpCells(5000, 5000, 12, 9), 9);
}

TEST_F(ObjectiveTest, CostsAgreeWhereComputesOutgrowSharedMemory) {
  for (const int members : {17, 50, 130}) {
    ExpectCostsWithinBound(MadeUpCells(3000, 1, kObjectiveTableComputes + 1, 9), members);
    ExpectCostsWithinBound(MadeUpCells(3000, 2, kObjectiveTableComputes + 1, 9), members);
  }
}

TEST_F(ObjectiveTest, CostsAgreeWhereTheTableOfComputesIsFull) {
  for (const int per_prompt : {1, 3}) {
    ExpectCostsWithinBound(MadeUpCells(Scaled(10000), per_prompt, kObjectiveTableComputes, 9), 130);  // one to a thread
    ExpectCostsWithinBound(MadeUpCells(Scaled(10000), per_prompt, kObjectiveTableComputes / 2, 9), 130);  // two
    ExpectCostsWithinBound(MadeUpCells(Scaled(10000), per_prompt, kObjectiveTableComputes / 4, 9), 130);  // four
  }
}

TEST_F(ObjectiveTest, CostsAgreeWhereEveryCellHasAPromptOfItsOwn) {
  ExpectCostsWithinBound(MadeUpCells(Scaled(70000), 1, 12, 9), 300);
}

TEST_F(ObjectiveTest, CostsAgreeOnASingleCell) { ExpectCostsWithinBound(MadeUpCells(1, 1, 1, 1), 8); }

TEST_F(ObjectiveTest, HugeWeightsDoNotOverflow) {
  Cells cells = MadeUpCells(1000, 3, 4, 5);
  for (double& weight : cells.weight) weight *= 1e90;
  ExpectCostsWithinBound(cells, 8);
}

TEST_F(ObjectiveTest, ANonFiniteMemberIsWorstAndCounted) {
  std::vector<BasicPoint<float>> members = SpreadMembers(20, 2);
  members[4].at[kComputeExponent] = std::nanf("");
  auto backend = OpenBackend();
  auto search = StartOne(*backend, CellsOf({}), SettingsOf(MakeDomain({}), 1), members);
  ASSERT_TRUE(search.ok()) << search.status();
  EXPECT_EQ((*search)->Read().value().costs[4], std::numeric_limits<double>::infinity());
  const PopulationSummary summary = (*search)->Advance(0, StopSignal()).value();
  EXPECT_EQ(summary.non_finite_count, 1);
  EXPECT_EQ(summary.evaluation_count, 20);
  EXPECT_TRUE(std::isfinite(summary.mean_cost));
}

// The costs of `members` under a plan of the test's own.
std::vector<double> EvaluateUnder(const ObjectivePlan& plan, const std::shared_ptr<CudaDevice>& device,
                                  const Cells& cells, const std::vector<BasicPoint<float>>& members) {
  const auto on_device = ObjectiveCells::Upload(device, cells, StopSignal()).value();
  const auto candidates = DeviceBuffer<BasicPoint<float>>::CopyOf(device, members).value();
  const std::vector<double> poison(members.size(), -1);
  const auto costs = DeviceBuffer<double>::CopyOf(device, poison).value();
  const ObjectiveProblem problem = {on_device.view(), plan, candidates.data(), costs.data(),
                                    static_cast<std::int32_t>(members.size())};
  const auto batch = ObjectiveBatch::Make(device, {problem}, kSliceWork).value();
  EXPECT_EQ(batch.round_count(), plan.slices);
  for (int round = 0; round < batch.round_count(); ++round) {
    EXPECT_EQ(batch.Enqueue(round, device->stream()), absl::OkStatus());
  }
  return costs.ToHost().value();
}

TEST_F(ObjectiveTest, SlicesChangeNothing) {
  const auto device = OpenDevice();
  const Cells cells = MadeUpCells(Scaled(20000), 3, 12, 9);
  const std::vector<BasicPoint<float>> members = SpreadMembers(300, 4);  // three groups, the last incomplete
  const std::vector<double> whole = EvaluateUnder({1, 3, 12, 4}, device, cells, members);
  EXPECT_EQ(EvaluateUnder({3, 3, 4, 4}, device, cells, members), whole);
  EXPECT_EQ(EvaluateUnder({12, 3, 1, 4}, device, cells, members), whole);
}

TEST_F(ObjectiveTest, HowManyCandidatesAThreadHasChangesNothing) {
  const auto device = OpenDevice();
  const Cells cells = MadeUpCells(Scaled(20000), 3, 12, 9);
  const std::vector<BasicPoint<float>> members = SpreadMembers(300, 4);
  const std::vector<double> four = EvaluateUnder({1, 3, 12, 4}, device, cells, members);
  EXPECT_EQ(EvaluateUnder({1, 5, 12, 2}, device, cells, members), four);
  EXPECT_EQ(EvaluateUnder({1, 10, 12, 1}, device, cells, members), four);
}

TEST_F(ObjectiveTest, SplitsChangeNothingBeyondTheSum) {
  const auto device = OpenDevice();
  const Cells cells = MadeUpCells(Scaled(20000), 3, 12, 9);
  const std::vector<BasicPoint<float>> members = SpreadMembers(50, 4);
  const std::vector<double> whole = EvaluateUnder({1, 1, 1, 4}, device, cells, members);
  const std::vector<double> split = EvaluateUnder({1, 1, 1000, 4}, device, cells, members);  // most warps have no batch
  // Both have the same terms in single precision; their sums differ.
  for (std::size_t i = 0; i < members.size(); ++i) EXPECT_NEAR(split[i], whole[i], 2 * kSumBound * whole[i]);
}

}  // namespace
}  // namespace ctxfit

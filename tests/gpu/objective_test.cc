#include "kernels/cuda/objective.h"

#include <algorithm>
#include <cmath>

#include "kernels/cuda/buffer.h"
#include "kernels/linearization.h"
#include "tests/gpu/gpu_test.h"
#include "tests/gpu/problems.h"

namespace ctxfit {
namespace {

using ObjectiveTest = GpuTest;

// What single precision may change in the cost of `point`, with u = 2^-24. The argument x = a + b L of a saturating
// factor is off by |a| u + 3 |b L| u at most (L, the product and the sum are rounded), its exponential by 4 u relative,
// and both pass on to the factor with rate exp(-rate) <= 1/e; expm1 adds 6 u. The two factors, their product with the
// penalty, the rounded target and the subtraction leave a residual off by sqrt(w) epsilon, and so a cost off by
// sum w (2 |r| epsilon + epsilon^2), to which squaring and the sum, compensated here and flushed to double precision
// every 128 cells at the latest on a CPU, add 130 u.
double CostBound(const Cells& cells, const Point& point) {
  constexpr double kUnit = 0x1p-24;
  double log_compute = 0;
  double log_prompt = 0;
  for (const double x : cells.log_compute) log_compute = std::max(log_compute, std::abs(x));
  for (const double x : cells.log_prompt) log_prompt = std::max(log_prompt, std::abs(x));
  const double arguments =
      std::abs(point.at[kLogComputeCoefficient]) + 3 * std::abs(point.at[kComputeExponent]) * log_compute +
      std::abs(point.at[kLogContextCoefficient]) + 3 * std::abs(point.at[kContextExponent]) * log_prompt;
  const double epsilon = kUnit * ((arguments + 8) * std::exp(-1.0) + 2 * 6 + 3 + 1 + 1);
  double absolute = 0;
  double weight = 0;
  for (std::size_t k = 0; k < cells.log_prompt.size(); ++k) {
    const double g = Saturate(LogRate(point.at[2], point.at[3], cells.log_prompt[k]));
    for (std::int32_t i = cells.prompt_begin[k]; i < cells.prompt_begin[k + 1]; ++i) {
      const double f = Saturate(LogRate(point.at[0], point.at[1], cells.log_compute[cells.compute[i]]));
      absolute += cells.weight[i] * std::abs(cells.score[i] - f * g * cells.penalty[i]);
      weight += cells.weight[i];
    }
  }
  const double cost = WeightedCost(cells, point) - cells.within_cost;
  return 2 * epsilon * absolute + epsilon * epsilon * weight + 130 * kUnit * cost;
}

Point InDouble(const BasicPoint<float>& member) { return {{member.at[0], member.at[1], member.at[2], member.at[3]}}; }

Population Evaluate(Backend& backend, const Cells& cells, const std::vector<BasicPoint<float>>& members) {
  auto search = backend.StartSearch(cells, SettingsOf(MakeDomain({}), 1), members, StopSignal());
  EXPECT_TRUE(search.ok()) << search.status();
  return (*search)->Read().value();
}

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
    ASSERT_NEAR(on_gpu.costs[i], on_cpu.costs[i], 2 * bound) << "member " << i;
    ASSERT_LT(bound, 1e-3 * exact + 1e-6) << "the bound says nothing";
  }
}

TEST_F(ObjectiveTest, CostsAgreeWithTheReferenceAndTheCpuOnSimulatedData) { ExpectCostsWithinBound(CellsOf({}), 100); }

TEST_F(ObjectiveTest, CostsAgreeWhereManyModelsShareAPrompt) {
  ExpectCostsWithinBound(MadeUpCells(60000, 12, 12, 100), 64);
}

TEST_F(ObjectiveTest, CostsAgreeWhereOnePromptHasAllCells) {
  ExpectCostsWithinBound(MadeUpCells(5000, 5000, 12, 9), 9);
}

TEST_F(ObjectiveTest, CostsAgreeWhereComputesOutgrowSharedMemory) {
  ExpectCostsWithinBound(MadeUpCells(3000, 2, kObjectiveTableComputes + 1, 9), 17);
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
  auto search = backend->StartSearch(CellsOf({}), SettingsOf(MakeDomain({}), 1), members, StopSignal());
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
  const auto on_device = DeviceCells<float>::Upload(device, cells, StopSignal()).value();
  const auto candidates = DeviceBuffer<BasicPoint<float>>::CopyOf(device, members).value();
  const auto partials = DeviceBuffer<CandidateSums>::Allocate(device, PartialCount(plan)).value();
  const std::vector<double> poison(members.size(), -1);
  const auto costs = DeviceBuffer<double>::CopyOf(device, poison).value();
  for (std::int32_t slice = 0; slice < plan.slices; ++slice) {
    EXPECT_EQ(
        LaunchObjective(on_device.view(), plan, slice, candidates.data(), static_cast<std::int32_t>(members.size()),
                        partials.data(), costs.data(), device->stream()),
        absl::OkStatus());
  }
  return costs.ToHost().value();
}

TEST_F(ObjectiveTest, SlicesChangeNothing) {
  const auto device = OpenDevice();
  const Cells cells = MadeUpCells(20000, 3, 12, 9);
  const std::vector<BasicPoint<float>> members = SpreadMembers(50, 4);  // seven groups, the last incomplete
  const std::vector<double> whole = EvaluateUnder({1, 7, 5}, device, cells, members);
  EXPECT_EQ(EvaluateUnder({3, 3, 5}, device, cells, members), whole);
  EXPECT_EQ(EvaluateUnder({7, 1, 5}, device, cells, members), whole);
}

TEST_F(ObjectiveTest, SplitsChangeNothingBeyondTheSum) {
  const auto device = OpenDevice();
  const Cells cells = MadeUpCells(20000, 3, 12, 9);
  const std::vector<BasicPoint<float>> members = SpreadMembers(50, 4);
  const std::vector<double> whole = EvaluateUnder({1, 7, 1}, device, cells, members);
  const std::vector<double> split = EvaluateUnder({1, 7, 40}, device, cells, members);
  // The same terms in single precision, each sum of them compensated: 2^-23 relative each.
  for (std::size_t i = 0; i < members.size(); ++i) EXPECT_NEAR(split[i], whole[i], 2 * 0x1.1p-23 * whole[i]);
}

}  // namespace
}  // namespace ctxfit

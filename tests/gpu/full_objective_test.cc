#include <cmath>

#include "kernels/backend/cuda/work_plan.h"
#include "kernels/law/domain.h"
#include "tests/gpu/evaluate.h"
#include "tests/gpu/gpu_test.h"
#include "tests/gpu/option_sets.h"
#include "tests/gpu/problems.h"
#include "tests/kernels/backend/cuda/objective_bound.h"

namespace ctxfit {
namespace {

void ExpectCostsWithinBound(const Cells& cells, const Domain& domain, int member_count) {
  ASSERT_TRUE(cells.full());
  const std::vector<BasicPoint<float>> members = SpreadMembers(member_count, 11, domain);
  const Population on_gpu = Evaluate(*MakeCudaBackend().value(), cells, members, domain);
  const Population on_cpu = Evaluate(*MakeCpuBackend(), cells, members, domain);
  ASSERT_EQ(on_gpu.costs.size(), members.size());
  for (std::size_t i = 0; i < members.size(); ++i) {
    const Point point = InDouble(members[i]);
    const double exact = WeightedCost(cells, point) - cells.within_cost;
    const Bounded bounded = BoundedFullCost(cells, point);
    ASSERT_NEAR(bounded.value + ConstantCost(cells), exact, 1e-11 * bounded.value);
    ASSERT_NEAR(on_gpu.costs[i], exact, bounded.error) << "member " << i;
    // The CPU's errors are no larger; its sums are flushed every 128 cells at the latest.
    ASSERT_NEAR(on_gpu.costs[i], on_cpu.costs[i], 2 * bounded.error + 130 * kUnit * bounded.value) << "member " << i;
    // Where a prediction is so close to 1 that the difference is rounding error, its logarithm in the Bernoulli loss is
    // some 14 and is off by a few tenths.
    const double share = cells.loss.loss == Loss::kBernoulli ? 3e-2 : 1e-3;
    ASSERT_LT(bounded.error, share * bounded.value + 1e-6) << "the bound says nothing";
  }
}

using FullObjectiveTest = GpuTest;

class FullObjectiveCostsTest : public GpuTest, public testing::WithParamInterface<OptionSet> {};

TEST_P(FullObjectiveCostsTest, AgreeWithTheReferenceAndTheCpu) {
  const FitOptions options = OptionsOf(GetParam());
  const Domain domain = MakeDomain(options);
  ExpectCostsWithinBound(CellsFor(options, {.per_model = 60, .noise = 0.1}), domain, 70);
  ExpectCostsWithinBound(CellsFor(options, {.per_model = 300, .noise = 0.1, .distinct_prompts = false}), domain, 20);
}

TEST_P(FullObjectiveCostsTest, AgreeWhereComputesOutgrowSharedMemory) {
  const FitOptions options = OptionsOf(GetParam());
  const Simulation simulation = {.models = kObjectiveTableComputes + 1, .per_model = 2, .compute_step = 1.02};
  ExpectCostsWithinBound(CellsFor(options, simulation), MakeDomain(options), 8);
}

INSTANTIATE_TEST_SUITE_P(
    Forms, FullObjectiveCostsTest,
    testing::Values(OptionSet{Loss::kSquared, FittedPart::kPenalty},
                    OptionSet{Loss::kSquared, FittedPart::kPenaltyInTokens},
                    OptionSet{Loss::kSquared, FittedPart::kFloor}, OptionSet{Loss::kSquared, FittedPart::kCeiling},
                    OptionSet{Loss::kSquared, FittedPart::kAll}, OptionSet{Loss::kHuber, FittedPart::kFactors},
                    OptionSet{Loss::kHuber, FittedPart::kPenalty}, OptionSet{Loss::kHuber, FittedPart::kFloor},
                    OptionSet{Loss::kHuber, FittedPart::kCeiling}, OptionSet{Loss::kHuber, FittedPart::kAll},
                    OptionSet{Loss::kBernoulli, FittedPart::kFactors},
                    OptionSet{Loss::kBernoulli, FittedPart::kPenalty}, OptionSet{Loss::kBernoulli, FittedPart::kFloor},
                    OptionSet{Loss::kBernoulli, FittedPart::kCeiling}, OptionSet{Loss::kBernoulli, FittedPart::kAll}),
    testing::PrintToStringParamName());

TEST_F(FullObjectiveTest, ANonFiniteMemberIsWorstAndCounted) {
  for (const Loss loss : kLosses) {
    const FitOptions options = OptionsOf({loss, FittedPart::kAll});
    const Domain domain = MakeDomain(options);
    std::vector<BasicPoint<float>> members = SpreadMembers(20, 2, domain);
    members[4].at[kFloor] = std::nanf("");
    auto backend = OpenBackend();
    auto search = StartOne(*backend, CellsFor(options, {}), SettingsOf(domain, 1), members);
    ASSERT_TRUE(search.ok()) << search.status();
    EXPECT_EQ((*search)->Read().value().costs[4], std::numeric_limits<double>::infinity());
    const PopulationSummary summary = (*search)->Advance(0, StopSignal()).value();
    EXPECT_EQ(summary.non_finite_count, 1);
    EXPECT_EQ(summary.evaluation_count, 20);
  }
}

TEST_F(FullObjectiveTest, HugeWeightsDoNotOverflow) {
  const FitOptions options = OptionsOf({Loss::kHuber, FittedPart::kAll});
  Cells cells = CellsFor(options, {});
  for (double& weight : cells.weight) weight *= 1e90;
  ExpectCostsWithinBound(cells, MakeDomain(options), 8);
}

// Every generation proposes all free coordinates and keeps the others.
TEST_F(FullObjectiveTest, TheSameSearchTwiceHasTheSameBitsAndImproves) {
  const FitOptions options = OptionsOf({Loss::kBernoulli, FittedPart::kAll});
  const Domain domain = MakeDomain(options);
  const Cells cells = CellsFor(options, {});
  const auto backend = OpenBackend();
  const auto search = [&] {
    return StartOne(*backend, cells, SettingsOf(domain, 42), SpreadMembers(64, 5, domain)).value();
  };
  const auto first = search();
  const double before = first->Advance(0, StopSignal()).value().best_cost;
  const double after = first->Advance(15, StopSignal()).value().best_cost;
  EXPECT_LT(after, before);
  const auto second = search();
  EXPECT_EQ(second->Advance(15, StopSignal()).value().best_cost, after);
  EXPECT_EQ(second->Read().value().costs, first->Read().value().costs);
}

}  // namespace
}  // namespace ctxfit

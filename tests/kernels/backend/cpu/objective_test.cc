#include "kernels/backend/cpu/objective.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <random>
#include <utility>

#include "kernels/objective/linearization.h"
#include "tests/kernels/random_cells.h"
#include "tests/kernels/vector_variants.h"

namespace ctxfit {
namespace {

// Returns random candidates with |ln A|, |ln B| <= 2 and exponents in [0, 2].
std::vector<BasicPoint<float>> SomeMembers(int count) {
  std::mt19937 random(8);
  std::uniform_real_distribution<float> coefficient(-2, 2), exponent(0, 2);
  std::vector<BasicPoint<float>> members(count);
  for (BasicPoint<float>& member : members) {
    member = {{coefficient(random), exponent(random), coefficient(random), exponent(random)}};
  }
  return members;
}

double ExactCost(const Cells& cells, const BasicPoint<float>& member) {
  Point point{};
  for (int i = 0; i < kCoordinateCount; ++i) point.at[i] = member.at[i];
  return WeightedCost(cells, point) - cells.within_cost;
}

// Bound on the error of a cost in single precision, with u = 2^-24. A log rate is at most 2 + 2 * 5 = 12; its errors
// are those of a rounded log ratio (10 u) and of one multiply-add or two operations (24 u). A factor's error is 1/e of
// that, 13 u, and 10 u of its own (5 units in the last place). Two factors, the penalty, the score and four operations
// make e = 54 u. By the Cauchy-Schwarz inequality the error of the cost is then at most 2 e sqrt(W cost) + W e^2.
// Weights and squares add 4 u, the sums in single precision 127 u.
double CostBound(const Cells& cells, double cost) {
  const double u = 0x1p-24;
  const double e = 54 * u;
  const double total_weight = std::accumulate(cells.weight.begin(), cells.weight.end(), 0.0);
  return 2 * e * std::sqrt(total_weight * cost) + total_weight * e * e + 131 * u * cost;
}

std::vector<double> Evaluate(const VectorKernels& kernels, int threads, const Cells& cells,
                             const std::vector<BasicPoint<float>>& members) {
  ThreadPool pool(threads);
  CpuObjective objective(kernels, pool);
  const StopSignal stop;
  std::vector<double> costs;
  EXPECT_TRUE(objective.Load(cells, stop).ok());
  EXPECT_TRUE(objective.Evaluate(members, stop, costs).ok());
  return costs;
}

void ExpectExactCosts(const Cells& cells, const std::vector<BasicPoint<float>>& members,
                      const std::vector<double>& costs) {
  ASSERT_EQ(costs.size(), members.size());
  for (std::size_t i = 0; i < members.size(); ++i) {
    const double exact = ExactCost(cells, members[i]);
    EXPECT_NEAR(costs[i], exact, CostBound(cells, exact)) << "member " << i;
  }
}

// Each case runs with every instruction set that this machine supports.
class CpuObjectiveTest : public testing::TestWithParam<VectorVariant> {};

TEST_P(CpuObjectiveTest, CostsAgreeWithDoublePrecision) {
  const Cells cells = RandomCells({.crowd = 10000});  // several chunks, one prompt length longer than two of them
  const std::vector<BasicPoint<float>> members = SomeMembers(2 * kObjectiveLanes + 6);
  ExpectExactCosts(cells, members, Evaluate(*GetParam().kernels, 2, cells, members));
}

TEST_P(CpuObjectiveTest, CostsOfTheFullLawAgreeWithDoublePrecision) {
  Cells cells = RandomCells({});
  cells.penalty.clear();
  for (std::size_t i = 0; i < cells.size(); ++i) cells.excess.push_back({0.5 * static_cast<double>(i % 31), 8});
  std::vector<BasicPoint<float>> members = SomeMembers(kObjectiveLanes + 6);
  for (std::size_t i = 0; i < members.size(); ++i) {
    const auto share = static_cast<float>(i % 7) / 10;
    members[i].at[kLogPenaltyWidth] = share;
    members[i].at[kLogPenaltyOnset] = 0.3f - share;
    members[i].at[kFloor] = share / 2;
    members[i].at[kHeadroom] = share / 3;
  }
  const std::vector<double> costs = Evaluate(*GetParam().kernels, 2, cells, members);
  for (std::size_t i = 0; i < members.size(); ++i) {
    const double exact = ExactCost(cells, members[i]);
    // The excess, below 20, has a relative error of 4 u and moves the penalty, of slope 1/4, by 20 u: less than the
    // bound allows for the factors.
    EXPECT_NEAR(costs[i], exact, 2 * CostBound(cells, exact)) << "member " << i;
  }
}

TEST_P(CpuObjectiveTest, CostsOfOtherLossesAgreeWithDoublePrecision) {
  Cells cells = RandomCells({});
  cells.penalty.clear();
  for (std::size_t i = 0; i < cells.size(); ++i) cells.excess.push_back({0.5 * static_cast<double>(i % 31), 8});
  std::vector<BasicPoint<float>> members = SomeMembers(kObjectiveLanes + 6);
  for (BasicPoint<float>& member : members) member.at[kFloor] = member.at[kHeadroom] = 0.05f;
  const double total_weight = std::accumulate(cells.weight.begin(), cells.weight.end(), 0.0);
  for (const Loss loss : {Loss::kHuber, Loss::kBernoulli}) {
    cells.loss = {loss, 0.1};
    const std::vector<double> costs = Evaluate(*GetParam().kernels, 2, cells, members);
    for (std::size_t i = 0; i < members.size(); ++i) {
      const double exact = ExactCost(cells, members[i]);
      // A prediction has an error of 108 u and lies in [0.05, 0.95], where the deviance's slope is at most 2 / 0.05.
      EXPECT_NEAR(costs[i], exact, 0x1p-24 * (40 * 108 * total_weight + 131 * exact)) << "member " << i;
    }
  }
}

TEST_P(CpuObjectiveTest, ASingleCellAgreesWithDoublePrecision) {
  const Cells cells = RandomCells({.prompts = 1, .most_per_prompt = 1, .computes = 1});
  const std::vector<BasicPoint<float>> members = SomeMembers(3);
  ExpectExactCosts(cells, members, Evaluate(*GetParam().kernels, 2, cells, members));
}

TEST_P(CpuObjectiveTest, CostsAgreeWithDoublePrecisionOverSeveralWaves) {
  // 200,000 computes by 32 lanes are 26 MB a group: two groups in the first wave, one in the second.
  const Cells cells = RandomCells({.prompts = 200000, .most_per_prompt = 1, .computes = 200000});
  const std::vector<BasicPoint<float>> members = SomeMembers(2 * kObjectiveLanes + 6);
  const std::vector<double> costs = Evaluate(*GetParam().kernels, 2, cells, members);
  for (const std::size_t i : {0, 31, 32, 63, 64, 69}) {
    const double exact = ExactCost(cells, members[i]);
    EXPECT_NEAR(costs[i], exact, CostBound(cells, exact)) << "member " << i;
  }
}

TEST_P(CpuObjectiveTest, CostsDoNotDependOnTheNumberOfThreads) {
  const Cells cells = RandomCells({.prompts = 3000});
  const std::vector<BasicPoint<float>> members = SomeMembers(70);
  const std::vector<double> costs = Evaluate(*GetParam().kernels, 1, cells, members);
  EXPECT_EQ(Evaluate(*GetParam().kernels, 2, cells, members), costs);
  EXPECT_EQ(Evaluate(*GetParam().kernels, 5, cells, members), costs);
}

TEST_P(CpuObjectiveTest, CostsDoNotDependOnOtherCandidates) {
  const Cells cells = RandomCells({});
  std::vector<BasicPoint<float>> members = SomeMembers(70);
  const std::vector<double> costs = Evaluate(*GetParam().kernels, 2, cells, members);
  EXPECT_EQ(Evaluate(*GetParam().kernels, 2, cells, {members[41]}).at(0), costs[41]);
  std::swap(members[41], members[3]);
  EXPECT_EQ(Evaluate(*GetParam().kernels, 2, cells, members).at(3), costs[41]);
}

TEST_P(CpuObjectiveTest, NanInACandidateAffectsOnlyItsOwnCost) {
  const Cells cells = RandomCells({});
  std::vector<BasicPoint<float>> members = SomeMembers(40);
  const std::vector<double> costs = Evaluate(*GetParam().kernels, 2, cells, members);
  members[17].at[kContextExponent] = std::numeric_limits<float>::quiet_NaN();
  members[18].at[kLogComputeCoefficient] = std::numeric_limits<float>::quiet_NaN();
  const std::vector<double> with_nan = Evaluate(*GetParam().kernels, 2, cells, members);
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (i == 17 || i == 18) {
      EXPECT_TRUE(std::isnan(with_nan[i]));
    } else {
      EXPECT_EQ(with_nan[i], costs[i]);
    }
  }
}

TEST_P(CpuObjectiveTest, CostsOfExtremeCandidatesAgreeWithDoublePrecision) {
  const Cells cells = RandomCells({});
  const std::vector<BasicPoint<float>> members = {
      {{-1000, 0, -1000, 0}}, {{1000, 0, 1000, 0}}, {{-80, 50, 80, 50}}, {{0, 1e30f, 0, 1e30f}}};
  const std::vector<double> costs = Evaluate(*GetParam().kernels, 2, cells, members);
  for (std::size_t i = 0; i < members.size(); ++i) {
    // The log rates are so large that every factor is 0 or 1 despite their rounding.
    EXPECT_NEAR(costs[i], ExactCost(cells, members[i]), CostBound(cells, costs[i])) << "member " << i;
  }
}

TEST_P(CpuObjectiveTest, CostsScaleWithTheWeights) {
  const std::vector<BasicPoint<float>> members = SomeMembers(5);
  const std::vector<double> costs = Evaluate(*GetParam().kernels, 1, RandomCells({}), members);
  // Scales at which weights or costs would overflow or vanish in single precision; powers of two change no bit.
  for (const double scale : {0x1p-300, 0x1p+300}) {
    const std::vector<double> scaled = Evaluate(*GetParam().kernels, 1, RandomCells({.weight_scale = scale}), members);
    for (std::size_t i = 0; i < members.size(); ++i) EXPECT_EQ(scaled[i], scale * costs[i]);
  }
}

TEST_P(CpuObjectiveTest, AStopSignalEndsLoadAndEvaluate) {
  const Cells cells = RandomCells({});
  ThreadPool pool(2);
  CpuObjective objective(*GetParam().kernels, pool);
  StopSignal stop;
  std::vector<double> costs;
  ASSERT_TRUE(objective.Load(cells, stop).ok());
  stop.Cancel();
  EXPECT_EQ(objective.Load(cells, stop).code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(objective.Evaluate(SomeMembers(5), stop, costs).code(), absl::StatusCode::kCancelled);
}

INSTANTIATE_TEST_SUITE_P(, CpuObjectiveTest, testing::ValuesIn(SupportedVariants()),
                         [](const auto& variant) { return variant.param.Name(); });

}  // namespace
}  // namespace ctxfit

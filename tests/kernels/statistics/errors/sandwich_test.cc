#include "kernels/statistics/errors/sandwich.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <vector>

#include "kernels/data/cells.h"
#include "kernels/data/split_tasks.h"
#include "kernels/objective/linearization.h"
#include "tests/kernels/contribution.h"
#include "tests/kernels/simulated_data.h"

namespace ctxfit {
namespace {

constexpr bool kOnlyOne[kCoordinateCount] = {false, true};

Cells SomeCells(Resampling resampling = Resampling::kAuto) {
  Simulation simulation;
  simulation.clusters = 20;
  simulation.noise = 0.05;
  const Observations observations = ValidateAndSplit(Simulate(simulation), resampling).value().at(0);
  return Collapse(observations, simulation.law.references, {}, Units::kKeep);
}

const Point kPoint = Simulation().law.point;

// w r dP / d alpha of a cell: its score by the one coordinate that is free.
double ScoreOfCell(const Cells& cells, const std::vector<double>& residuals, const std::vector<double>& jacobian,
                   std::size_t i) {
  return -residuals[i] * jacobian[i * cells.coordinate_count() + kComputeExponent];
}

// The standard error of alpha, which is a quotient where no other coordinate is free.
double WrittenDown(const Cells& cells, bool two_way) {
  std::vector<double> residuals(cells.size()), jacobian(cells.size() * cells.coordinate_count());
  WeightedResiduals(cells, kPoint, residuals.data(), jacobian.data());
  std::map<int, double> first, second, both;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const double score = ScoreOfCell(cells, residuals, jacobian, i);
    first[cells.unit[i]] += score;
    if (!two_way) continue;
    second[cells.unit_2[i]] += score;
    both[cells.unit[i] * 1000 + cells.unit_2[i]] += score;
  }
  const auto meat = [](const std::map<int, double>& sums) {
    double squares = 0;
    for (const auto& [unit, sum] : sums) squares += sum * sum;
    const auto count = static_cast<double>(sums.size());
    return squares * count / (count - 1);
  };
  const double total = two_way ? meat(first) + meat(second) - meat(both) : meat(first);
  const double hessian = Linearize(cells, kPoint).jtj[PackedIndex(kComputeExponent, kComputeExponent)];
  // The correction (N - 1) / (N - K) is 1 with one coordinate.
  return std::sqrt(total) / hessian;
}

double StandardErrorOfAlpha(const Sandwich& sandwich) {
  return std::sqrt(sandwich.covariance[kComputeExponent * kCoordinateCount + kComputeExponent]);
}

TEST(SandwichTest, OneWaySandwichSumsOverClusters) {
  const Cells cells = SomeCells();
  const Sandwich sandwich =
      ClusterSandwich(cells, Linearize(cells, kPoint, Curvature::kFisher), kOnlyOne, kPoint, AllContribute(cells))
          .value();
  EXPECT_EQ(sandwich.degrees_of_freedom, 19);
  const double expected = WrittenDown(cells, false);
  EXPECT_NEAR(StandardErrorOfAlpha(sandwich), expected, 1e-12 * expected);
}

TEST(SandwichTest, TwoWaySandwichAddsBothKeysAndSubtractsTheirPairs) {
  const Cells cells = SomeCells(Resampling::kTwoWay);
  const Sandwich sandwich =
      ClusterSandwich(cells, Linearize(cells, kPoint, Curvature::kFisher), kOnlyOne, kPoint, AllContribute(cells))
          .value();
  EXPECT_EQ(sandwich.degrees_of_freedom, 4);  // five model levels
  const double expected = WrittenDown(cells, true);
  EXPECT_NEAR(StandardErrorOfAlpha(sandwich), expected, 1e-12 * expected);
}

TEST(SandwichTest, StandardErrorFollowsTheDeltaMethod) {
  Sandwich sandwich{};
  sandwich.covariance[0] = 4;
  sandwich.covariance[1] = sandwich.covariance[kCoordinateCount] = 1;
  sandwich.covariance[kCoordinateCount + 1] = 9;
  // (2, -1) V (2, -1)' = 16 - 4 + 9.
  EXPECT_NEAR(sandwich.StandardError({2, -1}), std::sqrt(21), 1e-12);
}

// Records and clusters that carry no information pull at nothing, and so may not count.
TEST(SandwichTest, CorrectionsCountWhatContributes) {
  constexpr bool kTwo[kCoordinateCount] = {true, true};
  const Cells cells = SomeCells();
  const NormalEquations equations = Linearize(cells, kPoint, Curvature::kFisher);
  const Contribution all = AllContribute(cells);
  Contribution some = all;
  some.record_count = 50;
  for (int unit = 5; unit < 20; ++unit) some.unit[unit] = false;
  const double of_all = ClusterSandwich(cells, equations, kTwo, kPoint, all)->Variance(0);
  const Sandwich sandwich = ClusterSandwich(cells, equations, kTwo, kPoint, some).value();
  EXPECT_EQ(sandwich.degrees_of_freedom, 4);
  const double expected = (5.0 / 4) / (20.0 / 19) * (49.0 / 48) / ((all.record_count - 1) / (all.record_count - 2));
  EXPECT_NEAR(sandwich.Variance(0) / of_all, expected, 1e-12);
}

TEST(SandwichTest, OneUnitHasNoSandwich) {
  Cells cells = SomeCells();
  cells.unit_count = 1;
  EXPECT_FALSE(
      ClusterSandwich(cells, Linearize(cells, kPoint, Curvature::kFisher), kOnlyOne, kPoint, AllContribute(cells))
          .has_value());
}

}  // namespace
}  // namespace ctxfit

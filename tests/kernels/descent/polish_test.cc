#include "kernels/descent/polish.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "kernels/base/thread_pool.h"
#include "kernels/data/cells.h"
#include "kernels/descent/descent.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/domain.h"
#include "kernels/law/law_options.h"
#include "kernels/law/loss_rule.h"
#include "kernels/law/penalty.h"
#include "kernels/objective/host_compute.h"
#include "kernels/objective/linearization.h"
#include "kernels/objective/vector_kernels.h"
#include "tests/kernels/descent/simulated_cells.h"

namespace ctxfit {
namespace {

// A residual is off by some ten roundings of a prediction of at most 1, so by d = 10 * 2^-53 / 0.05 standard deviations
// of the noise. If all 200 conspire, this moves the optimum by sqrt(200) d standard errors (g' H^-1 g is a projection
// of the residuals), in the sums that the polish follows and again in those that the test judges by.
constexpr double kLastDigits = 4 * 200 * (10 * 0x1p-53 / kNoise) * (10 * 0x1p-53 / kNoise);

// A cost of residuals that are off by d changes by at most twice that share.
constexpr double kCostRounding = 4 * 10 * 0x1p-53 / kNoise;

const std::vector<Point> kStarts = {{{-0.1, 0.4, 0.1, 0.6}}, {{0.5, 0.8, -0.5, 0.3}}, {{-0.5, 0.2, 0.5, 1}}};

class PolishTest : public testing::Test {
 protected:
  DescentEnd DescendFrom(const Cells& cells, const Domain& domain, const Point& start) const {
    return Descend(cells, domain, start, host_.kernels, StopSignal());
  }

  // The end of a descent that gave up at `start`.
  DescentEnd GiveUpAt(const Cells& cells, const Point& start) const {
    const NormalEquations equations = EquationsAt(cells, {start}, host_, StopSignal()).front();
    return {start, equations, equations.cost, equations.cost, 1, false};
  }

  DescentEnd Polished(const Cells& cells, const Domain& domain, DescentEnd end) const {
    Polish(cells, domain, host_, StopSignal(), end);
    return end;
  }

  mutable ThreadPool pool_{2};
  const HostCompute host_{BestVectorKernels(), pool_};
};

TEST_F(PolishTest, ReachesTheStationaryPointToTheLastDigitsUnderEveryLoss) {
  const Domain domain = MakeDomain({});
  for (const Loss loss : kLosses) {
    SCOPED_TRACE(static_cast<int>(loss));
    const Cells cells = SimulatedCells(40, loss);
    for (const Point& start : kStarts) {
      const DescentEnd rough = DescendFrom(cells, domain, start);
      ASSERT_TRUE(rough.converged);
      const DescentEnd end = Polished(cells, domain, rough);
      EXPECT_GT(end.iterations, rough.iterations);
      EXPECT_LT(SquaredStandardErrors(cells, domain, end.point), kLastDigits);
    }
  }
}

TEST_F(PolishTest, ContinuesADescentThatGaveUp) {
  const Domain domain = MakeDomain({});
  const Cells cells = SimulatedCells();
  const DescentEnd expected = Polished(cells, domain, DescendFrom(cells, domain, kStarts[0]));
  for (const Point& start : kStarts) {
    const DescentEnd end = Polished(cells, domain, GiveUpAt(cells, start));
    const double variance = ResidualVariance(cells, end.cost + cells.within_cost, domain.free_count());
    // Both lie within sqrt(kLastDigits) standard errors of the optimum, so within twice that of each other.
    EXPECT_LT(SquaredDistance(end.equations, domain, end.point, expected.point), 4 * kLastDigits * variance);
  }
}

TEST_F(PolishTest, NeverRaisesTheCost) {
  const Domain domain = MakeDomain({});
  for (const Loss loss : kLosses) {
    SCOPED_TRACE(static_cast<int>(loss));
    const Cells cells = SimulatedCells(40, loss);
    for (const Point& start : kStarts) {
      for (const DescentEnd& before : {DescendFrom(cells, domain, start), GiveUpAt(cells, start)}) {
        const DescentEnd after = Polished(cells, domain, before);
        EXPECT_LE(after.cost, before.cost * (1 + kCostRounding));
        EXPECT_NEAR(after.cost, WeightedCost(cells, after.point) - cells.within_cost, kCostRounding * after.cost);
      }
    }
  }
}

// One success beyond the limit and ten failures at it, in a law of which only the penalty's onset is fitted. The point
// lies beside the kink below which the success's probability is clamped. A Newton step from there ends at the upper
// bound, where no penalty is left and the gradient vanishes, at twice the cost.
TEST_F(PolishTest, TakesNoStepToAHigherStationaryPoint) {
  LawOptions options;
  options.loss.loss = Loss::kBernoulli;
  options.penalty = {Penalty::Form::kRatio, 0.05, 1};
  options.fit_penalty_onset = true;
  for (const Coordinate i : {kComputeExponent, kContextExponent}) options.parameters[i].fixed = 0;
  options.parameters[kLogComputeCoefficient].fixed = 2.3;
  options.parameters[kLogContextCoefficient].fixed = 100;
  ObservationTable table;
  for (int i = 0; i <= 10; ++i) {
    table.training_compute_flops.push_back(1e22);
    table.prompt_tokens.push_back(i == 0 ? 1200 : 1000);
    table.context_limit_tokens.push_back(1000);
    table.score.push_back(i == 0 ? 1 : 0);
  }
  const Domain domain = MakeDomain(options);
  const Cells cells =
      Collapse(OnlyTask(table), {1e22, 1000}, options.penalty, Units::kMerge, LawFormFor(domain, options.loss));
  Point point = domain.lower;
  point.at[kLogPenaltyOnset] = std::log(0.52);
  const DescentEnd before = GiveUpAt(cells, point);
  EXPECT_LE(Polished(cells, domain, before).cost, before.cost);
  EXPECT_GT(EquationsAt(cells, {domain.upper}, host_, StopSignal()).front().cost, 1.5 * before.cost);
}

TEST_F(PolishTest, KeepsTheActiveSetOnItsBoundAndHoldsWhatIsFixed) {
  const Cells cells = SimulatedCells();
  LawOptions options;
  options.parameters[kComputeExponent].bounds = {0.6, 2};  // the law has 0.4
  options.parameters[kContextExponent].fixed = 0.5;
  const Domain domain = MakeDomain(options);
  const Point start = {{0.5, 1.2, 0.2, 0.5}};
  for (const DescentEnd& before : {DescendFrom(cells, domain, start), GiveUpAt(cells, start)}) {
    const DescentEnd after = Polished(cells, domain, before);
    EXPECT_EQ(after.point.at[kComputeExponent], 0.6);
    EXPECT_EQ(after.point.at[kContextExponent], 0.5);
    EXPECT_LT(SquaredStandardErrors(cells, domain, after.point), kLastDigits);
  }
}

TEST_F(PolishTest, LeavesAPointWithAnEmptyFreeSet) {
  const Cells cells = SimulatedCells();
  LawOptions options;
  const Point law = Simulation().law.point;
  for (const Coordinate i : {kLogComputeCoefficient, kLogContextCoefficient}) {
    options.parameters[i].fixed = std::exp(law.at[i]);
  }
  options.parameters[kContextExponent].fixed = law.at[kContextExponent];
  options.parameters[kComputeExponent].bounds = {0.6, 2};
  const Domain domain = MakeDomain(options);
  Point vertex = domain.lower;
  for (const DescentEnd& before : {DescendFrom(cells, domain, vertex), GiveUpAt(cells, vertex)}) {
    const DescentEnd after = Polished(cells, domain, before);
    EXPECT_TRUE(SameBits(after.point, vertex));
    EXPECT_EQ(after.cost, before.cost);
    EXPECT_EQ(after.iterations, before.iterations);
  }
}

// No step can make a gradient smaller that is all rounding: such a step is rejected.
TEST_F(PolishTest, NeverMakesTheGradientLarger) {
  const Domain domain = MakeDomain({});
  const Cells cells = SimulatedCells();
  const double variance = ResidualVariance(cells, DescendFrom(cells, domain, kStarts[0]).cost, domain.free_count());
  const auto gradient = [&](const DescentEnd& end) {
    return GradientInStandardErrors(end.equations, domain.free, variance);
  };
  DescentEnd end = DescendFrom(cells, domain, kStarts[0]);
  for (int round = 0; round < 5; ++round) {
    const DescentEnd next = Polished(cells, domain, end);
    if (SameBits(next.point, end.point)) {
      EXPECT_EQ(next.iterations, end.iterations);
    } else {
      EXPECT_LT(gradient(next), gradient(end));
    }
    end = next;
  }
}

TEST_F(PolishTest, AStopSignalLeavesThePoint) {
  const Domain domain = MakeDomain({});
  const Cells cells = SimulatedCells();
  StopSignal stop;
  stop.Cancel();
  for (const DescentEnd& before : {DescendFrom(cells, domain, kStarts[1]), GiveUpAt(cells, kStarts[1])}) {
    DescentEnd after = before;
    Polish(cells, domain, host_, stop, after);
    EXPECT_TRUE(SameBits(after.point, before.point));
    EXPECT_NEAR(after.cost, before.cost, kCostRounding * before.cost);
  }
}

}  // namespace
}  // namespace ctxfit

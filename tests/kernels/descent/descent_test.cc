#include "kernels/descent/descent.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "absl/time/clock.h"
#include "kernels/base/thread_pool.h"
#include "kernels/data/cells.h"
#include "kernels/law/domain.h"
#include "kernels/law/law_options.h"
#include "kernels/objective/chunks.h"
#include "kernels/objective/host_compute.h"
#include "kernels/objective/linearization.h"
#include "kernels/objective/vector_kernels.h"
#include "tests/kernels/descent/simulated_cells.h"
#include "tests/kernels/vector_variants.h"

namespace ctxfit {
namespace {

// `count` distinct starts about the law of the simulation, {ln 0.9, 0.4, ln 1.1, 0.6}.
std::vector<Point> Starts(int count) {
  std::vector<Point> starts;
  for (int i = 0; i < count; ++i) starts.push_back({{-0.5 + 0.05 * i, 0.2 + 0.02 * i, 0.5 - 0.03 * i, 0.9 - 0.02 * i}});
  return starts;
}

std::vector<DescentEnd> DescendWith(const VectorKernels& kernels, int threads, const Cells& cells,
                                    const std::vector<Point>& starts) {
  ThreadPool pool(threads);
  return DescendFromAll(cells, MakeDomain({}), starts, {kernels, pool}, StopSignal()).value();
}

void ExpectSameBits(const DescentEnd& a, const DescentEnd& b) {
  EXPECT_TRUE(SameBits(a.point, b.point));
  EXPECT_EQ(a.cost, b.cost);
  EXPECT_EQ(a.initial_cost, b.initial_cost);
  EXPECT_EQ(a.iterations, b.iterations);
  EXPECT_EQ(a.converged, b.converged);
}

// Each case runs with every instruction set of this machine.
class DescentTest : public testing::TestWithParam<VectorVariant> {
 protected:
  ThreadPool pool_{2};
  const HostCompute host_{*GetParam().kernels, pool_};
};

TEST_P(DescentTest, EveryEndIsALocalOptimum) {
  const Domain domain = MakeDomain({});
  for (const Loss loss : kLosses) {
    SCOPED_TRACE(static_cast<int>(loss));
    const Cells cells = SimulatedCells(40, loss);
    const std::vector<DescentEnd> ends = DescendFromAll(cells, domain, Starts(20), host_, StopSignal()).value();
    for (const DescentEnd& end : ends) {
      EXPECT_TRUE(end.converged);
      // Descents converge below 1e-9 by the variance at the point before the last. Its cost is larger, by far less than
      // a tenth: one step before, 200 records leave the cost within a few of some 196 deviance units.
      EXPECT_LT(SquaredStandardErrors(cells, domain, end.point), 1.1e-9);
    }
  }
}

TEST_P(DescentTest, NoNeighbourOfAnEndIsBetter) {
  const Domain domain = MakeDomain({});
  const Cells cells = SimulatedCells();
  const std::vector<DescentEnd> ends = DescendFromAll(cells, domain, Starts(9), host_, StopSignal()).value();
  for (const DescentEnd& end : ends) {
    const double cost = WeightedCost(cells, end.point);
    const double variance = ResidualVariance(cells, cost, domain.free_count());
    for (int i = 0; i < kFactorCoordinateCount; ++i) {
      // Displaced by a tenth of a conditional standard error, the cost rises by 0.01 deviance units, less at most
      // 2 * 0.1 * sqrt(1e-9) of them for the gradient that is left.
      const double displacement = 0.1 * std::sqrt(variance / end.equations.jtj[PackedIndex(i, i)]);
      for (const double sign : {-1, 1}) {
        Point neighbour = end.point;
        neighbour.at[i] += sign * displacement;
        EXPECT_GT(WeightedCost(cells, neighbour), cost) << "coordinate " << i;
      }
    }
  }
}

TEST_P(DescentTest, CostsAreThoseOfTheStartAndOfTheEnd) {
  for (const Loss loss : kLosses) {
    SCOPED_TRACE(static_cast<int>(loss));
    const Cells cells = SimulatedCells(40, loss);
    const std::vector<Point> starts = Starts(3);
    const std::vector<DescentEnd> ends = DescendWith(*GetParam().kernels, 1, cells, starts);
    for (std::size_t i = 0; i < starts.size(); ++i) {
      // 200 positive terms, each off by some ten roundings of a prediction against a residual of 0.05: below
      // 10 * 2^-53 / 0.05 = 2.3e-14, twice that in its square.
      const double initial_cost = WeightedCost(cells, starts[i]) - cells.within_cost;
      const double cost = WeightedCost(cells, ends[i].point) - cells.within_cost;
      EXPECT_NEAR(ends[i].initial_cost, initial_cost, 1e-13 * initial_cost);
      EXPECT_NEAR(ends[i].cost, cost, 1e-13 * cost);
      EXPECT_LT(ends[i].cost, ends[i].initial_cost);
      EXPECT_GT(ends[i].iterations, 1);
    }
  }
}

TEST_P(DescentTest, ThreadsChangeNoBit) {
  const Cells few = SimulatedCells();
  const Cells many = SimulatedCells(2000);
  ASSERT_EQ(CutIntoChunks(few, StopSignal()).value().size(), 1u);
  ASSERT_GT(CutIntoChunks(many, StopSignal()).value().size(), 1u);  // whose sums the threads share for one group
  for (const Cells* cells : {&few, &many}) {
    for (const int count : {5, 20}) {
      const std::vector<DescentEnd> one = DescendWith(*GetParam().kernels, 1, *cells, Starts(count));
      const std::vector<DescentEnd> three = DescendWith(*GetParam().kernels, 3, *cells, Starts(count));
      for (int i = 0; i < count; ++i) ExpectSameBits(one[i], three[i]);
    }
  }
}

TEST_P(DescentTest, TheLanesNeighboursChangeNoBit) {
  const Cells cells = SimulatedCells();
  const std::vector<Point> starts = Starts(20);
  const std::vector<DescentEnd> ends = DescendWith(*GetParam().kernels, 2, cells, starts);
  std::vector<Point> reversed(starts.rbegin(), starts.rend());
  const std::vector<DescentEnd> of_reversed = DescendWith(*GetParam().kernels, 2, cells, reversed);
  for (std::size_t i = 0; i < starts.size(); ++i) {
    ExpectSameBits(ends[i], of_reversed[starts.size() - 1 - i]);
    ExpectSameBits(ends[i], Descend(cells, MakeDomain({}), starts[i], *GetParam().kernels, StopSignal()));
    ExpectSameBits(ends[i], DescendWith(*GetParam().kernels, 2, cells, {starts[i]}).front());
  }
}

TEST_P(DescentTest, StaysWithinBoundsAndHoldsWhatIsFixed) {
  const Cells cells = SimulatedCells();
  LawOptions options;
  options.parameters[kComputeExponent].bounds = {0.6, 2};  // the law has 0.4
  options.parameters[kContextExponent].fixed = 0.5;
  const Domain domain = MakeDomain(options);
  std::vector<Point> starts = Starts(20);
  for (Point& start : starts) {
    start.at[kComputeExponent] += 0.6;
    start.at[kContextExponent] = 0.5;
  }
  const std::vector<DescentEnd> ends = DescendFromAll(cells, domain, starts, host_, StopSignal()).value();
  for (const DescentEnd& end : ends) {
    EXPECT_TRUE(end.converged);
    EXPECT_EQ(end.point.at[kComputeExponent], 0.6);
    EXPECT_EQ(end.point.at[kContextExponent], 0.5);
    for (int i = 0; i < kCoordinateCount; ++i) {
      EXPECT_GE(end.point.at[i], domain.lower.at[i]);
      EXPECT_LE(end.point.at[i], domain.upper.at[i]);
    }
  }
}

TEST_P(DescentTest, AStopSignalIsAnErrorForManyStartsAndAnUnconvergedEndForOne) {
  const Cells cells = SimulatedCells();
  StopSignal cancelled;
  cancelled.Cancel();
  const StopSignal late(absl::Now() - absl::Seconds(1));
  for (const int count : {1, 20}) {
    EXPECT_EQ(DescendFromAll(cells, MakeDomain({}), Starts(count), host_, cancelled).status().code(),
              absl::StatusCode::kCancelled);
    EXPECT_EQ(DescendFromAll(cells, MakeDomain({}), Starts(count), host_, late).status().code(),
              absl::StatusCode::kDeadlineExceeded);
  }
  const Point start = Starts(1).front();
  const DescentEnd end = Descend(cells, MakeDomain({}), start, *GetParam().kernels, cancelled);
  EXPECT_FALSE(end.converged);
  EXPECT_TRUE(SameBits(end.point, start));
}

TEST_P(DescentTest, EquationsAtSeveralPointsAreThoseOfTheScalarReference) {
  const Cells cells = SimulatedCells();
  for (const int count : {1, int{kCoordinateCount}}) {
    const std::vector<Point> points = Starts(count);
    const std::vector<NormalEquations> equations = EquationsAt(cells, points, host_, StopSignal());
    ASSERT_EQ(equations.size(), points.size());
    for (std::size_t i = 0; i < points.size(); ++i) {
      const NormalEquations expected = Linearize(cells, points[i]);
      // 200 terms of either sign, each off by some ten roundings; none exceeds the largest diagonal element.
      const double tolerance = 200 * 10 * 0x1p-52 * *std::max_element(expected.jtj, expected.jtj + kPackedCount);
      EXPECT_NEAR(equations[i].cost, expected.cost, tolerance);
      for (int k = 0; k < kCoordinateCount; ++k) EXPECT_NEAR(equations[i].jtr[k], expected.jtr[k], tolerance);
      for (int k = 0; k < kPackedCount; ++k) EXPECT_NEAR(equations[i].jtj[k], expected.jtj[k], tolerance);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(, DescentTest, testing::ValuesIn(SupportedVariants()),
                         [](const auto& variant) { return variant.param.Name(); });

}  // namespace
}  // namespace ctxfit

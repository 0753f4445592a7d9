#include "kernels/objective/moments.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "kernels/backend/cpu/replicates.h"
#include "kernels/descent/lane_equations.h"
#include "kernels/law/domain.h"
#include "kernels/law/law.h"
#include "kernels/resample/lane_weights.h"
#include "tests/kernels/defaults.h"
#include "tests/kernels/moment_problem.h"
#include "tests/kernels/vector_variants.h"

namespace ctxfit {
namespace {

// The replicate in each lane.
constexpr std::uint32_t kReplicates[kReplicateLanes] = {0, 1, 2, 3, 4, 5, 6, 7};

class MomentsTest : public testing::TestWithParam<VectorVariant> {
 protected:
  // Expects that the normal equations of eight weighted replicates at as many points, by moments and by cells, differ
  // by at most `tolerance` of the sums' terms.
  static void ExpectSameEquations(const Cells& cells, const std::vector<Point>& points, double tolerance) {
    const VectorKernels& kernels = *GetParam().kernels;
    const StopSignal stop;
    const std::optional<Moments> moments = Gather(cells, kCentre);
    ASSERT_TRUE(moments.has_value());
    const Chunks chunks = CutIntoChunks(cells, stop).value();
    CellEquations over_cells(kernels, cells, chunks);
    MomentEquations over_moments(kernels, *moments);
    LaneWeights weights(cells);
    ASSERT_TRUE(weights.Draw(cells, Request(cells, kReplicateLanes).weights, kReplicates, stop));
    over_cells.Weigh(weights);
    over_moments.Weigh(weights);
    std::vector<LmState> states;
    for (int lane = 0; lane < kReplicateLanes; ++lane) states.push_back(StartLm(points[lane % points.size()]));
    std::vector<LmState> at_centre(kReplicateLanes, StartLm(kCentre));
    ASSERT_TRUE(over_cells.Sum(at_centre.data(), stop));
    std::vector<double> centre_cost;
    for (int lane = 0; lane < kReplicateLanes; ++lane) centre_cost.push_back(over_cells.At(lane).cost);
    ASSERT_TRUE(over_cells.Sum(states.data(), stop));
    ASSERT_TRUE(over_moments.Sum(states.data(), stop));
    for (int lane = 0; lane < kReplicateLanes; ++lane) {
      const NormalEquations exact = over_cells.At(lane);
      const NormalEquations by_moments = over_moments.At(lane);
      EXPECT_NEAR(by_moments.cost + centre_cost[lane], exact.cost, tolerance * centre_cost[lane]) << "lane " << lane;
      for (int i = 0; i < kFactorCoordinateCount; ++i) {
        // |J' W r| <= sqrt(J' W J) sqrt(r' W r), whatever cancels in the sum.
        const double scale = std::sqrt(exact.jtj[PackedIndex(i, i)]);
        EXPECT_NEAR(by_moments.jtr[i], exact.jtr[i], tolerance * scale * std::sqrt(exact.cost)) << "lane " << lane;
        for (int j = 0; j <= i; ++j) {
          const int at = PackedIndex(i, j);
          const double scales = scale * std::sqrt(exact.jtj[PackedIndex(j, j)]);
          EXPECT_NEAR(by_moments.jtj[at], exact.jtj[at], tolerance * scales) << "lane " << lane;
        }
      }
    }
  }
};

INSTANTIATE_TEST_SUITE_P(, MomentsTest, testing::ValuesIn(SupportedVariants()),
                         [](const auto& test) { return test.param.Name(); });

const std::vector<Point> kPoints = {kCentre, {{0.3, 0.2, 0.6, 0.1}}, {{-1, 0.6, -0.5, 0.9}}, {{2, 0.1, 1.5, 1.2}}};

TEST_P(MomentsTest, PanelsOfFewPromptLengthsGiveTheEquationsOfTheCells) {
  const Cells cells = ManyCells({.distinct_prompts = false});
  EXPECT_EQ(Gather(cells, kCentre)->highest_exponent, std::numeric_limits<double>::infinity());
  std::vector<Point> points = kPoints;
  points.push_back({{1, 0.5, -2, 9}});
  ExpectSameEquations(cells, points, 1e-12);
}

// Sums over cells of functions have an error of kInterpolationError times their bound, 4 for the square of a context
// factor.
TEST_P(MomentsTest, PanelsOfManyPromptLengthsKeepTheBoundOfInterpolation) {
  const Cells cells = ManyCells({});
  ASSERT_GE(Gather(cells, kCentre)->highest_exponent, 1.2);
  ExpectSameEquations(cells, kPoints, 4 * kInterpolationError);
}

TEST_P(MomentsTest, WeightsOfUnitsOfTwoKeysMultiply) {
  ExpectSameEquations(ManyCells({.clusters = 4, .resampling = Resampling::kTwoWay}), kPoints, 4 * kInterpolationError);
}

// If residuals vanish at the centre, no terms of cost or gradient cancel.
TEST_P(MomentsTest, VanishingResidualsLeaveNoRoundingError) {
  Cells cells = ManyCells({});
  for (std::size_t k = 0; k < cells.log_prompt.size(); ++k) {
    const double g =
        Saturate(LogRate(kCentre.at[kLogContextCoefficient], kCentre.at[kContextExponent], cells.log_prompt[k]));
    for (std::int32_t i = cells.prompt_begin[k]; i < cells.prompt_begin[k + 1]; ++i) {
      const double f = Saturate(LogRate(kCentre.at[kLogComputeCoefficient], kCentre.at[kComputeExponent],
                                        cells.log_compute[cells.compute[i]]));
      cells.score[i] = f * g * cells.penalty[i];
    }
  }
  const std::optional<Moments> moments = Gather(cells, kCentre);
  const StopSignal stop;
  LaneWeights weights(cells);
  ASSERT_TRUE(weights.Draw(cells, Request(cells, kReplicateLanes).weights, kReplicates, stop));
  MomentEquations equations(*GetParam().kernels, *moments);
  equations.Weigh(weights);
  const std::vector<LmState> at_centre(kReplicateLanes, StartLm(kCentre));
  ASSERT_TRUE(equations.Sum(at_centre.data(), stop));
  EXPECT_LT(std::abs(equations.At(0).cost), 1e-28);
  EXPECT_LT(std::abs(equations.At(0).jtr[0]), 1e-14 * equations.At(0).jtj[0]);
}

TEST_P(MomentsTest, ReplicatesBeyondTheRangeOfMomentsAreRefittedOverCells) {
  const Cells cells = CellsWithAStep();
  ThreadPool pool(2);
  const ReplicateRequest request = Request(cells, 64);
  const ReplicateFits fits =
      RefitCpuReplicates({*GetParam().kernels, pool}, cells, DefaultDomain(), request, StopSignal()).value();
  const double highest = Gather(cells, kCentre)->highest_exponent;
  const auto beyond = std::count_if(fits.points.begin(), fits.points.end(),
                                    [&](const Point& point) { return point.at[kContextExponent] > highest; });
  ASSERT_GT(beyond, 0);
  ExpectOptimaOverCells(cells, request, fits);
}

TEST(GatherMomentsTest, ReturnsNothingIfUnitsHaveFewCells) {
  EXPECT_TRUE(Gather(ManyCells({}), kCentre).has_value());
  EXPECT_FALSE(Gather(ManyCells({.clusters = 2000}), kCentre).has_value());
  EXPECT_FALSE(Gather(ManyCells({.clusters = 0}), kCentre).has_value());
}

}  // namespace
}  // namespace ctxfit

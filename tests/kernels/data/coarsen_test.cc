#include "kernels/data/coarsen.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "kernels/objective/linearization.h"
#include "tests/kernels/defaults.h"
#include "tests/kernels/simulated_data.h"

namespace ctxfit {
namespace {

Cells ManyPrompts(const Penalty& penalty = {}) {
  Simulation simulation;
  simulation.per_model = 2000;
  simulation.noise = 0.1;
  const Observations observations = OnlyTask(Simulate(simulation));
  return Collapse(observations, DefaultReferences(observations), penalty, Units::kMerge);
}

double Sum(const std::vector<double>& values) { return std::accumulate(values.begin(), values.end(), 0.0); }

TEST(CoarsenTest, CellsOfFewPromptLengthsStayAsTheyAre) {
  const Cells cells = ManyPrompts();
  const Cells same = Coarsen(cells, static_cast<int>(cells.log_prompt.size()));
  EXPECT_EQ(same.log_prompt, cells.log_prompt);
  EXPECT_EQ(same.score, cells.score);
}

TEST(CoarsenTest, TotalWeightMeanScoreAndOrderAreKept) {
  const Cells cells = ManyPrompts();
  const Cells coarse = Coarsen(cells, 64);
  EXPECT_LE(coarse.log_prompt.size(), 64u);
  EXPECT_GT(coarse.log_prompt.size(), 32u);
  EXPECT_LT(coarse.size(), cells.size() / 4);
  EXPECT_TRUE(std::is_sorted(coarse.log_prompt.begin(), coarse.log_prompt.end()));
  ASSERT_EQ(coarse.prompt_begin.size(), coarse.log_prompt.size() + 1);
  EXPECT_EQ(coarse.prompt_begin.back(), static_cast<int>(coarse.size()));
  EXPECT_NEAR(Sum(coarse.weight), Sum(cells.weight), 1e-9 * Sum(cells.weight));
  const auto score_sum = [](const Cells& of) {
    return std::inner_product(of.weight.begin(), of.weight.end(), of.score.begin(), 0.0);
  };
  EXPECT_NEAR(score_sum(coarse), score_sum(cells), 1e-9 * std::abs(score_sum(cells)));
}

// A law that does not depend on the prompt costs the same on both, as within_cost takes up the spread that merging
// hides.
TEST(CoarsenTest, TheCostOfALawThatIsFlatInThePromptIsKept) {
  const Cells cells = ManyPrompts({Penalty::Form::kNone});
  const Cells coarse = Coarsen(cells, 64);
  const Point flat = {{-0.2, 0.3, 0.1, 0}};
  const double exact = WeightedCost(cells, flat);
  EXPECT_NEAR(WeightedCost(coarse, flat), exact, 1e-12 * exact);
}

// The second derivative of the law by the logarithm of the prompt is below 1. Bins 0.2 wide then move a mean by less
// than 0.2^2 / 8 = 0.005, which changes a cost of residuals of 0.1 by less than 1 %.
TEST(CoarsenTest, CostsOfOtherLawsChangeByLessThanOnePercent) {
  const Cells cells = ManyPrompts();
  const Cells coarse = Coarsen(cells, 64);
  for (const double beta : {0.1, 0.4, 1.0}) {
    const Point point = {{-0.2, 0.3, 0.1, beta}};
    const double exact = WeightedCost(cells, point);
    EXPECT_NEAR(WeightedCost(coarse, point), exact, 0.01 * exact) << "beta " << beta;
  }
}

}  // namespace
}  // namespace ctxfit

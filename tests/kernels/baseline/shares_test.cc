#include "kernels/baseline/shares.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "kernels/law/fitted_law.h"
#include "kernels/law/penalty.h"
#include "tests/kernels/simulated_data.h"

namespace ctxfit {
namespace {

const Law kNoPenalty = {{}, {1, 1}, {Penalty::Form::kNone}};

ObservationTable Table(const std::vector<double>& prompts, const std::vector<double>& scores) {
  ObservationTable table;
  table.prompt_tokens = prompts;
  table.score = scores;
  table.training_compute_flops.assign(prompts.size(), 1e22);
  table.context_limit_tokens.assign(prompts.size(), 4096);
  return table;
}

MeanShares Average(const ObservationTable& table, const Law& frame = kNoPenalty) {
  return AverageShares(OnlyTask(table), frame);
}

TEST(AverageSharesTest, RowsThatShareTheirCovariatesAreOneMean) {
  ObservationTable table = Table({100, 100, 150}, {0.2, 0.5, 0.4});
  table.weight = {1, 3, 2};
  const MeanShares shares = Average(table);
  ASSERT_EQ(shares.means.size(), 2u);
  EXPECT_FALSE(shares.by_octave);
  EXPECT_DOUBLE_EQ(shares.means[0].share, 1.7 / 4);
  EXPECT_EQ(shares.means[0].weight, 4);
  EXPECT_DOUBLE_EQ(shares.means[0].log_prompt, std::log(100));
  EXPECT_DOUBLE_EQ(shares.means[1].share, 0.4);
}

TEST(AverageSharesTest, SingleZerosAndOnesAreAveragedOverOctaves) {
  const MeanShares shares = Average(Table({130, 140, 150, 160, 300, 310}, {0, 1, 1, 0, 1, 1}));
  EXPECT_TRUE(shares.by_octave);
  ASSERT_EQ(shares.means.size(), 2u);
  EXPECT_DOUBLE_EQ(shares.means[0].share, 0.5);
  EXPECT_EQ(shares.means[0].weight, 4);
  EXPECT_DOUBLE_EQ(shares.means[0].log_prompt, std::log(130.0 * 140 * 150 * 160) / 4);
  EXPECT_EQ(shares.means[1].share, 1);
  EXPECT_DOUBLE_EQ(shares.means[1].Inside(), 2.5 / 3);
}

TEST(AverageSharesTest, AFewMeansAtAnEndAreKept) {
  std::vector<double> prompts;
  std::vector<double> scores;
  for (int i = 0; i < 10; ++i) {
    prompts.push_back(100 + i);
    scores.push_back(i == 0 ? 0 : 0.3);
  }
  const MeanShares shares = Average(Table(prompts, scores));
  EXPECT_FALSE(shares.by_octave);
  EXPECT_DOUBLE_EQ(shares.means[0].Inside(), 0.25) << "(0 + 1/2) / (1 + 1)";
  EXPECT_DOUBLE_EQ(shares.means[1].Inside(), 0.3);
}

TEST(AverageSharesTest, SharesAreWithoutThePenalty) {
  const Law frame = {{}, {1, 1}, {Penalty::Form::kRatio, 0.5, 1}};
  // s is 1/2 at the limit.
  const MeanShares shares = Average(Table({4096, 5000}, {0.2, 0.1}), frame);
  ASSERT_EQ(shares.means.size(), 1u);
  EXPECT_DOUBLE_EQ(shares.means[0].share, 0.4);
  EXPECT_EQ(shares.left_out_count, 1);
}

TEST(AverageSharesTest, ScoresBelowTheFloorAreCorrectedAsNone) {
  Law frame = kNoPenalty;
  frame.point.at[kFloor] = 0.25;
  ObservationTable table = Table({100, 200}, {0.2, 0.5});
  table.weight = {9, 9};
  const MeanShares shares = Average(table, frame);
  EXPECT_LT(shares.means[0].share, 0);
  EXPECT_DOUBLE_EQ(shares.means[0].Inside(), 0.05);
  EXPECT_DOUBLE_EQ(shares.means[1].Inside(), 0.25 / 0.75);
}

}  // namespace
}  // namespace ctxfit

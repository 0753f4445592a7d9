#include "kernels/fit/folds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tests/kernels/simulated_data.h"

namespace ctxfit {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

ObservationTable Table(const std::vector<double>& computes, const std::vector<double>& prompts) {
  ObservationTable table;
  for (const double compute : computes) {
    for (const double prompt : prompts) {
      table.training_compute_flops.push_back(compute);
      table.prompt_tokens.push_back(prompt);
      table.context_limit_tokens.push_back(compute < 2e22 ? 4096 : 8192);
      table.score.push_back(0.5);
    }
  }
  return table;
}

std::vector<double> CutsOf(const std::vector<Fold>& folds) {
  std::vector<double> cuts;
  for (const Fold& fold : folds) cuts.push_back(fold.cut);
  return cuts;
}

void ExpectPartition(const std::vector<Fold>& folds, std::size_t rows) {
  std::vector<int> held_out(rows);
  for (const Fold& fold : folds) {
    EXPECT_EQ(fold.fitted.size() + fold.held_out.size(), rows);
    for (const std::size_t row : fold.held_out) ++held_out[row];
  }
  EXPECT_THAT(held_out, testing::Each(1));
}

TEST(FoldsTest, EachModelLevelIsHeldOutOnce) {
  ObservationTable table = Table({1e22, 3e22, 9e22}, {100, 1000});
  table.context_limit_tokens[0] = 16384;
  const Observations observations = OnlyTask(table);
  const std::vector<Fold> folds = MakeFolds(observations, FoldScheme::kLevel, {}, true);
  ASSERT_EQ(folds.size(), 4u);
  ExpectPartition(folds, 6);
  EXPECT_EQ(folds[0].compute, 1e22);
  EXPECT_EQ(folds[0].limit, 4096);
  EXPECT_EQ(folds[1].limit, 16384);
  for (const Fold& fold : folds) EXPECT_EQ(fold.reason, "");
}

TEST(FoldsTest, EachGroupIsHeldOutOnce) {
  ObservationTable table = Table({1e22, 3e22, 9e22}, {100, 1000});
  table.group = {0, 0, 2, 2, 2, 0};
  const std::vector<Fold> folds = MakeFolds(OnlyTask(table), FoldScheme::kGroup, {}, true);
  ASSERT_EQ(folds.size(), 2u);
  ExpectPartition(folds, 6);
  EXPECT_EQ(folds[1].group, 2);
  EXPECT_EQ(folds[1].held_out.size(), 3u);
}

TEST(FoldsTest, FrontiersHoldOutWhatLiesAtOrAboveACut) {
  const Observations observations = OnlyTask(Table({1e22, 3e22, 9e22, 2e23}, {100, 400, 1000, 3000}));
  const std::vector<Fold> by_compute = MakeFolds(observations, FoldScheme::kCompute, {}, true);
  EXPECT_THAT(CutsOf(by_compute), ElementsAre(9e22, 2e23));
  EXPECT_EQ(by_compute[0].held_out.size(), 8u);
  // The second lowest length is 400: 512 holds out two lengths, 1,024 and 2,048 the same one.
  const std::vector<Fold> by_prompt = MakeFolds(observations, FoldScheme::kPrompt, {}, true);
  EXPECT_THAT(CutsOf(by_prompt), ElementsAre(512, 1024));
  EXPECT_EQ(by_prompt[1].held_out.size(), 4u);
  const std::vector<Fold> by_limit = MakeFolds(observations, FoldScheme::kLimit, {}, true);
  EXPECT_THAT(CutsOf(by_limit), ElementsAre(8192));
  EXPECT_EQ(MakeFolds(observations, FoldScheme::kPrompt, {1000}, true)[0].held_out.size(), 8u);
}

TEST(FoldsTest, ManyComputesAreCutAtEightOfThem) {
  std::vector<double> computes;
  for (int i = 0; i < 40; ++i) computes.push_back(1e21 * std::pow(1.2, i));
  const std::vector<Fold> folds = MakeFolds(OnlyTask(Table(computes, {100, 1000})), FoldScheme::kCompute, {}, true);
  ASSERT_EQ(folds.size(), 8u);
  EXPECT_DOUBLE_EQ(folds.front().cut, computes[2]);
  EXPECT_DOUBLE_EQ(folds.back().cut, computes.back());
}

TEST(FoldsTest, AFoldSaysWhyItsFitWouldSayNothing) {
  const Observations two = OnlyTask(Table({1e22, 3e22}, {100, 1000}));
  for (const Fold& fold : MakeFolds(two, FoldScheme::kLevel, {}, true)) {
    EXPECT_THAT(fold.reason, HasSubstr("one training compute"));
  }
  const std::vector<Fold> by_prompt = MakeFolds(two, FoldScheme::kPrompt, {1000}, true);
  EXPECT_THAT(by_prompt.at(0).reason, HasSubstr("one prompt length"));
  EXPECT_EQ(MakeFolds(two, FoldScheme::kPrompt, {1000}, false).at(0).reason, "");
  EXPECT_THAT(MakeFolds(two, FoldScheme::kCompute, {1e20}, true).at(0).reason, HasSubstr("no record is left"));
  EXPECT_THAT(MakeFolds(two, FoldScheme::kCompute, {1e24}, true), IsEmpty());
}

// Computes that count as one tell as much of each other.
TEST(FoldsTest, ALevelOfTheSameComputeCanBeHeldOut) {
  ObservationTable table = Table({1e22, 1.002e22}, {100, 1000});
  for (const Fold& fold : MakeFolds(OnlyTask(table), FoldScheme::kLevel, {}, true)) EXPECT_EQ(fold.reason, "");
}

TEST(FittedRangeTest, DistancesAreInLogarithmsBeyondTheNearerEnd) {
  const FittedRange range(OnlyTask(Table({1e22, 3e22}, {100, 1000})));
  EXPECT_EQ(range.DistanceOf(2e22, 500).both(), 0);
  const RangeDistance beyond = range.DistanceOf(6e22, 50);
  EXPECT_NEAR(beyond.compute, std::log(2), 1e-12);
  EXPECT_NEAR(beyond.prompt, std::log(2), 1e-12);
  EXPECT_NEAR(beyond.both(), std::log(2) * std::sqrt(2.0), 1e-12);
}

}  // namespace
}  // namespace ctxfit

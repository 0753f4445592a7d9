#include "kernels/backend/cuda/population_statistics.h"

#include <gtest/gtest.h>

#include <limits>
#include <numeric>
#include <vector>

namespace ctxfit {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

PopulationStatistics Collect(const std::vector<double>& costs) {
  PopulationStatistics all = NoMembers();
  for (std::uint32_t i = 0; i < costs.size(); ++i) all = MergeStatistics()(all, OneMember(i, costs[i]));
  return all;
}

TEST(PopulationStatisticsTest, FindsTheBestAndTheSumOfFiniteCosts) {
  const PopulationStatistics statistics = Collect({3, kInfinity, 1, 2});
  EXPECT_EQ(statistics.best, 2u);
  EXPECT_EQ(statistics.best_cost, 1);
  EXPECT_EQ(statistics.finite_count, 3u);
  EXPECT_EQ(statistics.finite_sum, 6);
}

TEST(PopulationStatisticsTest, TakesTheLowestIndexOfEqualsInWhateverOrderGroupsMerge) {
  const PopulationStatistics low = OneMember(4, 1.5);
  const PopulationStatistics high = OneMember(9, 1.5);
  EXPECT_EQ(MergeStatistics()(low, high).best, 4u);
  EXPECT_EQ(MergeStatistics()(high, low).best, 4u);
  EXPECT_EQ(MergeStatistics()(NoMembers(), high).best, 9u);
}

TEST(PopulationStatisticsTest, NamesTheFirstMemberWhereNoCostIsFinite) {
  const PopulationStatistics statistics = Collect({kInfinity, kInfinity});
  EXPECT_EQ(statistics.best, 0u);
  EXPECT_EQ(statistics.best_cost, kInfinity);
  EXPECT_EQ(statistics.finite_count, 0u);
}

}  // namespace
}  // namespace ctxfit

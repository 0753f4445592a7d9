#include "kernels/data/compute_levels.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace ctxfit {
namespace {

TEST(ComputeLevelsTest, ComputesCountAsOneWithinOnePercent) {
  EXPECT_TRUE(CountAsOne(std::log(1e22), std::log(1.0099e22)));
  EXPECT_TRUE(CountAsOne(std::log(1.0099e22), std::log(1e22)));
  EXPECT_FALSE(CountAsOne(std::log(1e22), std::log(1.011e22)));
}

// 1, 1.009 and 1.018 differ by less than 1 % each from the next, though the last by 1.8 % from the first.
TEST(ComputeLevelsTest, BasesChainNeighboursWithinOnePercent) {
  const std::vector<double> logs = {std::log(1), std::log(1.009), std::log(1.018), std::log(1.1), std::log(2)};
  EXPECT_EQ(CountBases(logs), 3);
  EXPECT_EQ(CountBases({0}), 1);
  EXPECT_EQ(CountBases({}), 0);
}

TEST(ComputeLevelsTest, LevelsAreTheDistinctComputesInAscendingOrder) {
  const std::vector<Covariates> covariates = {{2e22, 100, 4096}, {1e22, 200, 4096}, {2e22, 300, 4096}};
  const ComputeLevels levels = FindComputeLevels(covariates);
  EXPECT_EQ(levels.compute, (std::vector<double>{1e22, 2e22}));
  EXPECT_EQ(levels.level_of, (std::vector<std::int32_t>{1, 0, 1}));
}

}  // namespace
}  // namespace ctxfit

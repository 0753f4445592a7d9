#include "kernels/intervals.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

namespace ctxfit {
namespace {

TEST(IntervalsTest, QuantileInterpolatesOrderStatistics) {
  // numpy.quantile([1, 2, 4, 8], q), whose default is definition 7 as well.
  std::vector<double> values = {8, 1, 4, 2};
  EXPECT_DOUBLE_EQ(Quantile(values, 0), 1);
  EXPECT_DOUBLE_EQ(Quantile(values, 0.5), 3);
  EXPECT_DOUBLE_EQ(Quantile(values, 0.9), 6.8);
  EXPECT_DOUBLE_EQ(Quantile(values, 1), 8);
}

TEST(IntervalsTest, OneValueIsEveryQuantile) {
  std::vector<double> values = {3};
  EXPECT_DOUBLE_EQ(Quantile(values, 0.025), 3);
}

TEST(IntervalsTest, PercentileIntervalHasEqualTails) {
  std::vector<double> values(1001);
  std::iota(values.begin(), values.end(), 0.0);
  std::shuffle(values.begin(), values.end(), std::mt19937(1));
  const Range interval = PercentileInterval(values, 0.9);
  EXPECT_NEAR(interval.lower, 50, 1e-10);
  EXPECT_NEAR(interval.upper, 950, 1e-10);
}

TEST(IntervalsTest, StandardDeviationDividesByCountLessOne) {
  EXPECT_DOUBLE_EQ(StandardDeviation({1, 3}), std::sqrt(2.0));
}

}  // namespace
}  // namespace ctxfit

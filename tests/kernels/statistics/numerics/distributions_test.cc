#include "kernels/statistics/numerics/distributions.h"

#include <gtest/gtest.h>

#include <cmath>

namespace ctxfit {
namespace {

// The engine's functions are right to a few roundings, 1.1e-16 each, as are the closed forms beside them: relative to
// the value, and in quantiles with the slope of the distribution, below 10 here.
constexpr double kRounding = 1e-14;

TEST(DistributionsTest, NormalProbabilityIsTheErrorFunction) {
  for (const double value : {-8.0, -1.5, 0.0, 0.3, 4.0}) {
    const double expected = std::erfc(-value / std::sqrt(2)) / 2;
    EXPECT_NEAR(NormalProbability(value) / expected, 1, kRounding) << value;
  }
}

TEST(DistributionsTest, NormalQuantileInvertsTheProbability) {
  // scipy.stats.norm.ppf(0.975)
  EXPECT_NEAR(NormalQuantile(0.975), 1.959963984540054, kRounding);
  for (const double probability : {1e-100, 1e-6, 0.2, 0.5, 0.999}) {
    // The relative slope of the probability by the quantile is about the quantile itself, up to 21.
    EXPECT_NEAR(NormalProbability(NormalQuantile(probability)) / probability, 1, 1e-13) << probability;
  }
}

TEST(DistributionsTest, StudentQuantilesHaveTheirClosedForms) {
  // One degree of freedom is Cauchy's distribution, tan(pi (p - 1/2)); two have (2 p - 1) / sqrt(2 p (1 - p)).
  for (const double tail : {0.3, 0.025, 1e-6}) {
    EXPECT_NEAR(StudentUpperQuantile(tail, 1) * std::tan(std::acos(-1) * tail), 1, kRounding) << tail;
    const double two = (1 - 2 * tail) / std::sqrt(2 * tail * (1 - tail));
    EXPECT_NEAR(StudentUpperQuantile(tail, 2) / two, 1, kRounding) << tail;
  }
}

// Printed tables have three decimals.
TEST(DistributionsTest, StudentQuantilesAreThoseOfTables) {
  EXPECT_NEAR(StudentQuantile(0.95, 10), 2.228, 0.0005);
  EXPECT_NEAR(StudentQuantile(0.95, 1), 12.706, 0.0005);
  EXPECT_NEAR(StudentQuantile(0.99, 30), 2.750, 0.0005);
}

TEST(DistributionsTest, FTailsHaveTheirClosedForm) {
  // With two degrees of the numerator: (1 + 2 F / d)^(-d / 2).
  for (const double statistic : {0.0, 0.5, 3.0, 20.0}) {
    const double expected = std::pow(1 + 2 * statistic / 7, -3.5);
    EXPECT_NEAR(FTailProbability(statistic, 2, 7) / expected, 1, kRounding) << statistic;
  }
}

}  // namespace
}  // namespace ctxfit

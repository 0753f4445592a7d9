#include "kernels/statistics/numerics/significance.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "kernels/statistics/numerics/distributions.h"

namespace ctxfit {
namespace {

TEST(SignificanceTest, SumsOfSquaresAreComparedByF) {
  const FTest test = CompareSse(12, 10, 2, 20);
  EXPECT_DOUBLE_EQ(test.statistic, 2);
  EXPECT_EQ(test.numerator_degrees, 2);
  EXPECT_EQ(test.denominator_degrees, 20);
  // Two degrees of the numerator have a closed form: (1 + 2 F / d)^(-d / 2).
  EXPECT_NEAR(test.p_value, std::pow(1.2, -10), 1e-12);
}

TEST(SignificanceTest, ASumThatFallsByRoundingIsNoRise) {
  EXPECT_EQ(CompareSse(10 - 1e-12, 10, 2, 20).statistic, 0);
  EXPECT_EQ(CompareSse(10 - 1e-12, 10, 2, 20).p_value, 1);
}

TEST(SignificanceTest, OneNumberIsTestedByStudentsT) {
  const std::vector<std::vector<double>> replicates = {{1}, {2}, {3}, {4}, {5}};  // variance 2.5
  const double quantile = StudentQuantile(0.95, 4);
  // A variance that is inflated by 100 / 98.
  const FTest test = TestIsZero({quantile * std::sqrt(2.5 * 100 / 98)}, replicates, 98, 100.0 / 98).value();
  EXPECT_EQ(test.denominator_degrees, 4) << "one less than the replicates, which are fewer";
  EXPECT_NEAR(test.statistic, quantile * quantile, 1e-12);
  EXPECT_NEAR(test.p_value, 0.05, 1e-12);
  EXPECT_EQ(TestIsZero({1}, replicates, 2, 1)->denominator_degrees, 2);
}

TEST(SignificanceTest, TestOfZeroDoesNotDependOnTheScalesOfItsNumbers) {
  const std::vector<std::vector<double>> replicates = {{1, 2}, {2, 1}, {3, 5}, {0, 1}, {4, 4}, {2, 2}};
  std::vector<std::vector<double>> mixed;
  const auto mix = [](const std::vector<double>& x) { return std::vector<double>{1e6 * x[0], x[0] - 1e-3 * x[1]}; };
  for (const std::vector<double>& row : replicates) mixed.push_back(mix(row));
  const FTest test = TestIsZero({3, -1}, replicates, 5, 1).value();
  // The second number differs from the first by a thousandth, which leaves 1e-6 of the variance: six digits are lost.
  EXPECT_NEAR(TestIsZero(mix({3, -1}), mixed, 5, 1)->statistic, test.statistic, 1e-8 * test.statistic);
}

TEST(SignificanceTest, TooFewOrDependentReplicatesGiveNoTest) {
  EXPECT_FALSE(TestIsZero({1, 1}, {{1, 2}, {2, 1}}, 99, 1).has_value());
  EXPECT_FALSE(TestIsZero({1, 1}, {{1, 2}, {2, 1}, {0, 4}, {1, 1}}, 1, 1).has_value());
  EXPECT_FALSE(TestIsZero({1, 1}, {{1, 2}, {2, 4}, {3, 6}, {0, 0}}, 99, 1).has_value());
  EXPECT_FALSE(TestIsZero({1, 1}, {{1, 2}, {1, 4}, {1, 5}, {1, 0}}, 99, 1).has_value());
  EXPECT_FALSE(TestIsZero({}, {{}, {}}, 99, 1).has_value());
}

}  // namespace
}  // namespace ctxfit

#include "kernels/statistics/intervals/intervals.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
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
  const Range interval = PercentileInterval(values, {0.05});
  EXPECT_NEAR(interval.lower, 50, 1e-10);
  EXPECT_NEAR(interval.upper, 950, 1e-10);
}

// The quantile at 0.05 of 1,000 uniform numbers has a standard error of sqrt(0.05 0.95 / 1000) = 0.0069.
TEST(IntervalsTest, MonteCarloErrorIsTheSpreadOfAQuantileOverSamples) {
  std::mt19937 random(2);
  std::uniform_real_distribution<double> uniform;
  std::vector<double> ends;
  double mean_error = 0;
  for (int sample = 0; sample < 400; ++sample) {
    std::vector<double> values(1000);
    for (double& value : values) value = uniform(random);
    ends.push_back(PercentileInterval(values, {0.05}).lower);
    mean_error += MonteCarloError(values, {0.05, 0.95}).lower / 400;
  }
  // A standard deviation from 400 samples has a relative standard error of 3.5 %; four of those.
  EXPECT_NEAR(StandardDeviation(ends), 0.0069, 0.14 * 0.0069);
  EXPECT_NEAR(mean_error, 0.0069, 0.1 * 0.0069);
}

TEST(IntervalsTest, BcaProbabilitiesAreEfrons) {
  std::vector<double> values(1000);
  std::iota(values.begin(), values.end(), 0.5);
  // Without bias and acceleration they are the tails.
  EXPECT_NEAR(BcaProbabilities(values, 500, 0, 0.025).lower, 0.025, 1e-12);
  EXPECT_NEAR(BcaProbabilities(values, 500, 0, 0.025).upper, 0.975, 1e-12);
  // z0 = norm.ppf(0.6); a = 0.1; [norm.cdf(z0 + (z0 + z) / (1 - a * (z0 + z))) for z in norm.ppf([0.025, 0.975])]
  EXPECT_NEAR(BcaProbabilities(values, 600, 0.1, 0.025).lower, 0.11420295403892616, 1e-12);
  EXPECT_NEAR(BcaProbabilities(values, 600, 0.1, 0.025).upper, 0.9990185075970077, 1e-12);
  // An estimate at every value has no bias.
  EXPECT_NEAR(BcaProbabilities({2, 2, 2}, 2, 0, 0.05).lower, 0.05, 1e-12);
  EXPECT_GT(BcaProbabilities(values, 5000, 0, 0.025).lower, 0.9);
}

// x = np.array([0.02, 0.05, 0.06, 0.08, 0.09, 0.11, 0.12, 0.15, 0.21, 0.34, 0.55, 0.89])
// b = x.mean() + 0.07 * ((np.arange(999) * 389 % 999 + 0.5) / 999 * 2 - 1.1)
// scipy.stats.bootstrap((x,), np.mean, n_resamples=0, confidence_level=c, method='BCa',
//                       bootstrap_result=SimpleNamespace(bootstrap_distribution=b)).confidence_interval
// l = x - x.mean(); a = (l**3).sum() / (6 * (l**2).sum()**1.5)
TEST(IntervalsTest, BcaIntervalsAreSciPys) {
  constexpr double kMean = 2.67 / 12;
  std::vector<double> replicates;
  for (int k = 0; k < 999; ++k) replicates.push_back(kMean + 0.07 * ((k * 389 % 999 + 0.5) / 999 * 2 - 1.1));
  const auto interval = [&](double confidence) {
    return QuantileInterval(replicates, BcaProbabilities(replicates, kMean, 0.08235197675872817, (1 - confidence) / 2));
  };
  // About ten roundings of numbers below 10, carried through the slopes of the normal distribution and its quantile.
  EXPECT_NEAR(interval(0.9).lower, 0.16095175309677082, 1e-13);
  EXPECT_NEAR(interval(0.9).upper, 0.2834639309786483, 1e-13);
  EXPECT_NEAR(interval(0.95).lower, 0.15547109271278634, 1e-13);
  EXPECT_NEAR(interval(0.95).upper, 0.2848518632176078, 1e-13);
}

TEST(IntervalsTest, BcaProbabilitiesAreZeroOrOneBeyondThePole) {
  const std::vector<double> values = {1, 2, 3, 4};
  // The pole of a = 0.5 lies two standard deviations up, that of -0.5 two down.
  EXPECT_EQ(BcaProbabilities(values, 2.5, 0.5, 0.01).upper, 1);
  EXPECT_GT(BcaProbabilities(values, 2.5, 0.5, 0.01).lower, 0);
  EXPECT_EQ(BcaProbabilities(values, 2.5, -0.5, 0.01).lower, 0);
  EXPECT_LT(BcaProbabilities(values, 2.5, -0.5, 0.01).upper, 1);
}

TEST(IntervalsTest, StretchedPercentilesKeepTheMedianAndTheSkewness) {
  std::vector<double> values(1001);
  std::iota(values.begin(), values.end(), 0.0);
  for (double& value : values) value = value < 500 ? value : 500 + 3 * (value - 500);
  const Range plain = PercentileInterval(values, {0.1});
  const Range stretched = PercentileInterval(values, {0.1, 2});
  EXPECT_DOUBLE_EQ(500 - stretched.lower, 2 * (500 - plain.lower));
  EXPECT_DOUBLE_EQ(stretched.upper - 500, 2 * (plain.upper - 500));
}

// The smallest tail is smaller than a rounding of 1.
TEST(IntervalsTest, BcaProbabilitiesOfTheSmallestTailsAreProbabilities) {
  const std::vector<double> values = {1, 2, 3, 4};
  for (const double confidence : {0.5, 0.95, 0.999, 1 - 1e-15}) {
    const double tail = ExpandedTail(confidence, {2, 1}, 4).probability;
    EXPECT_GT(tail, 0);
    for (const double acceleration : {-0.1, 0.0, 0.1}) {
      const Range probabilities = BcaProbabilities(values, 2.5, acceleration, tail);
      EXPECT_GE(probabilities.lower, 0);
      EXPECT_LT(probabilities.lower, probabilities.upper);
      EXPECT_LE(probabilities.upper, 1);
    }
  }
}

TEST(IntervalsTest, StandardDeviationDividesByCountLessOne) {
  EXPECT_DOUBLE_EQ(StandardDeviation({1, 3}), std::sqrt(2.0));
}

TEST(IntervalsTest, AWidthOfRoundingIsNoSpreadOnTheScaleOfTheNumber) {
  EXPECT_TRUE(IsRounding({0.3, 0.3}, false));
  EXPECT_TRUE(IsRounding({0.22314355131417, 0.22314355131425}, true));
  EXPECT_TRUE(IsRounding({0, 2e-12}, false));  // an exponent of 0
  EXPECT_TRUE(IsRounding({2e24, 2e24 + 1e12}, true));
  EXPECT_FALSE(IsRounding({0.3, 0.3001}, false));
  EXPECT_FALSE(IsRounding({1e-10, 2e-10}, true));
  EXPECT_FALSE(IsRounding({0, 1e-10}, true));
  EXPECT_FALSE(IsRounding({1, std::numeric_limits<double>::infinity()}, true));
}

TEST(IntervalsTest, AnIntervalIsExtendedToItsEstimate) {
  EXPECT_EQ(Holding({1, 2}, 3).upper, 3);
  EXPECT_EQ(Holding({1, 2}, 0.5).lower, 0.5);
  const Range inside = Holding({1, 2}, 1.5);
  EXPECT_EQ(inside.lower, 1);
  EXPECT_EQ(inside.upper, 2);
}

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// The logarithms 0, 1, ..., 100, of which `infinite` at the upper end are infinite.
std::vector<double> Logs(int infinite) {
  std::vector<double> logs(101);
  std::iota(logs.begin(), logs.end(), 0.0);
  for (int i = 0; i < infinite; ++i) logs[100 - i] = kInfinity;
  return logs;
}

TEST(IntervalsTest, InfiniteNumbersLieBeyondAllOthersAndTakeNoFiniteQuantileWithThem) {
  const Range finite = IntervalOfLogs(Logs(0), {0.05, 0.95}, 1, 50);
  EXPECT_NEAR(finite.lower / std::exp(5), 1, 1e-12);
  EXPECT_NEAR(finite.upper / std::exp(95), 1, 1e-12);
  const Range few = IntervalOfLogs(Logs(5), {0.05, 0.95}, 1, 50);
  EXPECT_EQ(few.lower, finite.lower);
  EXPECT_EQ(few.upper, finite.upper);
  const Range many = IntervalOfLogs(Logs(6), {0.05, 0.95}, 1, 50);
  EXPECT_EQ(many.lower, finite.lower);
  EXPECT_EQ(many.upper, kInfinity);
}

TEST(IntervalsTest, LogarithmsAreStretchedAboutTheirMedianOrAboutTheEstimateWhereThatIsInfinite) {
  const Range stretched = IntervalOfLogs(Logs(1), {0.05, 0.95}, 2, 50);
  EXPECT_NEAR(stretched.lower / std::exp(50 - 2 * 45), 1, 1e-12);
  EXPECT_NEAR(stretched.upper / std::exp(50 + 2 * 45), 1, 1e-12);
  const Range mostly_infinite = IntervalOfLogs(Logs(60), {0.05, 0.95}, 2, 30);
  EXPECT_NEAR(mostly_infinite.lower / std::exp(30 - 2 * 25), 1, 1e-12);
  EXPECT_EQ(mostly_infinite.upper, kInfinity);
}

}  // namespace
}  // namespace ctxfit

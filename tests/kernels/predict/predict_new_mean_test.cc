// Intervals of PredictWithBands() for the mean of new items.

#include <gtest/gtest.h>

#include <cmath>

#include "kernels/law/coordinate.h"
#include "kernels/predict/predictions.h"
#include "tests/kernels/predict/some_source.h"

namespace ctxfit {
namespace {

// Quantiles of the mixture by SciPy: [brentq(lambda x: norm.cdf(x, means, 0.05).mean() - p, -1, 2)
// for p in (0.025, 0.975)] with means = 0.8 * (1 - exp(-exp(linspace(-1, 0, 11)))).
TEST(PredictNewMeanTest, IntervalHasQuantilesOfTheMixture) {
  PredictionSource source = SomeSource();
  source.replicates.clear();
  source.law.point = {{0, 0, 30, 0, 0, 0, 0, 0.2}};
  for (int b = 0; b <= 10; ++b) {
    source.replicates.push_back(source.law.point);
    source.replicates.back().at[kLogComputeCoefficient] = -1 + 0.1 * b;
  }
  source.variance = {0.0009, 0.16};
  const Predictions predictions = PredictAt(source, {{1e22}, {500}, {4096}}, {.new_mean_items = 100});
  // Roots are found to 1e-9.
  EXPECT_NEAR(predictions.new_mean_lower[0], 0.19574048060775465, 2e-9);
  EXPECT_NEAR(predictions.new_mean_upper[0], 0.5508750927806325, 2e-9);
}

TEST(PredictNewMeanTest, IntervalSpreadsByLawClusterAndItems) {
  PredictionSource source = SomeSource();
  source.replicates.assign(50, source.law.point);
  source.variance = {0.02 * 0.02, 0.3 * 0.3};
  const PredictionPoints point = {{3e22}, {500}, {4096}};
  const auto half_width = [&](double items) {
    const Predictions predictions = PredictAt(source, point, {.new_mean_items = items});
    EXPECT_NEAR(predictions.new_mean_upper[0] + predictions.new_mean_lower[0], 2 * predictions.score[0], 1e-8);
    return (predictions.new_mean_upper[0] - predictions.new_mean_lower[0]) / 2;
  };
  // Replicates that agree leave one normal distribution, found to 1e-9.
  EXPECT_NEAR(half_width(100), 1.959963984540054 * std::sqrt(0.0004 + 0.09 / 100), 1e-8);
  EXPECT_NEAR(half_width(1e6), 1.959963984540054 * std::sqrt(0.0004 + 0.09 / 1e6), 1e-8);
  source.variance = {0, 0};
  EXPECT_NEAR(half_width(10), 0, 1e-12);
}

TEST(PredictNewMeanTest, IntervalContainsTheBandOfTheMean) {
  PredictionSource source = SomeSource();
  source.variance = {1e-6, 1e-3};
  const Predictions predictions = PredictAt(source, {{3e22}, {500}, {4096}}, {.new_mean_items = 100});
  EXPECT_LT(predictions.new_mean_lower[0], predictions.mean_lower[0]);
  EXPECT_GT(predictions.new_mean_upper[0], predictions.mean_upper[0]);
}

}  // namespace
}  // namespace ctxfit

// Simultaneous bands of PredictWithBands().

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "kernels/law/coordinate.h"
#include "kernels/law/fitted_law.h"
#include "kernels/predict/predictions.h"
#include "kernels/statistics/intervals/intervals.h"
#include "tests/kernels/predict/some_source.h"

namespace ctxfit {
namespace {

TEST(PredictSimultaneousTest, OnePointsBandIsSymmetricAboutItsScoreWhereThePointwiseOneIsNoWider) {
  const PredictionSource source = SomeSource();
  const Predictions predictions = PredictAt(source, {{3e22}, {500}, {4096}}, {.confidence = 0.9, .simultaneous = true});
  // The definition, replicate by replicate.
  std::vector<double> scores;
  for (const Point& point : source.replicates) scores.push_back(LawAt(source.law, 3e22, 500, 4096)(point));
  std::vector<double> distances;
  for (const double score : scores) distances.push_back(std::abs(score - predictions.score[0]));
  const double half = Quantile(distances, 0.9);
  EXPECT_NEAR(predictions.simultaneous_upper[0], std::max(predictions.score[0] + half, predictions.mean_upper[0]),
              1e-14);
  EXPECT_NEAR(predictions.simultaneous_lower[0], std::min(predictions.score[0] - half, predictions.mean_lower[0]),
              1e-14);
  EXPECT_NEAR(*predictions.critical_value, half / StandardDeviation(scores), 1e-12);
}

// Replicates that move two factors independently leave the line of one of them more often than a single point of it.
TEST(PredictSimultaneousTest, BandsCoverTheirShareOfWholeReplicates) {
  PredictionSource source = SomeSource();
  std::mt19937 random(4);
  std::normal_distribution<double> normal(0, 0.2);
  source.replicates.assign(999, source.law.point);
  for (Point& point : source.replicates) {
    point.at[kLogComputeCoefficient] += normal(random);
    point.at[kLogContextCoefficient] += normal(random);
  }
  PredictionPoints points;
  for (double prompt = 20; prompt < 4000; prompt *= 1.5) {
    points.compute.push_back(1e21 * prompt);
    points.prompt.push_back(prompt);
    points.limit.push_back(8192);
  }
  const Predictions predictions = PredictAt(source, points, {.confidence = 0.9, .simultaneous = true});
  int inside = 0;
  int inside_pointwise = 0;
  for (const Point& point : source.replicates) {
    bool all = true;
    bool all_pointwise = true;
    for (std::size_t i = 0; i < points.size(); ++i) {
      const double score = LawAt(source.law, points.compute[i], points.prompt[i], points.limit[i])(point);
      all &= score >= predictions.simultaneous_lower[i] - 1e-12 && score <= predictions.simultaneous_upper[i] + 1e-12;
      all_pointwise &= score >= predictions.mean_lower[i] && score <= predictions.mean_upper[i];
    }
    inside += all;
    inside_pointwise += all_pointwise;
  }
  // The quantile at 0.9 leaves 90 % of 999 replicates inside.
  EXPECT_NEAR(inside, 0.9 * 999, 2);
  EXPECT_LT(inside_pointwise, inside - 20);
}

// Beyond the limit the score is the floor: the band must cover the uncertainty of the floor, not end at its estimate.
TEST(PredictSimultaneousTest, BandsLeaveRoomForAFittedFloor) {
  PredictionSource source = SomeSource();
  source.law.point.at[kFloor] = 0.01;
  for (std::size_t b = 0; b < source.replicates.size(); ++b) {
    source.replicates[b].at[kFloor] = 0.0002 * static_cast<double>(b);
  }
  const Predictions predictions =
      PredictAt(source, {{3e22}, {9000}, {4096}}, {.confidence = 0.9, .simultaneous = true});
  // 0.009 is the quantile at 0.9 of the replicates' distances from 0.01, which are multiples of 0.0002 up to 0.01.
  EXPECT_NEAR(predictions.simultaneous_lower[0], 0.01 - 0.009, 1e-9);
  EXPECT_NEAR(predictions.simultaneous_upper[0], 0.01 + 0.009, 1e-9);
  EXPECT_NEAR(predictions.simultaneous_lower[0], predictions.mean_lower[0], 0.0002);
}

// At a compute that saturates the law, replicates of one context factor differ by roundings, all on one side.
TEST(PredictSimultaneousTest, BandsIgnorePointsThatSpreadByRoundingOnly) {
  PredictionSource source = SomeSource();
  source.observed.compute_flops.upper = 1e32;
  source.law.point.at[kContextExponent] = 0.6 + 1e-15;
  for (std::size_t b = 0; b < source.replicates.size(); ++b) {
    source.replicates[b].at[kContextExponent] = 0.6 + (b % 2 == 0 ? 2e-16 : 0);
  }
  const BandOptions options = {.confidence = 0.9, .simultaneous = true};
  const Predictions one = PredictAt(source, {{3e22}, {500}, {4096}}, options);
  const Predictions two = PredictAt(source, {{3e22, 1e32}, {500, 500}, {4096, 4096}}, options);
  EXPECT_EQ(*two.critical_value, *one.critical_value);
  EXPECT_EQ(two.simultaneous_lower[1], std::min(two.score[1], two.mean_lower[1]));
  EXPECT_EQ(two.simultaneous_upper[1], std::max(two.score[1], two.mean_upper[1]));
}

TEST(PredictSimultaneousTest, UndeterminedPointsAreLeftOut) {
  PredictionSource source = SomeSource();
  source.identified[kComputeExponent] = false;
  source.variance = {1e-4, 0.1};
  const BandOptions options = {.simultaneous = true, .new_mean_items = 100};
  const Predictions one = PredictAt(source, {{1e22}, {500}, {4096}}, options);
  const Predictions two = PredictAt(source, {{1e24, 1e22}, {500, 500}, {4096, 4096}}, options);
  EXPECT_EQ(*two.critical_value, *one.critical_value);
  EXPECT_EQ(two.simultaneous_lower, (std::vector<double>{0, one.simultaneous_lower[0]}));
  EXPECT_EQ(two.simultaneous_upper, (std::vector<double>{1, one.simultaneous_upper[0]}));
  EXPECT_EQ(two.new_mean_lower, (std::vector<double>{0, one.new_mean_lower[0]}));
  EXPECT_EQ(two.new_mean_upper, (std::vector<double>{1, one.new_mean_upper[0]}));
}

}  // namespace
}  // namespace ctxfit

#include "kernels/predict/simultaneous_band.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <random>
#include <vector>

#include "kernels/base/stop_signal.h"
#include "kernels/base/thread_pool.h"
#include "kernels/law/range.h"
#include "kernels/predict/predictions.h"
#include "kernels/statistics/intervals/effective_units.h"

namespace ctxfit {
namespace {

constexpr double kConfidence = 0.9;
constexpr Range kAttainable = {-100, 100};
constexpr Range kUnknown = {-7, 7};

// A point's score, and the scores of the replicates there with their standard deviation.
struct PointScores {
  double score;
  std::vector<double> replicates;
  double deviation;
};

// Independent normal scores of `points` points, with means up to 1 and standard deviations from 0.1 to 0.5.
std::vector<PointScores> IndependentPoints(int points, int replicates) {
  std::mt19937 random(3);
  std::normal_distribution<double> normal;
  std::vector<PointScores> scores;
  for (int i = 0; i < points; ++i) {
    PointScores point = {i / 10.0, {}, 0.1 + 0.1 * (i % 5)};
    for (int b = 0; b < replicates; ++b) point.replicates.push_back(point.score + point.deviation * normal(random));
    scores.push_back(point);
  }
  return scores;
}

// A band of all points but those that are unset, which are not determined.
Predictions MakeBand(const std::vector<std::optional<PointScores>>& points, std::size_t replicates, int threads = 1,
                     const Range& attainable = kAttainable, const EffectiveUnits& units = {}) {
  Predictions predictions;
  for (const std::optional<PointScores>& point : points) {
    predictions.score.push_back(point ? point->score : 0);
    predictions.mean_lower.push_back(predictions.score.back());
    predictions.mean_upper.push_back(predictions.score.back());
  }
  SimultaneousBand band(points.size(), replicates, threads);
  const auto add = [&](std::size_t i, int thread) {
    if (points[i]) band.Add(i, points[i]->score, points[i]->replicates, points[i]->deviation, 1, thread);
  };
  EXPECT_TRUE(ThreadPool(threads).ParallelFor(points.size(), StopSignal(), add).ok());
  band.Finish(kConfidence, units, attainable, kUnknown, predictions);
  return predictions;
}

Predictions MakeBand(const std::vector<PointScores>& points, int threads = 1, const Range& attainable = kAttainable) {
  return MakeBand(std::vector<std::optional<PointScores>>(points.begin(), points.end()),
                  points.front().replicates.size(), threads, attainable);
}

// The quantile by its definition: linear between the sorted values at floor and ceiling of p (n - 1).
double SlowQuantile(std::vector<double> values, double probability) {
  std::sort(values.begin(), values.end());
  const double position = probability * (static_cast<double>(values.size()) - 1);
  const double share = position - std::floor(position);
  const auto below = static_cast<std::size_t>(std::floor(position));
  return (1 - share) * values[below] + share * values[std::min(below + 1, values.size() - 1)];
}

double SlowCriticalValue(const std::vector<PointScores>& points) {
  std::vector<double> max_t;
  for (std::size_t b = 0; b < points.front().replicates.size(); ++b) {
    double largest = 0;
    for (const PointScores& point : points) {
      largest = std::max(largest, std::abs(point.replicates[b] - point.score) / point.deviation);
    }
    max_t.push_back(largest);
  }
  return SlowQuantile(max_t, kConfidence);
}

// The half width of a band of one point alone.
double PointwiseHalfWidth(const PointScores& point) {
  std::vector<double> distances;
  for (const double replicate : point.replicates) distances.push_back(std::abs(replicate - point.score));
  return SlowQuantile(distances, kConfidence);
}

// A few roundings, 1.1e-16 each, of numbers below 5: the two formulas of interpolation, c sd, and its sum with a score.
constexpr double kRounding = 5e-15;

TEST(SimultaneousBandTest, BandEqualsADirectSupTComputation) {
  for (const int replicates : {1, 2, 7, 100, 999}) {
    const std::vector<PointScores> points = IndependentPoints(23, replicates);
    const Predictions predictions = MakeBand(points);
    const double critical = SlowCriticalValue(points);
    EXPECT_NEAR(*predictions.critical_value, critical, kRounding) << replicates;
    ASSERT_EQ(predictions.simultaneous_lower.size(), points.size());
    for (std::size_t i = 0; i < points.size(); ++i) {
      EXPECT_NEAR(predictions.simultaneous_lower[i], points[i].score - critical * points[i].deviation, kRounding) << i;
      EXPECT_NEAR(predictions.simultaneous_upper[i], points[i].score + critical * points[i].deviation, kRounding) << i;
    }
  }
}

TEST(SimultaneousBandTest, BandHoldsItsShareOfWholeReplicates) {
  const std::vector<PointScores> points = IndependentPoints(12, 1000);
  const Predictions predictions = MakeBand(points);
  int inside = 0;
  for (std::size_t b = 0; b < 1000; ++b) {
    bool all = true;
    for (std::size_t i = 0; i < points.size(); ++i) {
      const double replicate = points[i].replicates[b];
      all = all && replicate >= predictions.simultaneous_lower[i] && replicate <= predictions.simultaneous_upper[i];
    }
    inside += all;
  }
  // c lies between values 899 and 900, counted from 0, of the sorted maxima: p (n - 1) = 899.1.
  EXPECT_EQ(inside, 900);
}

TEST(SimultaneousBandTest, BandOfOnePointHasThePointwiseQuantile) {
  const std::vector<PointScores> points = IndependentPoints(1, 500);
  const Predictions predictions = MakeBand(points);
  const double half = PointwiseHalfWidth(points[0]);
  EXPECT_NEAR(*predictions.critical_value, half / points[0].deviation, kRounding);
  EXPECT_NEAR(predictions.simultaneous_lower[0], points[0].score - half, kRounding);
  EXPECT_NEAR(predictions.simultaneous_upper[0], points[0].score + half, kRounding);
}

TEST(SimultaneousBandTest, BandOfIndependentPointsIsWiderThanPointwise) {
  const std::vector<PointScores> points = IndependentPoints(10, 4000);
  const Predictions predictions = MakeBand(points);
  for (std::size_t i = 0; i < points.size(); ++i) {
    const double half = (predictions.simultaneous_upper[i] - predictions.simultaneous_lower[i]) / 2;
    EXPECT_GT(half, PointwiseHalfWidth(points[i])) << i;
  }
  // scipy.stats.norm.ppf((1 + 0.9 ** 0.1) / 2) for ten independent normal numbers. A quantile of 4,000 maxima has a
  // standard error of sqrt(0.9 * 0.1 / 4000) over the density of the maximum there, 0.27: 0.018. Four of those.
  EXPECT_NEAR(*predictions.critical_value, 2.5596, 0.07);
}

TEST(SimultaneousBandTest, BandOfPointsThatMoveTogetherIsNoWiderThanThatOfOne) {
  std::vector<PointScores> points = IndependentPoints(1, 500);
  // Scales that are powers of two leave t to the bit.
  for (const double scale : {0.5, 2.0, 8.0}) {
    PointScores scaled = {0, {}, scale * points[0].deviation};
    for (const double replicate : points[0].replicates) scaled.replicates.push_back(scale * replicate);
    points.push_back(scaled);
  }
  EXPECT_EQ(*MakeBand(points).critical_value, *MakeBand({points[0]}).critical_value);
}

TEST(SimultaneousBandTest, UndeterminedPointsGetTheUnknownRangeAndLeaveTheCriticalValue) {
  const std::vector<PointScores> points = IndependentPoints(3, 200);
  const Predictions alone = MakeBand(points);
  const Predictions among =
      MakeBand({std::nullopt, points[0], std::nullopt, points[1], points[2]}, points[0].replicates.size());
  EXPECT_EQ(*among.critical_value, *alone.critical_value);
  const std::vector<double>& lower = alone.simultaneous_lower;
  const std::vector<double>& upper = alone.simultaneous_upper;
  EXPECT_EQ(among.simultaneous_lower,
            (std::vector<double>{kUnknown.lower, lower[0], kUnknown.lower, lower[1], lower[2]}));
  EXPECT_EQ(among.simultaneous_upper,
            (std::vector<double>{kUnknown.upper, upper[0], kUnknown.upper, upper[1], upper[2]}));
}

TEST(SimultaneousBandTest, WithoutDeterminedPointsTheCriticalValueIsZero) {
  const Predictions predictions = MakeBand({std::nullopt, std::nullopt}, 50);
  EXPECT_EQ(*predictions.critical_value, 0);
  EXPECT_EQ(predictions.simultaneous_lower, std::vector<double>(2, kUnknown.lower));
  EXPECT_EQ(predictions.simultaneous_upper, std::vector<double>(2, kUnknown.upper));
}

TEST(SimultaneousBandTest, PointsWithoutSpreadHaveTheirScoreAsBandAndLeaveTheCriticalValue) {
  std::vector<PointScores> points = IndependentPoints(2, 300);
  const Predictions without = MakeBand(points);
  // Equal replicates, and replicates a rounding apart that lie 2 or 4 of their standard deviations below the score.
  points.push_back({0.5, std::vector<double>(300, 0.5), 0});
  points.push_back({0.5, std::vector<double>(300, 0.5 - 0x1p-53), 0});
  for (std::size_t b = 0; b < 300; b += 2) points.back().replicates[b] = 0.5 - 0x1p-52;
  points.back().deviation = 0x1p-54;
  const Predictions with = MakeBand(points);
  EXPECT_EQ(*with.critical_value, *without.critical_value);
  for (const std::size_t i : {2, 3}) {
    EXPECT_EQ(with.simultaneous_lower[i], 0.5);
    EXPECT_EQ(with.simultaneous_upper[i], 0.5);
  }
}

TEST(SimultaneousBandTest, BandEndsAtTheAttainableRange) {
  std::vector<PointScores> points = IndependentPoints(3, 300);
  const Predictions wide = MakeBand(points);
  const Predictions narrow = MakeBand(points, 1, {-0.01, 0.3});
  EXPECT_EQ(*narrow.critical_value, *wide.critical_value);
  for (std::size_t i = 0; i < points.size(); ++i) {
    EXPECT_EQ(narrow.simultaneous_lower[i], std::max(wide.simultaneous_lower[i], -0.01)) << i;
    EXPECT_EQ(narrow.simultaneous_upper[i], std::min(wide.simultaneous_upper[i], 0.3)) << i;
  }
  EXPECT_LT(wide.simultaneous_lower[0], -0.01);
  EXPECT_GT(wide.simultaneous_upper[2], 0.3);
}

// Expanded at its own height, not at the nominal one: t rises faster than the normal quantile.
TEST(SimultaneousBandTest, BandOfFewUnitsIsExpandedAtItsHeight) {
  const std::vector<PointScores> points = IndependentPoints(10, 500);
  const EffectiveUnits units = {12, 4};
  const Predictions plain = MakeBand(points);
  const Predictions expanded =
      MakeBand(std::vector<std::optional<PointScores>>(points.begin(), points.end()), 500, 1, kAttainable, units);
  EXPECT_DOUBLE_EQ(*expanded.critical_value, ExpandedHeight(*plain.critical_value, units));
  constexpr double kNominal = 1.6448536269514722;  // scipy.stats.norm.ppf(0.95)
  EXPECT_GT(*expanded.critical_value / *plain.critical_value, 1.1 * ExpandedHeight(kNominal, units) / kNominal);
  EXPECT_DOUBLE_EQ(expanded.simultaneous_upper[3], points[3].score + *expanded.critical_value * points[3].deviation);
}

TEST(SimultaneousBandTest, APointThatFewUnitsDetermineIsExpandedForThem) {
  const std::vector<PointScores> points = IndependentPoints(2, 300);
  const EffectiveUnits fit = {60, 4};
  const EffectiveUnits few = {6, 1};
  Predictions predictions;
  SimultaneousBand band(2, 300, 1);
  for (std::size_t i = 0; i < 2; ++i) {
    for (std::vector<double>* column : {&predictions.score, &predictions.mean_lower, &predictions.mean_upper}) {
      column->push_back(points[i].score);
    }
    band.Add(i, points[i].score, points[i].replicates, points[i].deviation,
             i == 0 ? 1 : ExpandedHeight(2, few) / ExpandedHeight(2, fit), 0);
  }
  band.Finish(kConfidence, fit, kAttainable, kUnknown, predictions);
  const double height = *MakeBand(points).critical_value;
  EXPECT_DOUBLE_EQ(*predictions.critical_value, ExpandedHeight(height, fit));
  EXPECT_DOUBLE_EQ(predictions.simultaneous_upper[0],
                   points[0].score + ExpandedHeight(height, fit) * points[0].deviation);
  EXPECT_DOUBLE_EQ(predictions.simultaneous_upper[1],
                   points[1].score + ExpandedHeight(height, fit) * ExpandedHeight(2, few) / ExpandedHeight(2, fit) *
                                         points[1].deviation);
}

TEST(SimultaneousBandTest, BandHoldsThePointwiseOne) {
  const std::vector<PointScores> points = IndependentPoints(2, 300);
  Predictions predictions;
  SimultaneousBand band(2, 300, 1);
  for (std::size_t i = 0; i < 2; ++i) {
    predictions.score.push_back(points[i].score);
    predictions.mean_lower.push_back(points[i].score - (i == 0 ? 5 : 0));
    predictions.mean_upper.push_back(points[i].score + (i == 1 ? 6 : 0));
    band.Add(i, points[i].score, points[i].replicates, points[i].deviation, 1, 0);
  }
  band.Finish(kConfidence, {}, kAttainable, kUnknown, predictions);
  EXPECT_EQ(predictions.simultaneous_lower[0], points[0].score - 5);
  EXPECT_EQ(predictions.simultaneous_upper[1], points[1].score + 6);
  EXPECT_LT(predictions.simultaneous_upper[0], points[0].score + 5);
}

TEST(SimultaneousBandTest, ThreadsChangeNoBit) {
  const std::vector<PointScores> points = IndependentPoints(200, 300);
  const Predictions one = MakeBand(points, 1);
  for (const int threads : {2, 3, 8}) {
    const Predictions many = MakeBand(points, threads);
    EXPECT_EQ(*many.critical_value, *one.critical_value) << threads;
    EXPECT_EQ(many.simultaneous_lower, one.simultaneous_lower) << threads;
    EXPECT_EQ(many.simultaneous_upper, one.simultaneous_upper) << threads;
  }
}

}  // namespace
}  // namespace ctxfit

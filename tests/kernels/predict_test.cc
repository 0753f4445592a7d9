#include "kernels/predict.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "kernels/intervals.h"

namespace ctxfit {
namespace {

PredictionSource SomeSource() {
  PredictionSource source;
  source.law = {{{std::log(0.9), 0.4, std::log(1.1), 0.6}}, {1e22, 1000}, {}};
  for (int b = 0; b <= 100; ++b) {
    Point point = source.law.point;
    point.at[kLogComputeCoefficient] += 0.01 * (b - 50);
    source.replicates.push_back(point);
  }
  for (bool& identified : source.identified) identified = true;
  source.coverage = {{1e21, 1e23}, {100, 10000}};
  return source;
}

double Formula(double a, double compute, double prompt, double limit) {
  return (1 - std::exp(-a * std::pow(compute / 1e22, 0.4))) * (1 - std::exp(-1.1 * std::pow(prompt / 1000, 0.6))) /
         (1 + std::exp(prompt - limit));
}

TEST(PredictTest, IsThePublishedFormula) {
  const Law law = SomeSource().law;
  for (const double prompt : {50.0, 1000.0, 4095.0, 4096.0, 4097.0, 4200.0}) {
    EXPECT_NEAR(Predict(law, 3e22, prompt, 4096), Formula(0.9, 3e22, prompt, 4096), 1e-14);
  }
}

TEST(PredictTest, BandsArePercentilesOfTheReplicates) {
  const Predictions predictions =
      PredictWithBands(SomeSource(), {{3e22}, {500}, {4096}}, {.confidence = 0.9}, StopSignal()).value();
  // Scores rise with ln A, so the 5th and the 95th of 101 replicates are those of ln A -+ 0.45.
  EXPECT_NEAR(predictions.mean_lower[0], Formula(0.9 * std::exp(-0.45), 3e22, 500, 4096), 1e-14);
  EXPECT_NEAR(predictions.mean_upper[0], Formula(0.9 * std::exp(0.45), 3e22, 500, 4096), 1e-14);
  EXPECT_TRUE(predictions.determined[0]);
  EXPECT_FALSE(predictions.extrapolated[0]);
}

TEST(PredictTest, WhatIsNotIdentifiedIsKnownOnlyWhereItWasObserved) {
  PredictionSource source = SomeSource();
  source.identified[kComputeExponent] = false;
  const Predictions predictions =
      PredictWithBands(source, {{1e22, 1e24}, {500, 500}, {4096, 4096}}, {.confidence = 0.9}, StopSignal()).value();
  EXPECT_TRUE(predictions.determined[0]);
  EXPECT_FALSE(predictions.determined[1]);
  EXPECT_TRUE(predictions.extrapolated[1]);
  EXPECT_EQ(predictions.mean_lower[1], 0);
  EXPECT_EQ(predictions.mean_upper[1], 1);
}

TEST(PredictTest, MarksExtrapolationInEitherVariable) {
  const Predictions predictions =
      PredictWithBands(SomeSource(), {{1e21, 1e20, 1e22}, {100, 100, 20000}, {4096, 4096, 32768}}, {.confidence = 0.9},
                       StopSignal())
          .value();
  EXPECT_FALSE(predictions.extrapolated[0]);
  EXPECT_TRUE(predictions.extrapolated[1]);
  EXPECT_TRUE(predictions.extrapolated[2]);
}

TEST(PredictTest, WithoutReplicatesThereAreNoBands) {
  PredictionSource source = SomeSource();
  source.replicates.clear();
  const Predictions predictions =
      PredictWithBands(source, {{3e22}, {500}, {4096}}, {.confidence = 0.9}, StopSignal()).value();
  EXPECT_EQ(predictions.score.size(), 1u);
  EXPECT_TRUE(predictions.mean_lower.empty());
}

TEST(PredictTest, OnePointsSimultaneousBandIsSymmetricAboutItsScore) {
  const PredictionSource source = SomeSource();
  const Predictions predictions =
      PredictWithBands(source, {{3e22}, {500}, {4096}}, {.confidence = 0.9, .simultaneous = true}, StopSignal())
          .value();
  // By its definition, replicate by replicate.
  std::vector<double> scores;
  for (const Point& point : source.replicates) scores.push_back(LawAt(source.law, 3e22, 500, 4096)(point));
  std::vector<double> distances;
  for (const double score : scores) distances.push_back(std::abs(score - predictions.score[0]));
  const double half = Quantile(distances, 0.9);
  EXPECT_NEAR(predictions.simultaneous_upper[0] - predictions.score[0], half, 1e-14);
  EXPECT_NEAR(predictions.score[0] - predictions.simultaneous_lower[0], half, 1e-14);
  EXPECT_NEAR(*predictions.critical_value, half / StandardDeviation(scores), 1e-12);
}

// Replicates that move two factors independently leave the line of one of them more often than a single point of it.
TEST(PredictTest, SimultaneousBandsCoverTheirShareOfWholeReplicates) {
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
  const Predictions predictions =
      PredictWithBands(source, points, {.confidence = 0.9, .simultaneous = true}, StopSignal()).value();
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
  // 90 % of 999 by definition of the quantile.
  EXPECT_NEAR(inside, 0.9 * 999, 2);
  EXPECT_LT(inside_pointwise, inside - 20);
}

TEST(PredictTest, NewMeanIsSpreadByTheLawItsRunAndItsItems) {
  PredictionSource source = SomeSource();
  source.replicates.assign(50, source.law.point);
  source.variance = {0.02 * 0.02, 0.3 * 0.3};
  const PredictionPoints point = {{3e22}, {500}, {4096}};
  const auto half_width = [&](double items) {
    const Predictions predictions = PredictWithBands(source, point, {.new_mean_items = items}, StopSignal()).value();
    EXPECT_NEAR(predictions.new_mean_upper[0] + predictions.new_mean_lower[0], 2 * predictions.score[0], 1e-8);
    return (predictions.new_mean_upper[0] - predictions.new_mean_lower[0]) / 2;
  };
  // Replicates that agree leave one normal distribution, found to 1e-9.
  EXPECT_NEAR(half_width(100), 1.959963984540054 * std::sqrt(0.0004 + 0.09 / 100), 1e-8);
  EXPECT_NEAR(half_width(1e6), 1.959963984540054 * std::sqrt(0.0004 + 0.09 / 1e6), 1e-8);
  source.variance = {0, 0};
  EXPECT_NEAR(half_width(10), 0, 1e-12);
}

TEST(PredictTest, NewMeanContainsTheBandOfTheMean) {
  PredictionSource source = SomeSource();
  source.variance = {1e-6, 1e-3};
  const Predictions predictions =
      PredictWithBands(source, {{3e22}, {500}, {4096}}, {.new_mean_items = 100}, StopSignal()).value();
  EXPECT_LT(predictions.new_mean_lower[0], predictions.mean_lower[0]);
  EXPECT_GT(predictions.new_mean_upper[0], predictions.mean_upper[0]);
}

TEST(PredictTest, EndsWhenNobodyWaits) {
  StopSignal stop;
  stop.Cancel();
  EXPECT_EQ(PredictWithBands(SomeSource(), {{3e22}, {500}, {4096}}, {.confidence = 0.9}, stop).status().code(),
            absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace ctxfit

#include "kernels/predict.h"

#include <gtest/gtest.h>

#include <cmath>

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
  const Predictions predictions = PredictWithBands(SomeSource(), {{3e22}, {500}, {4096}}, 0.9, StopSignal()).value();
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
      PredictWithBands(source, {{1e22, 1e24}, {500, 500}, {4096, 4096}}, 0.9, StopSignal()).value();
  EXPECT_TRUE(predictions.determined[0]);
  EXPECT_FALSE(predictions.determined[1]);
  EXPECT_TRUE(predictions.extrapolated[1]);
  EXPECT_EQ(predictions.mean_lower[1], 0);
  EXPECT_EQ(predictions.mean_upper[1], 1);
}

TEST(PredictTest, MarksExtrapolationInEitherVariable) {
  const Predictions predictions =
      PredictWithBands(SomeSource(), {{1e21, 1e20, 1e22}, {100, 100, 20000}, {4096, 4096, 32768}}, 0.9, StopSignal())
          .value();
  EXPECT_FALSE(predictions.extrapolated[0]);
  EXPECT_TRUE(predictions.extrapolated[1]);
  EXPECT_TRUE(predictions.extrapolated[2]);
}

TEST(PredictTest, WithoutReplicatesThereAreNoBands) {
  PredictionSource source = SomeSource();
  source.replicates.clear();
  const Predictions predictions = PredictWithBands(source, {{3e22}, {500}, {4096}}, 0.9, StopSignal()).value();
  EXPECT_EQ(predictions.score.size(), 1u);
  EXPECT_TRUE(predictions.mean_lower.empty());
}

TEST(PredictTest, EndsWhenNobodyWaits) {
  StopSignal stop;
  stop.Cancel();
  EXPECT_EQ(PredictWithBands(SomeSource(), {{3e22}, {500}, {4096}}, 0.9, stop).status().code(),
            absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace ctxfit

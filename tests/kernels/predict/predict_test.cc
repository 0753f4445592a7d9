#include "kernels/predict/predict.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "kernels/base/stop_signal.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/fitted_law.h"
#include "kernels/law/range.h"
#include "kernels/objective/vector_kernels.h"
#include "kernels/predict/predictions.h"
#include "kernels/statistics/errors/influence.h"
#include "kernels/statistics/intervals/intervals.h"
#include "tests/kernels/predict/some_source.h"

namespace ctxfit {
namespace {

TEST(PredictTest, PredictionIsThePublishedFormula) {
  const Law law = SomeSource().law;
  for (const double prompt : {50.0, 1000.0, 4095.0, 4096.0, 4097.0, 4200.0}) {
    EXPECT_NEAR(Predict(law, 3e22, prompt, 4096), Formula(0.9, 3e22, prompt, 4096), 1e-14);
  }
}

TEST(PredictTest, APenaltyThatIsNotIdentifiedIsKnownWhereItWasObserved) {
  PredictionSource source = SomeSource();
  source.observed.limit_share = {0.1, 0.9};
  const PredictionPoints points = {{1e22, 1e22, 1e22}, {2000, 4096, 200}, {4096, 4096, 4096}};
  const auto determined = [&] { return PredictAt(source, points, {.confidence = 0.9}).determined; };
  EXPECT_EQ(determined(), std::vector<bool>({true, true, true}));
  source.identified[kLogPenaltyOnset] = false;
  EXPECT_EQ(determined(), std::vector<bool>({true, false, false}));
}

// It falls anywhere between two neighbouring shares, one of which shows little of it and the other most.
TEST(PredictTest, APenaltyThatIsNotIdentifiedIsNotKnownWhereItFalls) {
  PredictionSource source = SomeSource();
  source.observed.limit_share = {0.1, 3};
  source.observed.penalty_fall = {0.9, 2};
  source.identified[kLogPenaltyWidth] = false;
  const PredictionPoints points = {
      {1e22, 1e22, 1e22, 1e22, 1e22}, {500, 900, 1500, 2000, 2500}, {1000, 1000, 1000, 1000, 1000}};
  EXPECT_EQ(PredictAt(source, points, {}).determined, std::vector<bool>({true, true, false, true, true}));
}

TEST(PredictTest, BandsArePercentilesOfTheReplicates) {
  const Predictions predictions = PredictAt(SomeSource(), {{3e22}, {500}, {4096}}, {.confidence = 0.9});
  // Scores rise with ln A, so the 5th and the 95th of 101 replicates are those of ln A -+ 0.45.
  EXPECT_NEAR(predictions.mean_lower[0], Formula(0.9 * std::exp(-0.45), 3e22, 500, 4096), 1e-14);
  EXPECT_NEAR(predictions.mean_upper[0], Formula(0.9 * std::exp(0.45), 3e22, 500, 4096), 1e-14);
  EXPECT_TRUE(predictions.determined[0]);
  EXPECT_FALSE(predictions.extrapolated[0]);
}

// Replicates of the onset, which three units determine, move the score near the limit and nowhere else.
TEST(PredictTest, BandsAreWiderWhereFewUnitsDetermineWhatMovesTheScore) {
  PredictionSource source = SomeSource();
  source.law.penalty = {Penalty::Form::kRatio, 0.1, 1};
  for (std::size_t b = 0; b < source.replicates.size(); ++b) {
    source.replicates[b].at[kLogComputeCoefficient] = source.law.point.at[kLogComputeCoefficient];
    source.replicates[b].at[kLogPenaltyOnset] = 0.0002 * (static_cast<double>(b * 37 % 101) - 50);
  }
  source.units = {60, 5};
  const PredictionPoints points = {{3e22, 3e22}, {100, 4200}, {4096, 4096}};
  const Predictions alike = PredictAt(source, points, {});
  source.determining_units[kLogPenaltyOnset] = 3;
  const Predictions few = PredictAt(source, points, {.simultaneous = true});
  EXPECT_LE(few.mean_upper[0] - few.mean_lower[0], 1e-5) << "exp(-9.8) of the limit's effect";
  // 101 evenly spread replicates are read off at the nominal level of 2.5 % either way, but for the expansion: sqrt(3 /
  // 2) t of 2 degrees of freedom against sqrt(60 / 55) t of 55.
  const double expansion = (few.mean_upper[1] - few.mean_lower[1]) / (alike.mean_upper[1] - alike.mean_lower[1]);
  EXPECT_NEAR(expansion, 5.27 / 2.093, 0.01);
  EXPECT_LE(few.simultaneous_lower[1], few.mean_lower[1]);
}

TEST(PredictTest, UnidentifiedFactorsAreKnownOnlyWhereObserved) {
  PredictionSource source = SomeSource();
  source.identified[kComputeExponent] = false;
  const Predictions predictions = PredictAt(source, {{1e22, 1e24}, {500, 500}, {4096, 4096}}, {.confidence = 0.9});
  EXPECT_TRUE(predictions.determined[0]);
  EXPECT_FALSE(predictions.determined[1]);
  EXPECT_TRUE(predictions.extrapolated[1]);
  EXPECT_EQ(predictions.mean_lower[1], 0);
  EXPECT_EQ(predictions.mean_upper[1], 1);
}

TEST(PredictTest, PointsOutsideEitherObservedRangeAreMarked) {
  const Predictions predictions =
      PredictAt(SomeSource(), {{1e21, 1e20, 1e22}, {100, 100, 20000}, {4096, 4096, 32768}}, {.confidence = 0.9});
  EXPECT_FALSE(predictions.extrapolated[0]);
  EXPECT_TRUE(predictions.extrapolated[1]);
  EXPECT_TRUE(predictions.extrapolated[2]);
}

TEST(PredictTest, WithoutReplicatesThereAreNoBands) {
  PredictionSource source = SomeSource();
  source.replicates.clear();
  const Predictions predictions = PredictAt(source, {{3e22}, {500}, {4096}}, {.confidence = 0.9});
  EXPECT_EQ(predictions.score.size(), 1u);
  EXPECT_TRUE(predictions.mean_lower.empty());
}

// The ends of bands over two units lie far beyond all replicates: all bands must still have some.
TEST(PredictTest, FewUnitsHaveWideBands) {
  PredictionSource source = SomeSource();
  source.variance = {1e-4, 0.1};
  source.influence.emplace();
  source.influence->second[0] = 1e-2;
  source.influence->third[0] = 5e-4;
  for (const double units : {2, 3, 4, 5}) {
    source.units = {units, 1};
    for (const double confidence : {0.95, 0.999, 1 - 1e-15}) {
      const Predictions predictions = PredictAt(
          source, {{3e22}, {500}, {4096}}, {.confidence = confidence, .simultaneous = true, .new_mean_items = 100});
      EXPECT_GE(predictions.new_mean_lower[0], 0);
      EXPECT_LE(predictions.new_mean_lower[0], predictions.mean_lower[0]);
      EXPECT_LT(predictions.mean_lower[0], predictions.score[0]);
      EXPECT_LT(predictions.score[0], predictions.mean_upper[0]);
      EXPECT_LE(predictions.mean_upper[0], predictions.new_mean_upper[0]);
      EXPECT_LE(predictions.new_mean_upper[0], 1);
    }
  }
}

// Scores rise with ln A alone, whose replicates are evenly spaced, so that BCa's probabilities can be read off
// directly.
TEST(PredictTest, BandsOfAFitWithInfluenceAreBiasCorrectedAndAccelerated) {
  PredictionSource source = SomeSource();
  source.law.point.at[kLogComputeCoefficient] += 0.1;  // the 60th of the replicates
  source.influence.emplace();
  source.influence->second[0] = 1;
  source.influence->third[0] = 0.6;  // a = 0.1
  const Predictions predictions = PredictAt(source, {{3e22}, {500}, {4096}}, {.confidence = 0.9});
  std::vector<double> log_coefficients;
  for (const Point& point : source.replicates) log_coefficients.push_back(point.at[kLogComputeCoefficient]);
  const Range probabilities =
      BcaProbabilities(log_coefficients, source.law.point.at[kLogComputeCoefficient], 0.1, 0.05);
  EXPECT_GT(probabilities.lower, 0.1);
  // Between two order statistics, 0.01 apart, the score is interpolated instead of ln A: off by up to 0.01^2 / 8.
  const Range expected = QuantileInterval(log_coefficients, probabilities);
  EXPECT_NEAR(predictions.mean_lower[0], Formula(std::exp(expected.lower), 3e22, 500, 4096), 2e-5);
  EXPECT_NEAR(predictions.mean_upper[0], Formula(std::exp(expected.upper), 3e22, 500, 4096), 2e-5);
}

// Laws that differ in every coordinate of the factors, as a bootstrap's do.
PredictionSource ScatteredSource(int replicates) {
  PredictionSource source = SomeSource();
  source.replicates.assign(replicates, source.law.point);
  std::mt19937 random(7);
  std::normal_distribution<double> normal(0, 0.1);
  for (Point& point : source.replicates) {
    for (int i = 0; i < kFactorCoordinateCount; ++i) point.at[i] += normal(random);
  }
  return source;
}

// A grid of points, some beyond their limits, where all scores agree.
PredictionPoints Grid(int computes, int prompts) {
  PredictionPoints points;
  for (int i = 0; i < computes; ++i) {
    for (int j = 0; j < prompts; ++j) {
      points.compute.push_back(1e21 * std::pow(1.5, i));
      points.prompt.push_back(200.0 * (j + 1));
      points.limit.push_back(j % 2 == 0 ? 4096 : 2048);
    }
  }
  return points;
}

// Expects pointwise bands by their definition, replicate by replicate: percentiles that hold the score, which two or
// three replicates may not.
void ExpectPercentiles(const PredictionSource& source, const PredictionPoints& points) {
  const Predictions predictions = PredictAt(source, points, {});
  const IntervalTail tail = ExpandedTail(0.95, source.units, source.replicates.size());
  for (std::size_t i = 0; i < points.size(); ++i) {
    const LawAt score(source.law, points.compute[i], points.prompt[i], points.limit[i]);
    std::vector<double> scores;
    for (const Point& point : source.replicates) scores.push_back(score(point));
    const Range expected = Holding(PercentileInterval(scores, tail), score(source.law.point));
    ASSERT_NEAR(predictions.score[i], score(source.law.point), 2e-15) << "point " << i;
    ASSERT_NEAR(predictions.mean_lower[i], expected.lower, 2e-15) << "point " << i;
    ASSERT_NEAR(predictions.mean_upper[i], expected.upper, 2e-15) << "point " << i;
  }
}

TEST(PredictTest, BandsOfManyPointsAreThoseOfTheirDefinition) {
  for (const int replicates : {2, 3, 100, 1000}) {
    PredictionSource source = ScatteredSource(replicates);
    source.observed = {{{1, 1e30}}, {{1, 1e9}}};
    ExpectPercentiles(source, Grid(20, 25));
    PredictionPoints scattered = Grid(10, 20);
    for (std::size_t i = 0; i < scattered.size(); ++i) {
      scattered.compute[i] *= 1 + 1e-3 * static_cast<double>(i * 7 % 200);
      scattered.prompt[i] += static_cast<double>(i);
    }
    ExpectPercentiles(source, scattered);
    source.law.penalty = {Penalty::Form::kRatio, 0.2, 1.2};
    for (std::size_t b = 0; b < source.replicates.size(); ++b) {
      Point& point = source.replicates[b];
      point.at[kLogPenaltyWidth] = 0.3 * std::sin(static_cast<double>(b));
      point.at[kLogPenaltyOnset] = 0.2 * std::cos(static_cast<double>(b));
      point.at[kFloor] = 1e-5 * static_cast<double>(b);
      point.at[kHeadroom] = 2e-5 * static_cast<double>(b % 100);
    }
    ExpectPercentiles(source, Grid(8, 25));
  }
}

TEST(PredictTest, ReplicatesThatAgreeWithTheLawAreTheirBand) {
  PredictionSource source = SomeSource();
  source.law.point.at[kFloor] = 0.1;
  source.replicates.assign(999, source.law.point);
  const Predictions predictions = PredictAt(source, Grid(7, 30), {});
  EXPECT_EQ(predictions.mean_lower, predictions.score);
  EXPECT_EQ(predictions.mean_upper, predictions.score);
}

TEST(PredictTest, ThreadsChangeNoBit) {
  PredictionSource source = ScatteredSource(300);
  source.identified[kComputeExponent] = false;
  source.variance = {1e-4, 0.1};
  const PredictionPoints points = Grid(12, 5);
  const BandOptions options = {.simultaneous = true, .new_mean_items = 100};
  const Predictions one = PredictAt(source, points, options, 1);
  for (const int threads : {2, 3, 7}) {
    const Predictions many = PredictAt(source, points, options, threads);
    EXPECT_EQ(many.score, one.score);
    EXPECT_EQ(many.mean_lower, one.mean_lower);
    EXPECT_EQ(many.mean_upper, one.mean_upper);
    EXPECT_EQ(many.simultaneous_lower, one.simultaneous_lower);
    EXPECT_EQ(many.simultaneous_upper, one.simultaneous_upper);
    EXPECT_EQ(many.critical_value, one.critical_value);
    EXPECT_EQ(many.new_mean_lower, one.new_mean_lower);
    EXPECT_EQ(many.new_mean_upper, one.new_mean_upper);
    EXPECT_EQ(many.determined, one.determined);
  }
}

TEST(PredictTest, PredictEndsWhenCancelled) {
  StopSignal stop;
  stop.Cancel();
  EXPECT_EQ(PredictWithBands(BestVectorKernels(), SomeSource(), {{3e22}, {500}, {4096}}, {.confidence = 0.9}, stop)
                .status()
                .code(),
            absl::StatusCode::kCancelled);
}

// A fit whose context exponent drifts at p = 0.04, or does not at p = 0.06.
TEST(PredictTest, WhereTheExponentDriftsExtrapolatedPointsHaveNoBand) {
  PredictionSource source = SomeSource();
  source.variance = VarianceComponents{};
  const PredictionPoints points = {{1e22, 1e24, 1e22}, {500, 500, 50}, {4096, 4096, 4096}};
  const BandOptions options = {.confidence = 0.9, .simultaneous = true, .new_mean_items = 10};
  const Predictions without = PredictAt(source, points, options);
  source.drift_p_value = 0.06;
  EXPECT_EQ(PredictAt(source, points, options).withheld_by_drift, std::vector<bool>({false, false, false}));
  source.drift_p_value = 0.04;
  const Predictions with = PredictAt(source, points, options);
  EXPECT_EQ(with.withheld_by_drift, std::vector<bool>({false, true, true}));
  EXPECT_EQ(with.score, without.score);
  EXPECT_EQ(with.determined, without.determined);
  EXPECT_EQ(with.mean_lower[0], without.mean_lower[0]);
  EXPECT_EQ(with.mean_upper[0], without.mean_upper[0]);
  for (const std::size_t point : {1, 2}) {
    EXPECT_EQ(with.mean_lower[point], 0);
    EXPECT_EQ(with.mean_upper[point], 1);
    EXPECT_EQ(with.simultaneous_lower[point], 0);
    EXPECT_EQ(with.simultaneous_upper[point], 1);
    EXPECT_EQ(with.new_mean_lower[point], 0);
    EXPECT_EQ(with.new_mean_upper[point], 1);
  }
}

// The longest observed prompts have 0.9 of their limit. Beyond it the penalty of 10 % of the limit is a choice.
TEST(PredictTest, AChosenPenaltyHasNoBandAtSharesOfTheLimitThatWereNotObserved) {
  PredictionSource source = SomeSource();
  source.law.penalty = {Penalty::Form::kRatio, 0.1, 1};
  source.observed.limit_share = {0.1, 0.9};
  const PredictionPoints points = {{1e22, 1e22, 1e22}, {3600, 4500, 200}, {4096, 4096, 4096}};
  const Predictions chosen = PredictAt(source, points, {.confidence = 0.9, .simultaneous = true});
  // At 0.05 of the limit the penalty is 1, as at 0.1.
  EXPECT_EQ(chosen.penalty_extrapolated, std::vector<bool>({false, true, false}));
  EXPECT_EQ(chosen.extrapolated, std::vector<bool>({false, true, false}));
  EXPECT_EQ(chosen.withheld_by_penalty, std::vector<bool>({false, true, false}));
  EXPECT_EQ(chosen.withheld_by_drift, std::vector<bool>({false, false, false}));
  EXPECT_EQ(chosen.mean_lower[1], 0);
  EXPECT_EQ(chosen.mean_upper[1], 1);
  EXPECT_EQ(chosen.simultaneous_upper[1], 1);
  EXPECT_LT(chosen.mean_upper[0], 1);
  source.fits_penalty = true;
  const Predictions fitted = PredictAt(source, points, {.confidence = 0.9});
  EXPECT_TRUE(fitted.extrapolated[1]);
  EXPECT_FALSE(fitted.IsWithheld(1));
  EXPECT_LT(fitted.mean_upper[1], 1);
}

TEST(PredictTest, AStepWithinTheLimitIsNoExtrapolation) {
  PredictionSource source = SomeSource();
  source.law.penalty = kStepPenalty;
  source.observed.limit_share = {0.1, 0.5};
  const Predictions predictions = PredictAt(source, {{1e22, 1e22}, {4096, 4200}, {4096, 4096}}, {.confidence = 0.9});
  EXPECT_EQ(predictions.extrapolated, std::vector<bool>({false, true}));
  EXPECT_EQ(predictions.withheld_by_penalty, std::vector<bool>({false, true}));
}

TEST(PredictTest, BandsHoldTheScoreWhereAllReplicatesLieOnOneSideOfIt) {
  PredictionSource source = SomeSource();
  for (Point& point : source.replicates) point.at[kLogComputeCoefficient] += 1;
  Influence influence{};
  for (const bool bca : {false, true}) {
    if (bca) source.influence = influence;
    const Predictions predictions = PredictAt(source, {{3e22}, {500}, {4096}}, {.confidence = 0.9});
    EXPECT_EQ(predictions.mean_lower[0], predictions.score[0]);
    EXPECT_GT(predictions.mean_upper[0], predictions.score[0]);
  }
}

}  // namespace
}  // namespace ctxfit

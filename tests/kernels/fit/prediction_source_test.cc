#include "kernels/fit/prediction_source.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <memory>

#include "kernels/fit/fit.h"
#include "kernels/fit/options.h"
#include "kernels/law/fitted_law.h"
#include "kernels/law/parameters.h"
#include "kernels/law/penalty.h"
#include "kernels/objective/vector_kernels.h"
#include "kernels/predict/predict.h"
#include "tests/kernels/same_fit.h"
#include "tests/kernels/simulated_data.h"

namespace ctxfit {
namespace {

// A fit with a free penalty and intervals that need the influence.
TaskFit FitOfTheFullLaw() {
  Simulation simulation;
  simulation.law.penalty = {Penalty::Form::kRatio, 0.2, 1.2};
  simulation.clusters = 30;
  FitOptions options;
  options.penalty = {Penalty::Form::kRatio, 0.1, 1};
  options.fit_penalty_width = true;
  options.fit_penalty_onset = true;
  options.bootstrap.replicates = 20;
  options.bootstrap.interval = IntervalKind::kBca;
  const std::unique_ptr<Backend> backend = MakeCpuBackend(2);
  return FitTask(*backend, OnlyTask(Simulate(simulation)), options, StopSignal()).value();
}

// The parameters of a point in natural units, which conversions change by an ulp or two.
void ExpectSameParameters(const Point& actual, const Penalty& actual_scale, const Point& expected,
                          const Penalty& expected_scale) {
  for (int i = 0; i < kCoordinateCount; ++i) {
    const auto coordinate = static_cast<Coordinate>(i);
    EXPECT_DOUBLE_EQ(ToParameter(coordinate, actual.at[i], actual_scale),
                     ToParameter(coordinate, expected.at[i], expected_scale))
        << ParameterName(coordinate);
  }
}

TEST(PredictionSourceTest, ASourceHasTheParametersOfItsFit) {
  const TaskFit fit = FitOfTheFullLaw();
  const PredictionSource source = PredictionSourceOf(fit);
  ExpectSameParameters(source.law.point, source.law.penalty, fit.law.point, fit.law.penalty);
  ASSERT_EQ(source.replicates.size(), 20u);
  for (std::size_t b = 0; b < 20; ++b) {
    ExpectSameParameters(source.replicates[b], source.law.penalty, fit.replicates.points[b], fit.law.penalty);
  }
}

TEST(PredictionSourceTest, ThePenaltyAtTheOptimumIsTheScaleOfASource) {
  const TaskFit fit = FitOfTheFullLaw();
  const PredictionSource source = PredictionSourceOf(fit);
  EXPECT_NE(fit.law.point.at[kLogPenaltyWidth], 0);
  EXPECT_EQ(source.law.point.at[kLogPenaltyWidth], 0);
  EXPECT_EQ(source.law.point.at[kLogPenaltyOnset], 0);
  EXPECT_EQ(source.law.penalty.form, Penalty::Form::kRatio);
}

TEST(PredictionSourceTest, ASourceCarriesWhatBandsNeed) {
  const TaskFit fit = FitOfTheFullLaw();
  const PredictionSource source = PredictionSourceOf(fit);
  for (int i = 0; i < kCoordinateCount; ++i) EXPECT_EQ(source.identified[i], fit.diagnostics.identified[i]);
  EXPECT_EQ(source.observed.compute_flops.lower, fit.observed.compute_flops.lower);
  EXPECT_EQ(source.observed.prompt_tokens.upper, fit.observed.prompt_tokens.upper);
  EXPECT_EQ(source.units.count, fit.bootstrap.units.count);
  EXPECT_NEAR(source.units.count, 30, 5) << "clusters of about as many rows";
  EXPECT_EQ(source.units.fitted, 6) << "the four of the factors, width and onset";
  ASSERT_TRUE(source.variance.has_value());
  EXPECT_EQ(source.variance->within, fit.goodness.variance.within);
  ASSERT_TRUE(source.influence.has_value());
  EXPECT_EQ(source.influence->second[0], fit.influence->second[0]);
  ASSERT_TRUE(source.drift_p_value.has_value());
  EXPECT_EQ(*source.drift_p_value, fit.drift->p_value);
}

TEST(PredictionSourceTest, PredictionsByASourceAreThoseOfItsFit) {
  const TaskFit fit = FitOfTheFullLaw();
  const PredictionSource source = PredictionSourceOf(fit);
  const PredictionPoints points = SomePoints(1, 1);
  const Predictions predictions = PredictWithBands(BestVectorKernels(), source, points, {}, StopSignal()).value();
  for (std::size_t i = 0; i < points.size(); ++i) {
    // Rounding of coordinates of some units, by an ulp or two.
    EXPECT_NEAR(predictions.score[i], Predict(fit.law, points.compute[i], points.prompt[i], points.limit[i]), 1e-13);
  }
}

TEST(PredictionSourceTest, APromptAsLongAsTheLimitIsWithinAStepThatWasFittedAndInPredictions) {
  // All prompts as long as the limit: a penalty of one half there would be made up for by the factors.
  ObservationTable table = Simulate({});
  table.context_limit_tokens = table.prompt_tokens;
  FitOptions options;
  options.bootstrap.replicates = 20;
  const std::unique_ptr<Backend> backend = MakeCpuBackend(2);
  const TaskFit fit = FitTask(*backend, OnlyTask(table), options, StopSignal()).value();
  const PredictionSource source = PredictionSourceOf(fit);
  EXPECT_EQ(source.law.penalty.lag, kStepPenalty.lag);
  const Penalty none = {Penalty::Form::kNone};
  for (const double prompt : {100.0, 4096.0, 30000.0}) {
    const double within = Predict({source.law.point, source.law.references, none}, 1e22, prompt, prompt);
    EXPECT_NEAR(Predict(source.law, 1e22, prompt, prompt), within, 1e-4) << prompt;
    EXPECT_LT(Predict(source.law, 1e22, prompt + 30, prompt), 1e-8) << prompt;
  }
}

TEST(PredictionSourceTest, ALawWithoutAPenaltyHasTheDefaultScales) {
  FitOptions options;
  options.penalty = {Penalty::Form::kNone, 17, 3};
  options.bootstrap.replicates = 0;
  const std::unique_ptr<Backend> backend = MakeCpuBackend(2);
  const TaskFit fit = FitTask(*backend, OnlyTask(Simulate({})), options, StopSignal()).value();
  const PredictionSource source = PredictionSourceOf(fit);
  EXPECT_EQ(source.law.penalty.form, Penalty::Form::kNone);
  EXPECT_EQ(source.law.penalty.width, 1);
  EXPECT_EQ(source.law.penalty.onset_ratio, 1);
  EXPECT_TRUE(source.replicates.empty());
}

}  // namespace
}  // namespace ctxfit

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <utility>

#include "tests/server/predict_fixture.h"

namespace ctxfit {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

// The law as its proto describes it, written again.
double Formula(const v1::Parameters& p, double compute, double prompt, double limit) {
  const double f =
      1 - std::exp(-p.compute_coefficient() * std::pow(compute / p.compute_reference_flops(), p.compute_exponent()));
  const double g =
      1 - std::exp(-p.context_coefficient() * std::pow(prompt / p.prompt_reference_tokens(), p.context_exponent()));
  double penalty = 1;
  if (p.has_penalty_width_tokens() || p.has_penalty_width_ratio()) {
    const double width = p.has_penalty_width_tokens() ? p.penalty_width_tokens() : p.penalty_width_ratio() * limit;
    penalty = 1 / (1 + std::exp((prompt - p.penalty_onset_ratio() * limit - p.penalty_lag_tokens()) / width));
  }
  return f * g * penalty;
}

TEST_F(PredictTest, ScoresAreTheFormulaForEveryFormOfThePenalty) {
  v1::PredictRequest tokens;
  *tokens.mutable_fit() = HandMadeFit();
  SetGrid(&tokens);
  v1::PredictRequest ratio = tokens;
  v1::PredictRequest step = tokens;
  const v1::PredictRequest none = tokens;
  tokens.mutable_fit()->mutable_parameters()->set_penalty_width_tokens(3);
  tokens.mutable_fit()->mutable_parameters()->set_penalty_onset_ratio(1);
  ratio.mutable_fit()->mutable_parameters()->set_penalty_width_ratio(0.125);
  ratio.mutable_fit()->mutable_parameters()->set_penalty_onset_ratio(0.75);
  step.mutable_fit()->mutable_parameters()->set_penalty_width_tokens(1);
  step.mutable_fit()->mutable_parameters()->set_penalty_onset_ratio(1);
  step.mutable_fit()->mutable_parameters()->set_penalty_lag_tokens(10);
  for (const v1::PredictRequest& request : {tokens, step, ratio, none}) {
    v1::PredictResponse response;
    const grpc::Status status = Predict(request, &response);
    ASSERT_TRUE(status.ok()) << status.error_message();
    const v1::Predictions& columns = response.predictions();
    ASSERT_THAT(columns.score(), SizeIs(10));
    for (int i = 0; i < 10; ++i) {
      const double expected = Formula(request.fit().parameters(), columns.training_compute_flops(i),
                                      columns.prompt_tokens(i), columns.context_limit_tokens(i));
      // Coefficients go through ln and exp, and 1 - exp(-x) is taken by subtraction here: some 10 roundings of 1.1e-16,
      // of numbers up to 1. Prompt and onset are divided by the width each: 1400 / 3 is rounded by 6e-14, and a slope
      // of at most 1/4 passes that on. Penalties below 1e-20 are 0 in the engine.
      EXPECT_NEAR(columns.score(i), expected, 3e-14) << i;
    }
    EXPECT_THAT(columns.mean_lower(), SizeIs(0)) << "bands without replicates";
    EXPECT_EQ(response.confidence(), 0.95);
  }
}

TEST_F(PredictTest, AFitWithoutItsReplicatesKeepsItsIntervalsAndPredictsWithoutBands) {
  v1::FitRequest request;
  *request.mutable_observations() = SimulatedObservations(500);
  v1::FitResponse with;
  ASSERT_TRUE(Fit(request, &with).ok());
  request.mutable_options()->mutable_bootstrap()->set_omit_replicates(true);
  v1::FitResponse without;
  ASSERT_TRUE(Fit(request, &without).ok());
  const v1::Fit& fit = without.fits(0);
  EXPECT_FALSE(fit.has_replicates());
  EXPECT_LT(2 * fit.ByteSizeLong(), with.fits(0).ByteSizeLong());
  EXPECT_EQ(fit.estimates(0).lower(), with.fits(0).estimates(0).lower());

  v1::PredictRequest prediction;
  *prediction.mutable_fit() = fit;
  SetGrid(&prediction);
  v1::PredictResponse response;
  ASSERT_TRUE(Predict(prediction, &response).ok());
  EXPECT_THAT(response.predictions().mean_lower(), SizeIs(0));
  EXPECT_THAT(response.warnings(), Contains(HasSubstr("the fit was answered without its replicates")));
}

TEST_F(PredictTest, AFitAndItsPredictionsDoWithoutVariablesThatTheLawDoesNotUse) {
  v1::FitRequest with;
  *with.mutable_observations() = SimulatedObservations(5000);
  with.mutable_options()->set_no_context_factor(true);
  with.mutable_options()->mutable_penalty()->set_none(true);
  v1::FitRequest without = with;
  without.mutable_observations()->clear_prompt_tokens();
  without.mutable_observations()->clear_context_limit_tokens();
  v1::FitResponse expected;
  ASSERT_TRUE(Fit(with, &expected).ok());
  v1::FitResponse fitted;
  const grpc::Status status = Fit(without, &fitted);
  ASSERT_TRUE(status.ok()) << status.error_message();
  const v1::Fit& fit = fitted.fits(0);
  // Cells differ in the order of sums only.
  EXPECT_NEAR(fit.parameters().compute_exponent(), expected.fits(0).parameters().compute_exponent(), 1e-7);
  EXPECT_NEAR(fit.goodness().mae(), expected.fits(0).goodness().mae(), 1e-9);
  EXPECT_FALSE(fit.observed_ranges().has_prompt_tokens_min());
  EXPECT_FALSE(fit.observed_ranges().has_limit_share_max());
  EXPECT_FALSE(fit.goodness().has_mae_within_limit());
  EXPECT_FALSE(fit.goodness().has_mae_beyond_limit());

  v1::PredictRequest request;
  *request.mutable_fit() = fit;
  request.mutable_grid()->add_training_compute_flops(3e22);
  v1::PredictResponse grid;
  ASSERT_TRUE(Predict(request, &grid).ok());
  request.mutable_points()->add_training_compute_flops(3e22);
  v1::PredictResponse points;
  ASSERT_TRUE(Predict(request, &points).ok());
  for (const v1::PredictResponse& response : {grid, points}) {
    ASSERT_THAT(response.predictions().score(), SizeIs(1));
    EXPECT_THAT(response.predictions().prompt_tokens(), SizeIs(0));
    EXPECT_THAT(response.predictions().context_limit_tokens(), SizeIs(0));
    EXPECT_FALSE(response.predictions().extrapolated(0));
    EXPECT_TRUE(response.predictions().determined(0));
    // g = 1 - exp(-100).
    EXPECT_NEAR(response.predictions().score(0), Formula(fit.parameters(), 3e22, 1, 1), 3e-14);
  }
}

TEST_F(PredictTest, VariablesThatTheLawUsesAreRequired) {
  v1::PredictRequest request;
  *request.mutable_fit() = HandMadeFit();
  request.mutable_grid()->add_training_compute_flops(1e22);
  v1::PredictResponse response;
  EXPECT_THAT(Predict(request, &response).error_message(),
              HasSubstr("grid.prompt_tokens has 0 values: must have at least 1"));
  request.mutable_grid()->add_prompt_tokens(100);
  EXPECT_TRUE(Predict(request, &response).ok()) << "a law without a penalty uses no limits";
  request.mutable_fit()->mutable_parameters()->set_penalty_width_ratio(0.1);
  EXPECT_THAT(Predict(request, &response).error_message(),
              HasSubstr("grid.context_limit_tokens has 0 values: must have at least 1"));
}

TEST_F(PredictTest, PredictWarnsOfExtrapolatedAndUndeterminedPoints) {
  v1::PredictRequest request;
  *request.mutable_fit() = HandMadeFit();
  v1::Estimate* estimate = request.mutable_fit()->add_estimates();
  estimate->set_name("compute_exponent");
  estimate->set_identified(false);
  v1::PredictionPoints& points = *request.mutable_points();
  for (const auto& [compute, prompt] : {std::pair(1e23, 100.0), {1e25, 100.0}, {1e23, 20000.0}}) {
    points.add_training_compute_flops(compute);
    points.add_prompt_tokens(prompt);
    points.add_context_limit_tokens(131072);
  }
  v1::PredictResponse response;
  const grpc::Status status = Predict(request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_THAT(response.predictions().extrapolated(), ElementsAre(false, true, true));
  EXPECT_THAT(response.predictions().determined(), ElementsAre(true, false, true));
  EXPECT_THAT(response.warnings(),
              ElementsAre(HasSubstr("1 of 3 predictions are not determined"),
                          HasSubstr("2 of 3 predictions lie outside"), HasSubstr("2 of 3 predictions lie between")));
}

TEST_F(PredictTest, ABadPointNamesItsColumnRowValueAndRule) {
  v1::PredictRequest request;
  *request.mutable_fit() = HandMadeFit();
  SetGrid(&request);
  request.mutable_grid()->set_prompt_tokens(3, -1);
  v1::PredictResponse response;
  const grpc::Status status = Predict(request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(status.error_message(), "grid.prompt_tokens[3] = -1: must be finite and > 0");
}

TEST_F(PredictTest, PredictDoesNotWaitBehindFits) {
  RunningFit running(*fitting_, LongRequest<v1::StreamFitRequest>());
  ASSERT_TRUE(running.AwaitPhase(v1::FIT_PHASE_RESAMPLE));
  v1::PredictRequest request;
  *request.mutable_fit() = HandMadeFit();
  SetGrid(&request);
  v1::PredictResponse response;
  EXPECT_TRUE(Predict(request, &response).ok());
  EXPECT_TRUE(running.Read()) << "still at work";
}

}  // namespace
}  // namespace ctxfit

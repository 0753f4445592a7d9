#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "kernels/law/fitted_law.h"
#include "kernels/predict/predictions.h"
#include "tests/server/server_fixture.h"

namespace ctxfit {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class PredictTest : public ServerTest {
 protected:
  grpc::Status Predict(const v1::PredictRequest& request, v1::PredictResponse* response) {
    grpc::ClientContext context;
    return planning_->Predict(&context, request, response);
  }
};

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

v1::Fit HandMadeFit() {
  v1::Fit fit;
  v1::Parameters& parameters = *fit.mutable_parameters();
  parameters.set_compute_coefficient(0.9);
  parameters.set_compute_exponent(0.4);
  parameters.set_compute_reference_flops(1e23);
  parameters.set_context_coefficient(1.1);
  parameters.set_context_exponent(0.6);
  parameters.set_prompt_reference_tokens(1000);
  fit.mutable_coverage()->set_compute_flops_min(1e22);
  fit.mutable_coverage()->set_compute_flops_max(1e24);
  fit.mutable_coverage()->set_prompt_tokens_min(10);
  fit.mutable_coverage()->set_prompt_tokens_max(10000);
  return fit;
}

void SetGrid(v1::PredictRequest* request) {
  request->mutable_grid()->mutable_training_compute_flops()->Add(1e22);
  request->mutable_grid()->mutable_training_compute_flops()->Add(3e23);
  request->mutable_grid()->mutable_context_limit_tokens()->Add(4096);
  for (const double prompt : {20.0, 4090.0, 4096.0, 4100.0, 8000.0}) {
    request->mutable_grid()->add_prompt_tokens(prompt);
  }
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
  EXPECT_FALSE(fit.coverage().has_prompt_tokens_min());
  EXPECT_FALSE(fit.coverage().has_limit_share_max());
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

TEST_F(PredictTest, BandsComeFromTheReplicatesOfAFit) {
  v1::FitRequest fit_request;
  *fit_request.mutable_observations() = SimulatedObservations(5000);
  v1::FitResponse fitted;
  ASSERT_TRUE(Fit(fit_request, &fitted).ok());
  v1::PredictRequest request;
  *request.mutable_fit() = fitted.fits(0);
  SetGrid(&request);
  v1::PredictResponse wide;
  ASSERT_TRUE(Predict(request, &wide).ok());
  request.set_confidence(0.5);
  v1::PredictResponse narrow;
  ASSERT_TRUE(Predict(request, &narrow).ok());
  EXPECT_EQ(wide.confidence(), 0.95);
  EXPECT_EQ(narrow.confidence(), 0.5);
  ASSERT_THAT(wide.predictions().mean_lower(), SizeIs(10));
  for (int i = 0; i < 2; ++i) {  // within the limit, where a band has a width
    EXPECT_LT(wide.predictions().mean_lower(i), narrow.predictions().mean_lower(i));
    EXPECT_LT(narrow.predictions().mean_lower(i), narrow.predictions().score(i));
    EXPECT_LT(narrow.predictions().score(i), narrow.predictions().mean_upper(i));
    EXPECT_LT(narrow.predictions().mean_upper(i), wide.predictions().mean_upper(i));
  }
}

TEST_F(PredictTest, TellsWhatIsExtrapolatedAndWhatIsNotDetermined) {
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
  EXPECT_THAT(response.warnings(), ElementsAre(HasSubstr("1 of 3 predictions are not determined"),
                                               HasSubstr("2 of 3 predictions lie outside")));
}

TEST_F(PredictTest, TellsWhereADriftingExponentLeavesNoBand) {
  v1::PredictRequest request;
  *request.mutable_fit() = HandMadeFit();
  request.mutable_fit()->mutable_diagnostics()->mutable_context_drift()->set_p_value(0.012);
  v1::PredictionPoints& points = *request.mutable_points();
  for (const double compute : {1e23, 1e25}) {
    points.add_training_compute_flops(compute);
    points.add_prompt_tokens(100);
    points.add_context_limit_tokens(131072);
  }
  v1::PredictResponse response;
  const grpc::Status status = Predict(request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_THAT(response.predictions().band_withheld(), ElementsAre(false, true));
  EXPECT_THAT(
      response.warnings(),
      Contains(HasSubstr("1 of 2 predictions have no band: the context exponent drifts with compute (p = 0.012)")));
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

TEST_F(PredictTest, DoesNotWaitBehindFits) {
  RunningFit running(*fitting_, LongRequest<v1::StreamFitRequest>());
  ASSERT_TRUE(running.AwaitPhase(v1::FIT_PHASE_RESAMPLE));
  v1::PredictRequest request;
  *request.mutable_fit() = HandMadeFit();
  SetGrid(&request);
  v1::PredictResponse response;
  EXPECT_TRUE(Predict(request, &response).ok());
  EXPECT_TRUE(running.Read()) << "still at work";
}

TEST_F(PredictTest, ReturnsTheOtherBandsOnRequest) {
  v1::PredictRequest request;
  *request.mutable_fit() = HandMadeFit();
  for (int b = 0; b < 20; ++b) {
    v1::Replicates& replicates = *request.mutable_fit()->mutable_replicates();
    replicates.add_compute_coefficient(0.85 + 0.005 * b);
    replicates.add_compute_exponent(0.4);
    replicates.add_context_coefficient(1.1);
    replicates.add_context_exponent(0.6);
    replicates.add_converged(true);
  }
  SetGrid(&request);
  v1::PredictResponse response;
  ASSERT_TRUE(Predict(request, &response).ok());
  EXPECT_THAT(response.predictions().simultaneous_lower(), SizeIs(0));
  EXPECT_THAT(response.predictions().new_mean_lower(), SizeIs(0));

  request.set_simultaneous(true);
  request.set_new_mean_items(100);
  const grpc::Status status = Predict(request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(),
              HasSubstr("new_mean_items = 100: must be unset where fit.goodness.variance_within"));

  request.mutable_fit()->mutable_goodness()->set_variance_within(0.2);
  request.mutable_fit()->mutable_goodness()->set_variance_between_clusters(1e-4);
  ASSERT_TRUE(Predict(request, &response).ok());
  const v1::Predictions& predictions = response.predictions();
  EXPECT_THAT(predictions.simultaneous_upper(), SizeIs(10));
  EXPECT_THAT(predictions.new_mean_upper(), SizeIs(10));
  EXPECT_GT(response.simultaneous_critical_value(), 0);
  EXPECT_GT(predictions.new_mean_upper(0), predictions.mean_upper(0));

  request.set_new_mean_items(0);
  EXPECT_EQ(Predict(request, &response).error_message(), "new_mean_items = 0: must be >= 1");
}

// The lower ends of the pointwise bands. Where few units determine what moves a score, both kinds of interval are one.
std::vector<double> LowerEnds(const v1::PredictResponse& response) {
  return {response.predictions().mean_lower().begin(), response.predictions().mean_lower().end()};
}

// A service that answers a fit of two units must be there for the next request.
TEST_F(PredictTest, BcaTravelsWithTheFitEvenOfTwoUnits) {
  v1::FitRequest fit_request;
  *fit_request.mutable_observations() = SimulatedObservations(5000);
  v1::FitResponse percentile;
  ASSERT_TRUE(Fit(fit_request, &percentile).ok());
  fit_request.mutable_options()->mutable_bootstrap()->set_interval(v1::INTERVAL_KIND_BCA);
  v1::FitResponse bca;
  ASSERT_TRUE(Fit(fit_request, &bca).ok());
  EXPECT_FALSE(percentile.fits(0).has_influence());
  EXPECT_THAT(bca.fits(0).influence().second_moments(), SizeIs(36));
  EXPECT_THAT(bca.fits(0).influence().third_moments(), SizeIs(120));

  v1::PredictRequest request;
  SetGrid(&request);
  v1::PredictResponse bands[2];
  for (const int i : {0, 1}) {
    *request.mutable_fit() = (i == 0 ? percentile : bca).fits(0);
    ASSERT_TRUE(Predict(request, &bands[i]).ok());
  }
  EXPECT_EQ(bands[0].predictions().score(0), bands[1].predictions().score(0));
  EXPECT_NE(LowerEnds(bands[0]), LowerEnds(bands[1]));
  EXPECT_NEAR(bands[0].predictions().mean_lower(0), bands[1].predictions().mean_lower(0), 0.02);

  request.mutable_fit()->mutable_bootstrap()->set_unit_count(2);
  request.set_new_mean_items(100);
  v1::PredictResponse of_two_units;
  ASSERT_TRUE(Predict(request, &of_two_units).ok());
  EXPECT_LT(of_two_units.predictions().mean_lower(0), bands[1].predictions().mean_lower(0));
}

}  // namespace
}  // namespace ctxfit

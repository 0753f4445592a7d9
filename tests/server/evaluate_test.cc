#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include "tests/server/server_fixture.h"

namespace ctxfit {
namespace {

using ::testing::HasSubstr;

class EvaluateTest : public ServerTest {
 protected:
  grpc::Status Evaluate(const v1::EvaluateRequest& request, v1::EvaluateResponse* response) {
    grpc::ClientContext context;
    return planning_->Evaluate(&context, request, response);
  }

  void ExpectRefused(const v1::EvaluateRequest& request, const char* message) {
    v1::EvaluateResponse response;
    const grpc::Status status = Evaluate(request, &response);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_THAT(status.error_message(), HasSubstr(message));
  }
};

// Selects the rows of `all` that are, or are not, held out.
v1::Observations Part(const v1::Observations& all, bool held_out) {
  v1::Observations part;
  for (int row = 0; row < all.score_size(); ++row) {
    if (all.held_out(row) != held_out) continue;
    part.add_training_compute_flops(all.training_compute_flops(row));
    part.add_prompt_tokens(all.prompt_tokens(row));
    part.add_context_limit_tokens(all.context_limit_tokens(row));
    part.add_score(all.score(row));
    part.add_cluster(all.cluster(row));
  }
  return part;
}

// A short request that holds out every third row.
v1::FitRequest HoldOutRequest() {
  v1::FitRequest request = ShortRequest();
  v1::Observations& observations = *request.mutable_observations();
  for (int row = 0; row < observations.score_size(); ++row) observations.add_held_out(row % 3 == 0);
  return request;
}

TEST_F(EvaluateTest, ObservationsNeedTheVariablesThatTheLawUses) {
  v1::FitRequest fit = ShortRequest();
  fit.mutable_options()->set_no_context_factor(true);
  fit.mutable_options()->mutable_penalty()->set_none(true);
  v1::FitResponse fitted;
  ASSERT_TRUE(Fit(fit, &fitted).ok());
  v1::EvaluateRequest request;
  *request.add_fits() = fitted.fits(0);
  *request.mutable_observations() = fit.observations();
  request.mutable_observations()->clear_prompt_tokens();
  request.mutable_observations()->clear_context_limit_tokens();
  v1::EvaluateResponse response;
  const grpc::Status status = Evaluate(request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.evaluations(0).all().record_count(), 500);
  EXPECT_FALSE(response.evaluations(0).has_within_limit());
  EXPECT_FALSE(response.evaluations(0).models(0).has_context_limit_tokens());
  EXPECT_EQ(response.evaluations(0).extrapolated_count(), 0);

  request.mutable_fits(0)->mutable_parameters()->set_penalty_width_tokens(1);
  ExpectRefused(request, "observations.prompt_tokens has 0 rows: must have 500");
  request.mutable_observations()->mutable_prompt_tokens()->Add(fit.observations().prompt_tokens().begin(),
                                                               fit.observations().prompt_tokens().end());
  ExpectRefused(request, "observations.context_limit_tokens has 0 rows: must have 500");
}

TEST_F(EvaluateTest, AHoldOutIsAFitToTheOtherRowsAndAnEvaluationOfThese) {
  const v1::FitRequest request = HoldOutRequest();
  v1::FitResponse held;
  ASSERT_TRUE(Fit(request, &held).ok());

  v1::FitRequest rest = request;
  *rest.mutable_observations() = Part(request.observations(), false);
  v1::FitResponse fitted;
  ASSERT_TRUE(Fit(rest, &fitted).ok());
  EXPECT_EQ(held.fits(0).parameters().SerializeAsString(), fitted.fits(0).parameters().SerializeAsString());
  EXPECT_EQ(held.fits(0).goodness().SerializeAsString(), fitted.fits(0).goodness().SerializeAsString());
  EXPECT_EQ(held.fits(0).provenance().observations_digest(), fitted.fits(0).provenance().observations_digest());
  EXPECT_FALSE(fitted.fits(0).has_evaluation());

  v1::EvaluateRequest evaluate;
  *evaluate.add_fits() = fitted.fits(0);
  *evaluate.mutable_observations() = Part(request.observations(), true);
  v1::EvaluateResponse response;
  ASSERT_TRUE(Evaluate(evaluate, &response).ok());
  ASSERT_EQ(response.evaluations_size(), 1);
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(held.fits(0).evaluation(), response.evaluations(0)))
      << held.fits(0).evaluation().DebugString() << response.evaluations(0).DebugString();
  EXPECT_EQ(response.all().record_count(), evaluate.observations().score_size());
}

TEST_F(EvaluateTest, AnEvaluationOnTheRowsOfAFitHasTheErrorsOfTheFit) {
  const v1::FitRequest request = ShortRequest();
  v1::FitResponse fitted;
  ASSERT_TRUE(Fit(request, &fitted).ok());
  v1::EvaluateRequest evaluate;
  *evaluate.add_fits() = fitted.fits(0);
  *evaluate.mutable_observations() = request.observations();
  v1::EvaluateResponse response;
  ASSERT_TRUE(Evaluate(evaluate, &response).ok());
  const v1::Goodness& goodness = fitted.fits(0).goodness();
  // ln A goes through A and back, and 500 terms are added in another order: 1e-13 is some hundred roundings.
  EXPECT_NEAR(response.all().mae(), goodness.mae(), 1e-13);
  EXPECT_NEAR(response.all().rmse(), goodness.rmse(), 1e-13);
  EXPECT_NEAR(response.evaluations(0).within_limit().mae(), goodness.mae_within_limit(), 1e-13);
  EXPECT_EQ(response.evaluations(0).extrapolated_count(), 0);
  EXPECT_EQ(response.evaluations(0).band_coverage().confidence(), 0.95);
}

TEST_F(EvaluateTest, MatchesFitsByTaskAndSumsUpOverTasks) {
  v1::FitRequest request = ShortRequest();
  v1::Observations& observations = *request.mutable_observations();
  for (int row = 0; row < observations.score_size(); ++row) observations.add_task(row % 2 == 0 ? "even" : "odd");
  v1::FitResponse fitted;
  ASSERT_TRUE(Fit(request, &fitted).ok());
  v1::EvaluateRequest evaluate;
  *evaluate.mutable_fits() = fitted.fits();
  *evaluate.mutable_observations() = observations;
  v1::EvaluateResponse response;
  ASSERT_TRUE(Evaluate(evaluate, &response).ok());
  ASSERT_EQ(response.evaluations_size(), 2);
  EXPECT_EQ(response.evaluations(0).task(), "even");
  EXPECT_EQ(response.evaluations(1).task(), "odd");
  EXPECT_NEAR(response.evaluations(1).all().mae(), fitted.fits(1).goodness().mae(), 1e-13);
  EXPECT_NEAR(response.all().mae(), (response.evaluations(0).all().mae() + response.evaluations(1).all().mae()) / 2,
              1e-13);

  evaluate.mutable_observations()->set_task(7, "strange");
  ExpectRefused(evaluate, R"(observations.task[7] = "strange": must be the task of a fit, which are "even", "odd")");
  *evaluate.add_fits() = fitted.fits(0);
  ExpectRefused(evaluate, R"(fits[2].task = "even": must be another task than that of fits[0])");
}

TEST_F(EvaluateTest, ABadRequestNamesFieldValueAndRule) {
  v1::EvaluateRequest request;
  *request.mutable_observations() = SimulatedObservations(10);
  ExpectRefused(request, "fits has 0 values: must have at least 1");
  request.add_fits();
  ExpectRefused(request, "fits[0].parameters.compute_coefficient = 0: must be finite and > 0");
  request.mutable_observations()->set_score(3, 2);
  ExpectRefused(request, "observations.score[3] = 2: must be in [0, 1]");
}

TEST_F(EvaluateTest, AFitNeedsARowThatIsNotHeldOut) {
  v1::FitRequest request = ShortRequest();
  v1::Observations& observations = *request.mutable_observations();
  observations.mutable_held_out()->Resize(observations.score_size(), true);
  const grpc::Status status = Fit(request);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("observations.held_out is true in all 500 rows"));
}

}  // namespace
}  // namespace ctxfit

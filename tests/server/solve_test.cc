#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kernels/law/fitted_law.h"
#include "kernels/predict/predictions.h"
#include "tests/server/server_fixture.h"

namespace ctxfit {
namespace {

using ::testing::HasSubstr;

class SolveTest : public ServerTest {
 protected:
  grpc::Status Solve(const v1::SolveRequest& request, v1::SolveResponse* response) {
    grpc::ClientContext context;
    return planning_->Solve(&context, request, response);
  }

  void ExpectRefused(const v1::SolveRequest& request, const char* message) {
    v1::SolveResponse response;
    const grpc::Status status = Solve(request, &response);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_THAT(status.error_message(), HasSubstr(message));
  }

  // The score of every solution's `least`, by Predict.
  v1::PredictResponse ScoresAt(const v1::Fit& fit, const v1::SolveResponse& solved) {
    v1::PredictRequest request;
    *request.mutable_fit() = fit;
    v1::PredictionPoints& points = *request.mutable_points();
    for (const v1::Solution& solution : solved.solutions()) {
      const double least = solution.least().value();
      points.add_training_compute_flops(solution.has_training_compute_flops() ? solution.training_compute_flops()
                                                                              : least);
      points.add_prompt_tokens(solution.has_prompt_tokens() ? solution.prompt_tokens() : least);
      points.add_context_limit_tokens(solution.context_limit_tokens());
    }
    v1::PredictResponse response;
    grpc::ClientContext context;
    EXPECT_TRUE(planning_->Predict(&context, request, &response).ok());
    return response;
  }

  v1::Fit FittedLaw() {
    v1::FitRequest request;
    *request.mutable_observations() = SimulatedObservations(5000);
    v1::FitResponse fitted;
    EXPECT_TRUE(Fit(request, &fitted).ok());
    return fitted.fits(0);
  }
};

v1::SolveRequest ComputeRequest(const v1::Fit& fit) {
  v1::SolveRequest request;
  *request.mutable_fit() = fit;
  v1::ComputeQueries& questions = *request.mutable_training_compute();
  for (const double target : {0.2, 0.4, 0.99}) {
    questions.add_target_score(target);
    questions.add_prompt_tokens(1000);
    questions.add_context_limit_tokens(131072);
    questions.add_budget_compute_flops(1e23);
  }
  return request;
}

v1::SolveRequest PromptRequest(const v1::Fit& fit) {
  v1::SolveRequest request;
  *request.mutable_fit() = fit;
  v1::PromptQueries& questions = *request.mutable_prompt_length();
  for (const double target : {0.2, 0.4, 0.99}) {
    questions.add_target_score(target);
    questions.add_training_compute_flops(3e23);
    questions.add_context_limit_tokens(16384);
  }
  return request;
}

TEST_F(SolveTest, PredictGivesTheTargetAtWhatSolveFinds) {
  const v1::Fit fit = FittedLaw();
  for (const v1::SolveRequest& request : {ComputeRequest(fit), PromptRequest(fit)}) {
    v1::SolveResponse response;
    const grpc::Status status = Solve(request, &response);
    ASSERT_TRUE(status.ok()) << status.error_message();
    ASSERT_EQ(response.solutions_size(), 3);
    response.mutable_solutions()->RemoveLast();
    const v1::PredictResponse scores = ScoresAt(fit, response);
    for (int i = 0; i < 2; ++i) {
      const v1::Solution& solution = response.solutions(i);
      EXPECT_EQ(solution.outcome(), v1::SOLVE_OUTCOME_REACHED);
      // Compute to a relative 1e-14, prompt lengths to 1e-12, where the score moves by less than 1 per ln n.
      EXPECT_NEAR(scores.predictions().score(i), solution.target_score(), 2e-12);
      EXPECT_LT(solution.least().lower(), solution.least().value());
      EXPECT_LT(solution.least().value(), solution.least().upper());
      EXPECT_FALSE(solution.least().upper_unbounded());
      EXPECT_EQ(solution.never_reached_share(), 0);
    }
  }
}

TEST_F(SolveTest, AnUnreachableTargetIsAnsweredWithTheHighestScore) {
  const v1::Fit fit = FittedLaw();
  for (const v1::SolveRequest& request : {ComputeRequest(fit), PromptRequest(fit)}) {
    v1::SolveResponse response;
    ASSERT_TRUE(Solve(request, &response).ok());
    const v1::Solution& solution = response.solutions(2);
    EXPECT_EQ(solution.outcome(), v1::SOLVE_OUTCOME_NOT_REACHABLE);
    EXPECT_FALSE(solution.has_least());
    EXPECT_LT(solution.highest_score().lower(), solution.highest_score().value());
    EXPECT_LT(solution.highest_score().value(), solution.highest_score().upper());
    EXPECT_LT(solution.highest_score().upper(), 0.99);
    EXPECT_EQ(solution.never_reached_share(), 1);
  }
}

TEST_F(SolveTest, SolveGivesTheProbabilityOfReachingATargetWithABudget) {
  v1::SolveRequest request = ComputeRequest(FittedLaw());
  v1::SolveResponse response;
  ASSERT_TRUE(Solve(request, &response).ok());
  EXPECT_EQ(response.solutions(0).budget(), 1e23);
  // All and none of the replicates; probabilities are drawn towards 1/2, the more the fewer units there are.
  EXPECT_GT(response.solutions(0).budget_probability(), 0.99);
  EXPECT_LT(response.solutions(0).budget_probability(), 1);
  EXPECT_LT(response.solutions(2).budget_probability(), 0.01);
  EXPECT_GT(response.solutions(2).budget_probability(), 0);
  request.mutable_training_compute()->clear_budget_compute_flops();
  ASSERT_TRUE(Solve(request, &response).ok());
  EXPECT_FALSE(response.solutions(0).has_budget_probability());
}

TEST_F(SolveTest, SolveNeedsNoVariablesThatTheLawDoesNotUse) {
  v1::FitRequest fitting;
  *fitting.mutable_observations() = SimulatedObservations(5000);
  fitting.mutable_options()->mutable_penalty()->set_none(true);
  fitting.mutable_options()->set_no_context_factor(true);
  v1::FitResponse fitted;
  ASSERT_TRUE(Fit(fitting, &fitted).ok());
  v1::SolveRequest request;
  *request.mutable_fit() = fitted.fits(0);
  request.mutable_training_compute()->add_target_score(0.3);
  v1::SolveResponse response;
  const grpc::Status status = Solve(request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.solutions(0).outcome(), v1::SOLVE_OUTCOME_REACHED);
  EXPECT_FALSE(response.solutions(0).has_prompt_tokens());
  EXPECT_FALSE(response.solutions(0).has_context_limit_tokens());

  v1::SolveRequest with_variables = request;
  with_variables.mutable_training_compute()->add_prompt_tokens(1000);
  with_variables.mutable_training_compute()->add_context_limit_tokens(4096);
  v1::SolveResponse same;
  ASSERT_TRUE(Solve(with_variables, &same).ok());
  EXPECT_EQ(same.solutions(0).least().SerializeAsString(), response.solutions(0).least().SerializeAsString());
}

TEST_F(SolveTest, SolveWarnsOfUndeterminedAnswers) {
  v1::SolveRequest request = ComputeRequest(FittedLaw());
  for (v1::Estimate& estimate : *request.mutable_fit()->mutable_estimates()) {
    if (estimate.name() == "context_exponent") estimate.set_identified(false);
  }
  request.mutable_training_compute()->set_prompt_tokens(1, 1e7);
  v1::SolveResponse response;
  ASSERT_TRUE(Solve(request, &response).ok());
  EXPECT_EQ(response.solutions(0).outcome(), v1::SOLVE_OUTCOME_REACHED);
  EXPECT_EQ(response.solutions(1).outcome(), v1::SOLVE_OUTCOME_NOT_DETERMINED);
  EXPECT_THAT(response.warnings(0), HasSubstr("1 of 3 answers are not determined"));
}

TEST_F(SolveTest, ABadQuestionNamesItsColumnRowValueAndRule) {
  const v1::Fit fit = FittedLaw();
  v1::SolveRequest request = ComputeRequest(fit);
  request.mutable_training_compute()->set_target_score(1, 1);
  ExpectRefused(request, "training_compute.target_score[1] = 1: must be in (0, 1)");
  request = ComputeRequest(fit);
  request.mutable_training_compute()->set_budget_compute_flops(2, -1);
  ExpectRefused(request, "training_compute.budget_compute_flops[2] = -1: must be finite and > 0");
  request.mutable_training_compute()->mutable_budget_compute_flops()->RemoveLast();
  ExpectRefused(request, "training_compute.budget_compute_flops has 2 values: must have 3, as many as");
  request = PromptRequest(fit);
  request.mutable_prompt_length()->set_training_compute_flops(0, 0);
  ExpectRefused(request, "prompt_length.training_compute_flops[0] = 0: must be finite and > 0");
  request.mutable_prompt_length()->Clear();
  ExpectRefused(request, "prompt_length.target_score has 0 values: must have 1 to 100000");
  request.clear_wanted();
  ExpectRefused(request, "wanted is unset");
  request.clear_fit();
  ExpectRefused(request, "fit is unset");
  request = PromptRequest(fit);
  request.set_confidence(1);
  ExpectRefused(request, "confidence = 1: must be in (0, 1)");
}

}  // namespace
}  // namespace ctxfit

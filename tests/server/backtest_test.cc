#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "ctxfit/v1/backtest.pb.h"
#include "tests/hang_guard.h"
#include "tests/server/server_fixture.h"

namespace ctxfit {
namespace {

using ::testing::HasSubstr;

class BacktestTest : public ServerTest {
 protected:
  static v1::BacktestRequest Request() {
    v1::BacktestRequest request = ShortRequest<v1::BacktestRequest>();
    request.mutable_options()->mutable_bootstrap()->set_replicates(20);
    return request;
  }

  grpc::Status Backtest(const v1::BacktestRequest& request, v1::BacktestResponse* response) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + kHangGuard));
    return fitting_->Backtest(&context, request, response);
  }

  void ExpectRefused(const v1::BacktestRequest& request, const char* message) {
    v1::BacktestResponse response;
    const grpc::Status status = Backtest(request, &response);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_THAT(status.error_message(), HasSubstr(message));
  }
};

TEST_F(BacktestTest, EveryRowIsHeldOutOnceByLevels) {
  v1::BacktestResponse response;
  ASSERT_TRUE(Backtest(Request(), &response).ok());
  ASSERT_EQ(response.backtests_size(), 1);
  const v1::Backtest& backtest = response.backtests(0);
  EXPECT_EQ(backtest.scheme(), v1::FOLD_SCHEME_LEVEL);
  EXPECT_EQ(backtest.fitted_count(), backtest.folds_size());
  EXPECT_EQ(backtest.law().rows().record_count(), Request().observations().score_size());
  ASSERT_EQ(backtest.baselines_size(), 3);
  EXPECT_EQ(backtest.baselines(2).form(), v1::BASELINE_FORM_LOGIT_LINE);
  EXPECT_TRUE(backtest.has_verdict());
  EXPECT_NE(backtest.verdict().sentence(), "");
  for (const v1::Fold& fold : backtest.folds()) {
    EXPECT_TRUE(fold.has_training_compute_flops());
    EXPECT_EQ(fold.fitted_count() + fold.held_out_count(), Request().observations().score_size());
    EXPECT_EQ(fold.baselines_size(), 3);
    EXPECT_GT(fold.means_size(), 0);
  }
}

TEST_F(BacktestTest, TheStreamEndsWithTheSameResult) {
  v1::BacktestResponse response;
  ASSERT_TRUE(Backtest(Request(), &response).ok());
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + kHangGuard));
  const auto reader = fitting_->StreamBacktest(&context, Request());
  v1::StreamBacktestResponse message;
  double fraction = 0;
  while (reader->Read(&message) && message.has_progress()) {
    EXPECT_GE(message.progress().fraction(), fraction) << "fell";
    fraction = message.progress().fraction();
  }
  ASSERT_TRUE(message.has_result());
  EXPECT_TRUE(reader->Finish().ok());
  EXPECT_EQ(message.result().SerializeAsString(), response.SerializeAsString());
}

TEST_F(BacktestTest, GroupsBearTheirLabels) {
  v1::BacktestRequest request = Request();
  request.set_scheme(v1::FOLD_SCHEME_GROUP);
  for (int row = 0; row < request.observations().score_size(); ++row) request.add_group(row % 3 == 0 ? "x" : "a b");
  v1::BacktestResponse response;
  ASSERT_TRUE(Backtest(request, &response).ok());
  ASSERT_EQ(response.backtests(0).folds_size(), 2);
  EXPECT_EQ(response.backtests(0).folds(0).group(), "a b");
  EXPECT_EQ(response.backtests(0).folds(1).group(), "x");
}

TEST_F(BacktestTest, FrontiersRunWhereTheRequestSays) {
  v1::BacktestRequest request = Request();
  request.set_scheme(v1::FOLD_SCHEME_PROMPT);
  const auto& prompts = request.observations().prompt_tokens();
  const double longest = *std::max_element(prompts.begin(), prompts.end());
  request.add_cuts(longest);
  v1::BacktestResponse response;
  ASSERT_TRUE(Backtest(request, &response).ok());
  ASSERT_EQ(response.backtests(0).folds_size(), 1);
  EXPECT_EQ(response.backtests(0).folds(0).cut(), longest);
  EXPECT_FALSE(response.backtests(0).has_verdict());
}

TEST_F(BacktestTest, BadRequestsAreRefused) {
  v1::BacktestRequest request = Request();
  request.add_cuts(1000);
  ExpectRefused(request, "cuts has 1 values: must have none unless scheme is COMPUTE, PROMPT or LIMIT");
  request.set_scheme(v1::FOLD_SCHEME_PROMPT);
  request.add_cuts(1000);
  ExpectRefused(request, "cuts[1] = 1000: must be above cuts[0] = 1000");
  request.set_cuts(0, -1);
  ExpectRefused(request, "cuts[0] = -1: must be");
  request = Request();
  request.set_scheme(v1::FOLD_SCHEME_GROUP);
  ExpectRefused(request, "group has 0 ");
  request = Request();
  request.add_group("a");
  ExpectRefused(request, "group has 1 values: must have none unless scheme is GROUP");
  request = Request();
  request.set_scheme(static_cast<v1::FoldScheme>(17));
  ExpectRefused(request, "scheme = 17: must be a value of FoldScheme");
}

TEST_F(BacktestTest, AFitHasBaselinesAndHeldOutLevels) {
  v1::FitResponse response;
  ASSERT_TRUE(Fit(ShortRequest(), &response).ok());
  const v1::Fit& fit = response.fits(0);
  ASSERT_EQ(fit.baselines_size(), 3);
  EXPECT_EQ(fit.baselines(1).name(), "line on the logarithm");
  EXPECT_TRUE(fit.baselines(1).in_sample().has_rows());
  EXPECT_TRUE(fit.baselines(1).has_held_out());
  EXPECT_TRUE(fit.held_out_levels().has_verdict());
  EXPECT_EQ(fit.no_held_out_levels_reason(), "");
  EXPECT_EQ(fit.provenance().options().backtest(), v1::BACKTEST_MODE_AUTO);
}

TEST_F(BacktestTest, AFitHoldsOutNoLevelsWhereThatIsOff) {
  v1::FitRequest request = ShortRequest();
  request.mutable_options()->set_backtest(v1::BACKTEST_MODE_OFF);
  v1::FitResponse response;
  ASSERT_TRUE(Fit(request, &response).ok());
  EXPECT_FALSE(response.fits(0).has_held_out_levels());
  EXPECT_EQ(response.fits(0).no_held_out_levels_reason(), "options.backtest is OFF");
  EXPECT_EQ(response.fits(0).baselines_size(), 3);
  EXPECT_EQ(response.fits(0).provenance().options().backtest(), v1::BACKTEST_MODE_OFF);
  request.mutable_options()->set_backtest(static_cast<v1::BacktestMode>(9));
  EXPECT_THAT(Fit(request, &response).error_message(),
              HasSubstr("options.backtest = 9: must be a value of BacktestMode"));
}

}  // namespace
}  // namespace ctxfit

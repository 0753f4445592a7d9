// Bands of PlanningService.Predict.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "tests/server/predict_fixture.h"

namespace ctxfit {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

using PredictBandsTest = PredictTest;

TEST_F(PredictBandsTest, BandsComeFromTheReplicatesOfAFit) {
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

TEST_F(PredictBandsTest, PredictWarnsWhereADriftingExponentLeavesNoBand) {
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

TEST_F(PredictBandsTest, PredictReturnsTheOtherBandsOnRequest) {
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

TEST_F(PredictBandsTest, WithoutReplicatesThereIsNoNewMeanAndAWarningNamesTheOption) {
  v1::PredictRequest request;
  *request.mutable_fit() = HandMadeFit();
  SetGrid(&request);
  request.set_new_mean_items(100);
  v1::PredictResponse response;
  ASSERT_TRUE(Predict(request, &response).ok());
  EXPECT_THAT(response.predictions().score(), SizeIs(10));
  EXPECT_THAT(response.predictions().new_mean_lower(), SizeIs(0));
  EXPECT_THAT(response.warnings(), Contains(HasSubstr("no interval of a new mean: it needs bootstrap replicates")));
  EXPECT_THAT(response.warnings(), Contains(HasSubstr("options.bootstrap.replicates")));
}

TEST_F(PredictBandsTest, PredictionsRepeatThatTheLawDoesNotFit) {
  v1::PredictRequest request;
  *request.mutable_fit() = HandMadeFit();
  request.mutable_fit()->mutable_diagnostics()->set_misfit("the law does not fit these data: somewhere");
  SetGrid(&request);
  v1::PredictResponse response;
  ASSERT_TRUE(Predict(request, &response).ok());
  EXPECT_THAT(response.warnings(), Contains("of the fit behind this: the law does not fit these data: somewhere"));
}

// The lower ends of the pointwise bands. Where few units determine what moves a score, both kinds of interval are one.
std::vector<double> LowerEnds(const v1::PredictResponse& response) {
  return {response.predictions().mean_lower().begin(), response.predictions().mean_lower().end()};
}

// A service that answers a fit of two units must be there for the next request.
TEST_F(PredictBandsTest, BcaTravelsWithTheFitEvenOfTwoUnits) {
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

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/hang_guard.h"
#include "tests/server/server_fixture.h"

namespace ctxfit {
namespace {

using ::testing::HasSubstr;

class AblateTest : public ServerTest {
 protected:
  grpc::Status Ablate(const v1::AblateRequest& request, v1::AblateResponse* response) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + kHangGuard));
    return fitting_->Ablate(&context, request, response);
  }

  void ExpectRefused(const v1::AblateRequest& request, const char* message) {
    v1::AblateResponse response;
    const grpc::Status status = Ablate(request, &response);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_THAT(status.error_message(), HasSubstr(message));
  }
};

TEST_F(AblateTest, TheFullLawIsThatOfFitAndTheOthersAreFitsWithoutAPart) {
  v1::AblateRequest request = ShortRequest<v1::AblateRequest>();
  request.set_folds(2);
  v1::AblateResponse response;
  ASSERT_TRUE(Ablate(request, &response).ok());
  ASSERT_EQ(response.ablations_size(), 1);
  const v1::Ablation& ablation = response.ablations(0);
  EXPECT_EQ(ablation.fold_count(), 2);
  ASSERT_EQ(ablation.variants_size(), 4);

  v1::FitRequest fit_request = ShortRequest();
  fit_request.mutable_options()->mutable_bootstrap()->set_replicates(0);
  const v1::LawVariant variants[] = {v1::LAW_VARIANT_FULL, v1::LAW_VARIANT_NO_PENALTY,
                                     v1::LAW_VARIANT_NO_CONTEXT_FACTOR, v1::LAW_VARIANT_NEITHER};
  for (int i = 0; i < 4; ++i) {
    const v1::VariantFit& variant = ablation.variants(i);
    EXPECT_EQ(variant.variant(), variants[i]);
    EXPECT_EQ(variant.cross_validation().all().record_count(), 500);
    if (i == 1 || i == 3) fit_request.mutable_options()->mutable_penalty()->set_none(true);
    if (i == 2) fit_request.mutable_options()->clear_penalty();
    fit_request.mutable_options()->set_no_context_factor(i >= 2);
    v1::FitResponse fitted;
    ASSERT_TRUE(Fit(fit_request, &fitted).ok());
    EXPECT_EQ(variant.fit().parameters().SerializeAsString(), fitted.fits(0).parameters().SerializeAsString()) << i;
    EXPECT_EQ(variant.fit().goodness().SerializeAsString(), fitted.fits(0).goodness().SerializeAsString()) << i;
    EXPECT_EQ(variant.fit().provenance().options().SerializeAsString(),
              fitted.fits(0).provenance().options().SerializeAsString());
    EXPECT_EQ(variant.has_aic_difference(), i > 0);
  }
  EXPECT_EQ(ablation.variants(1).aic_difference(),
            ablation.variants(1).fit().goodness().aic() - ablation.variants(0).fit().goodness().aic());
}

TEST_F(AblateTest, WithoutLimitsNoErrorIsWithinOrBeyondThem) {
  v1::AblateRequest request = ShortRequest<v1::AblateRequest>();
  request.set_folds(2);
  request.mutable_options()->mutable_penalty()->set_none(true);
  request.mutable_observations()->clear_context_limit_tokens();
  v1::AblateResponse response;
  const grpc::Status status = Ablate(request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  const v1::VariantFit& variant = response.ablations(0).variants(0);
  EXPECT_EQ(variant.cross_validation().all().record_count(), 500);
  EXPECT_FALSE(variant.cross_validation().has_within_limit());
  EXPECT_FALSE(variant.cross_validation().has_beyond_limit());
  EXPECT_FALSE(variant.fit().goodness().has_mae_within_limit());
}

TEST_F(AblateTest, WithoutFoldsNothingIsHeldOut) {
  v1::AblateRequest request = ShortRequest<v1::AblateRequest>();
  request.set_folds(0);
  request.mutable_options()->mutable_penalty()->set_none(true);
  v1::AblateResponse response;
  ASSERT_TRUE(Ablate(request, &response).ok());
  EXPECT_EQ(response.ablations(0).fold_count(), 0);
  ASSERT_EQ(response.ablations(0).variants_size(), 2) << "there is no penalty to drop";
  EXPECT_FALSE(response.ablations(0).variants(0).has_cross_validation());
}

TEST_F(AblateTest, ABadRequestNamesFieldValueAndRule) {
  v1::AblateRequest request = ShortRequest<v1::AblateRequest>();
  request.set_folds(11);
  ExpectRefused(request, "folds = 11: must be 0 or in [2, 10], the clusters of task \"\"");
  request.mutable_observations()->set_score(3, 2);
  ExpectRefused(request, "observations.score[3] = 2: must be in [0, 1]");
}

TEST_F(AblateTest, ADeadlineEndsAnAblation) {
  grpc::ClientContext context;
  v1::AblateResponse response;
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Milliseconds(50)));
  v1::AblateRequest request;
  *request.mutable_observations() = SimulatedObservations(20000);
  request.set_folds(400);
  EXPECT_EQ(fitting_->Ablate(&context, request, &response).error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  // The worker is free again: a short one does not wait for its 1,604 fits.
  EXPECT_TRUE(Fit(ShortRequest()).ok());
}

}  // namespace
}  // namespace ctxfit

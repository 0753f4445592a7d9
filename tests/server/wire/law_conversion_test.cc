#include "server/wire/law_conversion.h"

#include <gtest/gtest.h>

#include "kernels/descent/replicate_fits.h"
#include "kernels/law/domain.h"
#include "kernels/law/fitted_law.h"
#include "tests/kernels/defaults.h"

namespace ctxfit {
namespace {

Law SomeLaw() {
  return {{{0.1, 0.4, -0.3, 0.6, 0.2, -0.1, 0.25, 0.05}}, {1e22, 900}, {Penalty::Form::kRatio, 0.1, 1.5}};
}

void ExpectSamePredictions(const Law& a, const Law& b) {
  for (const double prompt : {50.0, 4000.0, 4096.0, 4106.0, 6000.0, 9000.0}) {
    // Numbers below 1 that went through ln and exp a few times.
    EXPECT_NEAR(Predict(a, 3e22, prompt, 4096), Predict(b, 3e22, prompt, 4096), 1e-13) << prompt;
  }
}

TEST(LawConversionTest, ALawSurvivesTheWayThereAndBack) {
  const Law law = SomeLaw();
  ExpectSamePredictions(LawOf(ToProto(law)).value(), law);
  Law tokens = law;
  tokens.penalty = {Penalty::Form::kTokens, 300, 1};
  ExpectSamePredictions(LawOf(ToProto(tokens)).value(), tokens);
  Law step = law;
  step.penalty = kStepPenalty;
  ExpectSamePredictions(LawOf(ToProto(step)).value(), step);
  Law none = law;
  none.penalty.form = Penalty::Form::kNone;
  ExpectSamePredictions(LawOf(ToProto(none)).value(), none);
}

TEST(LawConversionTest, OnlyAPenaltyInTokensMayHaveALag) {
  v1::Parameters parameters = ToProto(SomeLaw());
  ASSERT_TRUE(parameters.has_penalty_width_ratio());
  EXPECT_FALSE(parameters.has_penalty_lag_tokens());
  parameters.set_penalty_lag_tokens(10);
  EXPECT_EQ(LawOf(parameters).status().message(),
            "fit.parameters.penalty_lag_tokens = 10: must be unset where penalty_width_tokens is unset");
}

TEST(LawConversionTest, ReplicatesKeepTheirOwnPenaltyFloorAndCeiling) {
  const Law law = SomeLaw();
  ReplicateFits fits;
  fits.points = {law.point, law.point};
  for (int i = 0; i < kCoordinateCount; ++i) fits.points[1].at[i] += 0.01 * (i + 1);
  fits.converged = {true, true};
  Domain domain = DefaultDomain();
  for (bool& free : domain.free) free = true;
  const Law back = LawOf(ToProto(law)).value();
  const std::vector<Point> points = PointsOf(ToProto(fits, law, domain), back).value();
  ASSERT_EQ(points.size(), 2u);
  for (int b = 0; b < 2; ++b) {
    ExpectSamePredictions({points[b], back.references, back.penalty}, {fits.points[b], law.references, law.penalty});
  }
}

TEST(LawConversionTest, HeldColumnsAreLeftEmptyAndTakeTheLawsValues) {
  const Law law = SomeLaw();
  ReplicateFits fits;
  fits.points = {law.point};
  fits.converged = {true};
  const v1::Replicates replicates = ToProto(fits, law, DefaultDomain());
  EXPECT_EQ(replicates.floor_size(), 0);
  EXPECT_EQ(replicates.penalty_width_size(), 0);
  const Law back = LawOf(ToProto(law)).value();
  ExpectSamePredictions({PointsOf(replicates, back).value().at(0), back.references, back.penalty}, law);
}

TEST(LawConversionTest, BrokenParametersAreRefusedByNameValueAndRule) {
  v1::Parameters parameters = ToProto(SomeLaw());
  parameters.set_floor(1);
  EXPECT_EQ(LawOf(parameters).status().message(), "fit.parameters.floor = 1: must be in [0, 1)");
  parameters.set_floor(0.5);
  parameters.set_ceiling(0.4);
  EXPECT_EQ(LawOf(parameters).status().message(), "fit.parameters.ceiling = 0.4: must be in (0.5, 1]");
}

TEST(LawConversionTest, BrokenReplicatesAreRefusedByNameValueAndRule) {
  const Law law = SomeLaw();
  ReplicateFits fits;
  fits.points = {law.point};
  v1::Replicates replicates = ToProto(fits, law, DefaultDomain());
  replicates.add_floor(1.5);
  EXPECT_EQ(PointsOf(replicates, law).status().message(), "fit.replicates.floor[0] = 1.5: must be in [0, 1]");
  replicates.add_floor(0.5);
  EXPECT_EQ(PointsOf(replicates, law).status().message(),
            "fit.replicates.floor has 2 values: must have 1, as many as fit.replicates.compute_coefficient");
}

}  // namespace
}  // namespace ctxfit

#include "kernels/statistics/misfit/misfit_warnings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kernels/law/penalty.h"
#include "kernels/statistics/misfit/misfit.h"

namespace ctxfit {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(MisfitWarningsTest, TheWorstPlacesAreNamedAndTheOthersCounted) {
  Misfit misfit;
  for (int i = 0; i < 5; ++i) {
    misfit.findings.push_back({MisfitKind::kThird, {1e22, 1e22}, {100.0 * i, 100.0 * (i + 1)}, 0.1, 1, 1e-6});
  }
  EXPECT_THAT(DescribeMisfit(misfit, {0.5, Penalty::Form::kTokens, false, false}),
              ElementsAre(AllOf(HasSubstr("average +0.100 on prompts of 0 to 100 tokens"), HasSubstr("(and 2 more)"))));
}

TEST(MisfitWarningsTest, ThatScoresFallIsReportedOfAFlatLawOnly) {
  Misfit misfit;
  misfit.findings.push_back({MisfitKind::kPromptTrend, {1e22, 1e22}, {100, 1000}, -0.1, 1, 1e-6});
  EXPECT_THAT(DescribeMisfit(misfit, {0.5, Penalty::Form::kTokens, false, true}),
              ElementsAre(HasSubstr("Scores fall with prompt length")));
  EXPECT_THAT(DescribeMisfit(misfit, {0.5, Penalty::Form::kTokens, false, false}),
              ElementsAre(Not(HasSubstr("Scores fall with prompt length"))));
}

// Another warning says to check the limits, or to leave the penalty out, where all records lie beyond theirs.
TEST(MisfitWarningsTest, WhereEveryRecordLiesBeyondItsLimitNothingIsAdvisedAboutThePenalty) {
  Misfit misfit;
  misfit.findings.push_back({MisfitKind::kBeyondLimit, {1e22, 1e22}, {100, 1000}, 0.1, 1, 1e-6});
  EXPECT_THAT(DescribeMisfit(misfit, {0.5, Penalty::Form::kTokens, false, false, false}),
              ElementsAre(HasSubstr("fit both (options.penalty.fit_onset, options.penalty.fit_width)")));
  EXPECT_THAT(DescribeMisfit(misfit, {0.5, Penalty::Form::kTokens, false, false, true}),
              ElementsAre("rows beyond the context limit score 0.100 higher than the law predicts"));
}

TEST(MisfitWarningsTest, ATrendIsSaidToBeFittedBesideTheLaw) {
  Misfit misfit;
  misfit.findings.push_back({MisfitKind::kComputeTrend, {1e21, 1e22}, {100, 1000}, -0.1, 1, 1e-6});
  EXPECT_THAT(
      DescribeMisfit(misfit, {0.5, Penalty::Form::kTokens, false, false}),
      ElementsAre(HasSubstr("residuals (score minus law) fall by 0.230 per tenfold compute (a trend fitted beside")));
}

TEST(MisfitWarningsTest, SmallResidualsAreNotRoundedToNothing) {
  Misfit misfit;
  misfit.findings.push_back({MisfitKind::kThird, {1e22, 1e22}, {100, 1000}, 0.00042, 1, 1e-6});
  misfit.findings.push_back({MisfitKind::kPromptTrend, {1e22, 1e22}, {100, 1000}, -0.0001, 1, 1e-6});
  misfit.findings.push_back({MisfitKind::kBeyondLimit, {1e22, 1e22}, {100, 1000}, -0.0031, 1, 1e-6});
  EXPECT_THAT(DescribeMisfit(misfit, {0.5, Penalty::Form::kTokens, false, false}),
              ElementsAre(AllOf(HasSubstr("average +0.00042 on"), HasSubstr("fall by 0.00023 per tenfold prompt")),
                          HasSubstr("score 0.0031 lower")));
}

TEST(MisfitWarningsTest, APenaltyThatTheRecordsAreTooFewForIsNotAdvised) {
  Misfit misfit;
  misfit.findings.push_back({MisfitKind::kBeyondLimit, {1e22, 1e22}, {100, 1000}, 0.1, 1, 1e-6});
  EXPECT_THAT(DescribeMisfit(misfit, {0.5, Penalty::Form::kTokens, false, false, false, false}),
              ElementsAre(AllOf(HasSubstr("Add records at the limit and beyond it"), Not(HasSubstr("fit_onset")))));
}

TEST(MisfitWarningsTest, NegativeR2IsReportedWithoutAnyFinding) {
  EXPECT_THAT(DescribeMisfit({}, {-0.5, Penalty::Form::kTokens, false, false}),
              ElementsAre(HasSubstr("R^2 is -0.5: the mean score alone fits better")));
  EXPECT_THAT(DescribeMisfit({}, {0.5, Penalty::Form::kTokens, false, false}), ElementsAre());
}

}  // namespace
}  // namespace ctxfit

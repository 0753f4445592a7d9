#include "client/text/fit_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/client/sample_fit.h"

namespace ctxfit {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(FitTableTest, DescribesDataSearchRefinementAndBootstrap) {
  const std::string text = FitTable(SampleFit(), 12);
  EXPECT_THAT(text, HasSubstr("arithmetic: 65,500 records, 262 clusters, 12 model levels, converged\n"));
  EXPECT_THAT(text, HasSubstr("MAE 0.03670 (0.006000 within the context limit, 0.1012 beyond)"));
  EXPECT_THAT(text, HasSubstr("23 generations of 64 candidates over 960 cells of binned prompt lengths, 1,536"));
  EXPECT_THAT(text, HasSubstr("8 of 8 starts agree, one optimum"));
  EXPECT_THAT(text, HasSubstr("1,000 replicates over 262 clusters, 998 converged"));
  EXPECT_THAT(text, HasSubstr("ctxfit 0.1.0 on cpu (2 threads, AVX-512), seed 7"));
}

TEST(FitTableTest, ShowsEachParameterWithItsUncertainty) {
  const std::string text = FitTable(SampleFit(), 12);
  EXPECT_THAT(text, ContainsRegex("A +compute_coefficient +0\\.80000 +0\\.01235 +0\\.7800 +0\\.8200"));
  EXPECT_THAT(text, ContainsRegex("compute_exponent +0\\.50000 +not identified: there is one compute level only"));
  EXPECT_THAT(text, ContainsRegex("compute_reference_flops +1e23 +FLOP +reference scale, chosen"));
  EXPECT_THAT(text, ContainsRegex("penalty_width_tokens +1 +tokens +fixed\n"));
  v1::Fit step = SampleFit();
  step.mutable_parameters()->set_penalty_lag_tokens(10);
  EXPECT_THAT(FitTable(step, 12),
              ContainsRegex("penalty_width_tokens +1 +tokens +fixed, a step 10 tokens beyond the limit\n"));
}

TEST(FitTableTest, PutsWarningsBeforeTheParameters) {
  v1::Fit fit = SampleFit();
  std::string text = FitTable(fit, 12);
  EXPECT_LT(text.find("! there is one compute level only"), text.find("compute_coefficient"));
  EXPECT_THAT(text, Not(HasSubstr("NOT CONVERGED")));
  fit.mutable_refinement()->set_converged(false);
  fit.mutable_diagnostics()->add_warnings("the refinement did not converge: gradient 1e-9 < 1e-6");
  text = FitTable(fit, 12);
  EXPECT_THAT(text, HasSubstr("NOT CONVERGED"));
  const std::size_t told = text.find("did not converge");
  EXPECT_NE(told, std::string::npos);
  EXPECT_EQ(text.find("did not converge", told + 1), std::string::npos) << "told twice";
}

TEST(FitTableTest, OmitsIntervalsWithoutABootstrap) {
  v1::Fit fit = SampleFit();
  fit.mutable_bootstrap()->set_replicate_count(0);
  fit.mutable_estimates(0)->clear_standard_error();
  fit.mutable_estimates(0)->clear_lower();
  fit.mutable_estimates(0)->clear_upper();
  const std::string text = FitTable(fit, 12);
  EXPECT_THAT(text, HasSubstr("bootstrap   off"));
  EXPECT_THAT(text, Not(HasSubstr("std. error")));
}

TEST(FitTableTest, PutsReasonsThatAreLongOrSharedBelowTheTable) {
  v1::Fit fit = SampleFit();
  const std::string combination =
      "the observations determine only a combination of compute_coefficient, compute_exponent";
  for (const int i : {0, 1}) {
    fit.mutable_estimates(i)->set_identified(false);
    fit.mutable_estimates(i)->set_reason(combination);
  }
  fit.mutable_estimates(3)->set_fixed(false);
  fit.mutable_estimates(3)->set_reason("no spread: nearly all replicates end at 1");
  const std::string text = FitTable(fit, 12);
  EXPECT_THAT(text, ContainsRegex("compute_coefficient +0\\.80000 .*not identified \\[1\\]\n"));
  EXPECT_THAT(text, ContainsRegex("compute_exponent .*not identified \\[1\\]\n"));
  EXPECT_THAT(text,
              ContainsRegex("penalty_width_tokens +1\\.0000 +tokens +no spread: nearly all replicates end at 1\n"));
  EXPECT_THAT(text, HasSubstr("\n\n  [1] " + combination + "\n\n"));
}

TEST(FitTableTest, TellsTheCommonReasonOfMissingProfileEndsOnce) {
  v1::Fit fit = SampleFit();
  const std::string no_optimum = "a refit ended at a lower cost than the fit";
  for (const int i : {0, 1}) {
    fit.mutable_estimates(i)->set_profile_reason("no lower end, because " + no_optimum + "; no upper end, because " +
                                                 no_optimum);
  }
  fit.mutable_estimates(3)->set_profile_reason("no upper end, because the estimate lies on its bound");
  EXPECT_THAT(
      FitTable(fit, 12),
      ContainsRegex("  profile     compute_coefficient, compute_exponent have neither end, because a refit ended at a "
                    "lower cost\n +than the fit; penalty_width_tokens has no upper end, because the estimate lies on "
                    "its bound\n"));
}

TEST(FitTableTest, PrintsWhatRoundingLeavesOfZeroAsZero) {
  v1::Fit fit = SampleFit();
  fit.mutable_goodness()->set_r_squared(1.1e-16);
  fit.mutable_goodness()->set_rmse(-2e-17);
  const std::string text = FitTable(fit, 12);
  EXPECT_THAT(text, HasSubstr("RMSE 0, R² 0, "));
  fit.mutable_goodness()->set_r_squared(1e-9);
  EXPECT_THAT(FitTable(fit, 12), HasSubstr("R² 1.000e-9, "));
}

TEST(FitTableTest, CountsOneInTheSingular) {
  v1::Fit fit = SampleFit();
  fit.mutable_refinement()->set_start_count(1);
  fit.mutable_refinement()->set_agreeing_count(1);
  fit.mutable_bootstrap()->set_unit_2_count(1);
  fit.mutable_bootstrap()->set_replicate_count(1);
  const std::string text = FitTable(fit, 1);
  EXPECT_THAT(text, HasSubstr("1 of 1 start agrees, "));
  EXPECT_THAT(text, HasSubstr("1 replicate over 262 clusters crossed with 1 unit of the second key"));
  EXPECT_THAT(text, HasSubstr("1 model level, "));
}

TEST(FitTableTest, SpeaksOfFlagsWhereTheServiceSpeaksOfFields) {
  v1::Fit fit = SampleFit();
  fit.mutable_diagnostics()->set_warnings(0, "scores level off: fit the floor (options.floor.fitted = true)");
  fit.mutable_bootstrap()->set_no_interval_reason("bootstrap.replicates = 0: nothing was asked for");
  const std::string text = FitTable(fit, 12);
  EXPECT_THAT(text, HasSubstr("  ! scores level off: fit the floor (--floor fit)\n"));
  EXPECT_THAT(text, HasSubstr("bootstrap   none (--replicates = 0: nothing was asked for)\n"));
}

}  // namespace
}  // namespace ctxfit

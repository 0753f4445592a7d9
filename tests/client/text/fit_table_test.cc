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

TEST(FitTable, DescribesDataSearchRefinementAndBootstrap) {
  const std::string text = FitTable(SampleFit(), 12);
  EXPECT_THAT(text, HasSubstr("arithmetic: 65,500 records, 262 clusters, 12 model levels, converged\n"));
  EXPECT_THAT(text, HasSubstr("MAE 0.03670 (0.006000 within the context limit, 0.1012 beyond)"));
  EXPECT_THAT(text, HasSubstr("23 generations of 64 candidates, 1,536 evaluations, 12.3 ms: spread 0.05 < 0.1"));
  EXPECT_THAT(text, HasSubstr("8 of 8 starts agree, one optimum"));
  EXPECT_THAT(text, HasSubstr("1,000 replicates over 262 clusters, 998 converged"));
  EXPECT_THAT(text, HasSubstr("ctxfit 0.1.0 on cpu (2 threads, AVX-512), seed 7"));
}

TEST(FitTable, ShowsEachParameterWithItsUncertainty) {
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

TEST(FitTable, PutsWarningsBeforeTheParameters) {
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

TEST(FitTable, OmitsIntervalsWithoutABootstrap) {
  v1::Fit fit = SampleFit();
  fit.mutable_bootstrap()->set_replicate_count(0);
  fit.mutable_estimates(0)->clear_standard_error();
  fit.mutable_estimates(0)->clear_lower();
  fit.mutable_estimates(0)->clear_upper();
  const std::string text = FitTable(fit, 12);
  EXPECT_THAT(text, HasSubstr("bootstrap   off"));
  EXPECT_THAT(text, Not(HasSubstr("std. error")));
}

}  // namespace
}  // namespace ctxfit

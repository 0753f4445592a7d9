#include "client/text/backtest_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "google/protobuf/text_format.h"

namespace ctxfit {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

v1::BacktestResponse SampleResponse() {
  v1::BacktestResponse response;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"pb(
        backtests {
          task: "arithmetic"
          scheme: FOLD_SCHEME_LEVEL
          fitted_count: 1
          folds {
            training_compute_flops: 1e22
            context_limit_tokens: 4096
            fitted_count: 1200
            held_out_count: 300
            law { rows { record_count: 300 mae: 0.02 } }
            baselines { held_out { rows { mae: 0.3 } } }
            baselines { held_out { rows { mae: 0.05 } } }
            baselines { held_out { rows { mae: 0.06 } } }
            band_coverage { group_count: 8 inside_count: 3 }
          }
          folds {
            training_compute_flops: 3e22
            context_limit_tokens: 8192
            fitted_count: 300
            held_out_count: 1200
            reason: "the fitted records have one training compute"
          }
          law {
            rows { record_count: 300 mae: 0.02 rmse: 0.03 bias: -0.004 }
            means { record_count: 8 mae: 0.015 rmse: 0.016 }
            logit { record_count: 8 mae: 0.1234 bias: 0.05 }
          }
          baselines {
            name: "constant"
            errors { rows { mae: 0.3 } }
          }
          baselines {
            name: "line on the logarithm"
            errors { rows { mae: 0.05 } }
          }
          baselines {
            name: "line on the logit"
            errors { rows { mae: 0.06 } }
          }
          band_coverage { confidence: 0.95 group_count: 8 inside_count: 3 undetermined_count: 1 }
          distances { upper: 0 }
          distances {
            upper: 0.693
            law { record_count: 8 mae: 0.015 }
            baselines { mae: 0.31 }
            baselines { mae: 0.051 }
            baselines { mae: 0.061 }
          }
          distances { lower: 2.77 }
          verdict { kind: VERDICT_KIND_LINE sentence: "A straight line predicts better." }
        }
      )pb",
      &response));
  return response;
}

TEST(BacktestTableTest, ShowsErrorsInAllByFoldAndByDistance) {
  const std::string text = BacktestTables(SampleResponse());
  EXPECT_THAT(text, HasSubstr("arithmetic: each model level held out, 1 of 2 folds fitted\n"));
  EXPECT_THAT(text, HasSubstr("  ! A straight line predicts better.\n"));
  EXPECT_THAT(text, ContainsRegex("  the law +0\\.0200 +0\\.0300 +-0\\.0040 +0\\.0150 +0\\.0160 +0\\.123 +\\+0\\.050"));
  EXPECT_THAT(text, ContainsRegex("C = 1\\.000e22 FLOP, limit 4k +1,200 +300 +0\\.0200 +0\\.3000 +0\\.0500 +0\\.0600 "
                                  "+3 of 8 +NOT CONVERGED"));
  EXPECT_THAT(text, ContainsRegex("limit 8k +300 +1,200 +left out: the fitted records have one training compute"));
  EXPECT_THAT(text, ContainsRegex("up to 0\\.69 +8 +0\\.0150 +0\\.3100 +0\\.0510 +0\\.0610"));
  EXPECT_THAT(text, Not(HasSubstr("beyond 2.77"))) << "no mean lies there";
  EXPECT_THAT(text, HasSubstr("3 of 8 means lie inside the law's 95 % band; 1 more have none"));
}

TEST(BacktestTableTest, FoldsAreNamedByWhatIsHeldOut) {
  v1::Fold fold;
  fold.set_group("a");
  EXPECT_EQ(FoldName(fold, v1::FOLD_SCHEME_GROUP), "a");
  fold.set_cut(8192);
  EXPECT_EQ(FoldName(fold, v1::FOLD_SCHEME_PROMPT), "from 8192 tokens on");
  fold.set_cut(5e23);
  EXPECT_EQ(FoldName(fold, v1::FOLD_SCHEME_COMPUTE), "from 5.000e23 FLOP on");
}

TEST(BacktestTableTest, AFitBeginsWithItsVerdict) {
  v1::Fit fit;
  EXPECT_EQ(HeldOutLevelsText(fit), "");
  v1::Verdict& verdict = *fit.mutable_held_out_levels()->mutable_verdict();
  verdict.set_kind(v1::VERDICT_KIND_LAW);
  verdict.set_sentence("The law predicts better.");
  EXPECT_EQ(HeldOutLevelsText(fit), "  The law predicts better.\n\n");
}

TEST(BacktestTableTest, BaselinesShowTheirCoefficients) {
  v1::Fit fit;
  EXPECT_EQ(BaselineTable(fit), "");
  v1::Baseline& baseline = *fit.add_baselines();
  baseline.set_form(v1::BASELINE_FORM_LOGIT_LINE);
  baseline.set_name("line on the logit");
  baseline.set_intercept(-0.5);
  baseline.set_prompt_slope(0.25);
  baseline.add_reasons("all records have one training compute");
  baseline.mutable_in_sample()->mutable_rows()->set_mae(0.01);
  EXPECT_THAT(BaselineTable(fit), HasSubstr("b0 -0.5000, b1 -, b2 0.2500; all records have one training compute"));
}

}  // namespace
}  // namespace ctxfit

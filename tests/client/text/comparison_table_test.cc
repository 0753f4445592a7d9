#include "client/text/comparison_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "google/protobuf/text_format.h"

namespace ctxfit {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

v1::CompareResponse SampleResponse() {
  v1::CompareResponse response;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"pb(
        first_group: "a"
        second_group: "b"
        confidence: 0.9
        comparisons {
          task: "arithmetic"
          first_fit {
            goodness { record_count: 1200 mae: 0.01 }
            refinement { converged: true }
            diagnostics { warnings: "clusters are few" }
          }
          second_fit {
            goodness { record_count: 800 mae: 0.02 }
            refinement { converged: true }
          }
          parameters {
            name: "compute_exponent"
            first: 0.4
            second: 0.5
            difference: 0.1
            standard_error: 0.02
            lower: 0.07
            upper: 0.13
          }
          parameters { name: "context_exponent" first: 1 second: 2 difference: 1 reason: "one prompt length" }
          predictions {
            training_compute_flops: 1e23
            prompt_tokens: 1000
            context_limit_tokens: 4096
            first: 0.5
            second: 0.45
            difference: -0.05
            lower: -0.06
            upper: -0.04
            determined: true
            extrapolated: true
          }
          wald_test { statistic: 12.5 numerator_degrees: 1 denominator_degrees: 40 p_value: 0.00104 }
          f_test { reason: "both laws fit exactly" }
        }
      )pb",
      &response));
  return response;
}

TEST(ComparisonTableTest, ShowsGroupsDifferencesAndTests) {
  const std::string text = ComparisonTables(SampleResponse(), {"model == \"x\"", "all other rows"});
  EXPECT_THAT(text, HasSubstr("arithmetic\n\n  a  model == \"x\": 1,200 records, MAE 0.0100\n"));
  EXPECT_THAT(text, HasSubstr("  b  all other rows: 800 records, MAE 0.0200\n"));
  EXPECT_THAT(text, HasSubstr("  ! a: clusters are few\n"));
  EXPECT_THAT(text, ContainsRegex("parameter +a +b +b - a +std\\. error +90 % from +to"));
  EXPECT_THAT(text, ContainsRegex("compute_exponent +0\\.4000 +0\\.5000 +0\\.1000 +0\\.02000 +0\\.07000 +0\\.1300\n"));
  EXPECT_THAT(text, ContainsRegex("context_exponent +1\\.000 +2\\.000 +1\\.000 +one prompt length\n"));
  EXPECT_THAT(text, ContainsRegex("1\\.000e23 +1000 +4096 +0\\.5000 +0\\.4500 +-0\\.0500 +-0\\.0600 +-0\\.0400  "
                                  "extrapolated\n"));
  EXPECT_THAT(text, ContainsRegex("Wald, by the replicates +12\\.50 +1, 40 +0\\.0010  allows for unequal variances\n"));
  EXPECT_THAT(text, ContainsRegex("F, by the residuals +- +none \\(both laws fit exactly\\)\n"));
}

TEST(ComparisonTableTest, NamesTheTestToTrustWithClusters) {
  v1::CompareResponse response = SampleResponse();
  v1::Comparison& comparison = *response.mutable_comparisons(0);
  for (v1::Fit* fit :
       {comparison.mutable_first_fit(), comparison.mutable_second_fit(), comparison.mutable_pooled_fit()}) {
    fit->mutable_bootstrap()->set_unit(v1::RESAMPLING_UNIT_CLUSTER);
    fit->mutable_bootstrap()->set_unit_count(48);
  }
  comparison.set_shared_cluster_count(3);
  const std::string text = ComparisonTables(response, {"x", "y"});
  EXPECT_THAT(text, HasSubstr("1,200 records in 48 clusters"));
  EXPECT_THAT(text, HasSubstr("  3 clusters in both\n"));
  EXPECT_THAT(text, ContainsRegex("Wald, .* the one to trust: rows of a cluster are correlated\n"));
  comparison.mutable_f_test()->set_p_value(0.5);
  EXPECT_THAT(ComparisonTables(response, {"x", "y"}),
              HasSubstr("independent records: p is wrong where clusters are shared"));
  comparison.set_shared_cluster_count(0);
  EXPECT_THAT(ComparisonTables(response, {"x", "y"}), HasSubstr("independent records: p is too small"));
}

TEST(ComparisonTableTest, OmitsPredictionsIfNoneAreRequested) {
  v1::CompareResponse response = SampleResponse();
  response.mutable_comparisons(0)->clear_predictions();
  EXPECT_THAT(ComparisonTables(response, {"x", "y"}), Not(HasSubstr("context limit")));
}

TEST(ComparisonTableTest, OmitsVariablesThatTheLawDoesNotUse) {
  v1::CompareResponse response = SampleResponse();
  response.mutable_comparisons(0)->mutable_predictions(0)->clear_context_limit_tokens();
  EXPECT_THAT(
      ComparisonTables(response, {"x", "y"}),
      ContainsRegex("compute +prompt +a +b +b - a +90 % from +to\n +FLOP +tokens\n +1\\.000e23 +1000 +0\\.5000 "));
  response.mutable_comparisons(0)->mutable_predictions(0)->clear_prompt_tokens();
  EXPECT_THAT(ComparisonTables(response, {"x", "y"}), ContainsRegex("\n +FLOP\n +1\\.000e23 +0\\.5000 "));
}

}  // namespace
}  // namespace ctxfit

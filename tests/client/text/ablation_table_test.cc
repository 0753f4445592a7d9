#include "client/text/ablation_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "google/protobuf/text_format.h"

namespace ctxfit {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

v1::AblateResponse SampleResponse() {
  v1::AblateResponse response;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"pb(
        ablations {
          task: "arithmetic"
          fold_count: 5
          variants {
            variant: LAW_VARIANT_FULL
            fitted_count: 4
            fit {
              goodness { record_count: 1200 mae: 0.01 mae_within_limit: 0.009 rmse: 0.02 aic: -123.45 bic: -100 }
              refinement { converged: true }
              bootstrap { unit: RESAMPLING_UNIT_CLUSTER unit_count: 48 }
            }
            cross_validation {
              all { record_count: 1200 mae: 0.0111 rmse: 0.021 }
              within_limit { record_count: 1200 mae: 0.0099 }
            }
          }
          variants {
            variant: LAW_VARIANT_NO_PENALTY
            fitted_count: 4
            fit {
              goodness { record_count: 1200 mae: 0.03 rmse: 0.05 aic: -50 bic: -30 }
              refinement { converged: true }
            }
            aic_difference: 73.45
            bic_difference: 70
            cross_validation {
              all { record_count: 1200 mae: 0.0333 rmse: 0.06 }
              unconverged_fold_count: 2
            }
          }
        }
      )pb",
      &response));
  return response;
}

TEST(AblationTableTest, ShowsEveryVariantWithItsErrorsAndCriteria) {
  const std::string text = AblationTables(SampleResponse());
  EXPECT_THAT(text, HasSubstr("arithmetic: 1,200 records\n"));
  EXPECT_THAT(text, ContainsRegex("  the full law +4 +0\\.0100 +0\\.0090 +- +0\\.0200 +-123\\.[45] +-100\\.0 +"
                                  "0\\.0111 +0\\.0099 +- +0\\.0210\n"));
  EXPECT_THAT(text, ContainsRegex("  without penalty +4 +0\\.0300 .* -50\\.0 +\\+73\\.[45] +-30\\.0 +\\+70\\.0 .*"
                                  "2 folds NOT CONVERGED\n"));
  EXPECT_THAT(text, HasSubstr("each of 5 folds of 48 clusters"));
}

TEST(AblationTableTest, OmitsHeldOutErrorsWithoutFolds) {
  v1::AblateResponse response = SampleResponse();
  response.mutable_ablations(0)->set_fold_count(0);
  for (v1::VariantFit& variant : *response.mutable_ablations(0)->mutable_variants()) variant.clear_cross_validation();
  EXPECT_THAT(AblationTables(response), Not(HasSubstr("eld out")));
}

}  // namespace
}  // namespace ctxfit

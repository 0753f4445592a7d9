#include "client/text/evaluation_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "google/protobuf/text_format.h"

namespace ctxfit {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

v1::Evaluation SampleEvaluation() {
  v1::Evaluation evaluation;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"pb(
        task: "arithmetic"
        all { record_count: 1200 mae: 0.0123 rmse: 0.02 bias: -0.003 }
        within_limit { record_count: 1000 mae: 0.011 rmse: 0.015 bias: 0.001 }
        models {
          model: "m"
          errors { record_count: 700 mae: 0.01 rmse: 0.02 bias: 0 }
        }
        models {
          training_compute_flops: 1e23
          context_limit_tokens: 8192
          errors { record_count: 500 mae: 0.02 rmse: 0.03 bias: 0.01 }
        }
        band_coverage { confidence: 0.9 group_count: 30 inside_count: 25 undetermined_count: 2 }
        extrapolated_count: 1
      )pb",
      &evaluation));
  return evaluation;
}

TEST(EvaluationTableTest, ShowsErrorsByLimitAndModelAndTheBand) {
  const std::string text = EvaluationTable(SampleEvaluation());
  EXPECT_THAT(text, ContainsRegex("  all +1,200 +0\\.0123 +0\\.0200 +-0\\.0030\n"));
  EXPECT_THAT(text, ContainsRegex("  within the context limit +1,000 +0\\.0110"));
  EXPECT_THAT(text, Not(HasSubstr("beyond")));
  EXPECT_THAT(text, ContainsRegex("  m +700 +0\\.0100"));
  EXPECT_THAT(text, ContainsRegex("  C = 1\\.000e23 FLOP, limit 8k +500 +0\\.0200 +0\\.0300 +\\+0\\.0100\n"));
  EXPECT_THAT(text, HasSubstr("25 of 30 group means inside the 90 % band"));
  EXPECT_THAT(text, HasSubstr("2 more not judged"));
  EXPECT_THAT(text, HasSubstr("1 record outside the fitted range of compute or prompt length"));
}

TEST(EvaluationTableTest, TotalsSeveralTasks) {
  v1::EvaluateResponse response;
  *response.add_evaluations() = SampleEvaluation();
  *response.mutable_all() = SampleEvaluation().all();
  EXPECT_THAT(EvaluationTables(response), Not(HasSubstr("All tasks")));
  *response.add_evaluations() = SampleEvaluation();
  response.mutable_all()->set_record_count(2400);
  EXPECT_THAT(EvaluationTables(response), ContainsRegex("All tasks\n(.|\n)*  all +2,400 +0\\.0123"));
}

TEST(EvaluationTableTest, NamesNoLimitWhereThereIsNone) {
  v1::Evaluation evaluation = SampleEvaluation();
  evaluation.mutable_models(1)->clear_context_limit_tokens();
  EXPECT_THAT(EvaluationTable(evaluation), ContainsRegex("  C = 1\\.000e23 FLOP +500 "));
  evaluation.clear_within_limit();
  EXPECT_THAT(EvaluationTable(evaluation), HasSubstr("(by compute and octave of prompt"));
}

TEST(EvaluationTableTest, SaysWhyThereIsNoBandAndCountsOneInTheSingular) {
  v1::Evaluation evaluation = SampleEvaluation();
  evaluation.mutable_band_coverage()->set_undetermined_count(1);
  EXPECT_THAT(EvaluationTable(evaluation), HasSubstr("1 more not judged"));
  evaluation.clear_band_coverage();
  evaluation.set_no_band_reason("one cluster only: there is nothing to resample");
  EXPECT_THAT(EvaluationTable(evaluation),
              HasSubstr("  band  none (one cluster only: there is nothing to resample)\n"));
}

}  // namespace
}  // namespace ctxfit

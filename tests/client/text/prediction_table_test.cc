#include "client/text/prediction_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "google/protobuf/text_format.h"

namespace ctxfit {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

v1::PredictResponse SampleResponse() {
  v1::PredictResponse response;
  google::protobuf::TextFormat::ParseFromString(R"pb(
                                                  predictions {
                                                    training_compute_flops: [ 7.7e22, 1e25 ]
                                                    prompt_tokens: [ 4096, 131072 ]
                                                    context_limit_tokens: [ 8192, 8192 ]
                                                    score: [ 0.5, 0.25 ]
                                                    mean_lower: [ 0.45, 0 ]
                                                    mean_upper: [ 0.55, 1 ]
                                                    determined: [ true, false ]
                                                    extrapolated: [ false, true ]
                                                  }
                                                  confidence: 0.9
                                                  warnings: "compute is extrapolated"
                                                )pb",
                                                &response);
  return response;
}

TEST(PredictionTableTest, ShowsBandsAndMarksUndeterminedAndExtrapolatedPoints) {
  const std::string text = PredictionTable("arithmetic", SampleResponse());
  EXPECT_THAT(text, HasSubstr("arithmetic\n\n  ! compute is extrapolated\n"));
  EXPECT_THAT(text, HasSubstr("90 % from"));
  EXPECT_THAT(text, ContainsRegex("7\\.700e22 +4096 +8192 +0\\.5000 +0\\.4500 +0\\.5500\n"));
  EXPECT_THAT(text, ContainsRegex("131072 +8192 .*not determined by the observations, extrapolated\n"));
}

TEST(PredictionTableTest, LeavesOutVariablesThatWereNotGiven) {
  v1::PredictResponse response = SampleResponse();
  response.mutable_predictions()->clear_prompt_tokens();
  response.mutable_predictions()->clear_context_limit_tokens();
  const std::string text = PredictionTable("", response);
  EXPECT_THAT(text, Not(HasSubstr("prompt")));
  EXPECT_THAT(text, Not(HasSubstr("context limit")));
  EXPECT_THAT(text, ContainsRegex("7\\.700e22 +0\\.5000 +0\\.4500 +0\\.5500\n"));
}

TEST(PredictionTableTest, NamesEveryBand) {
  v1::PredictResponse response = SampleResponse();
  for (const double end : {0.4, 0.0}) response.mutable_predictions()->add_simultaneous_lower(end);
  for (const double end : {0.6, 1.0}) response.mutable_predictions()->add_simultaneous_upper(end);
  for (const double end : {0.3, 0.0}) response.mutable_predictions()->add_new_mean_lower(end);
  for (const double end : {0.7, 1.0}) response.mutable_predictions()->add_new_mean_upper(end);
  const std::string text = PredictionTable("", response);
  EXPECT_THAT(text, ContainsRegex("90 % from +to +90 % of all from +to +90 % of a new mean from +to"));
  EXPECT_THAT(text, ContainsRegex("0\\.5000 +0\\.4500 +0\\.5500 +0\\.4000 +0\\.6000 +0\\.3000 +0\\.7000\n"));
}

TEST(PredictionTableTest, OmitsBandsWithoutReplicates) {
  v1::PredictResponse response = SampleResponse();
  response.mutable_predictions()->clear_mean_lower();
  response.mutable_predictions()->clear_mean_upper();
  EXPECT_THAT(PredictionTable("", response), Not(HasSubstr("90 %")));
}

TEST(PredictionTableTest, AWithheldBandHasNoNumbers) {
  v1::PredictResponse response = SampleResponse();
  response.mutable_predictions()->set_determined(1, true);
  for (const bool withheld : {false, true}) response.mutable_predictions()->add_band_withheld(withheld);
  EXPECT_THAT(PredictionTable("", response), ContainsRegex("131072 +8192 +0\\.2500 +- +- +extrapolated, no band\n"));
}

}  // namespace
}  // namespace ctxfit

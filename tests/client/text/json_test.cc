#include "client/text/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "google/protobuf/util/message_differencer.h"
#include "tests/client/input/temporary_file.h"
#include "tests/client/sample_fit.h"

namespace ctxfit {
namespace {

using ::testing::HasSubstr;

v1::FitResponse SampleResponse() {
  v1::FitResponse response;
  *response.add_fits() = SampleFit();
  return response;
}

TEST(ToJsonTest, UsesProtoFieldNamesAndWritesZeros) {
  const auto json = nlohmann::json::parse(ToJson(SampleResponse()));
  EXPECT_EQ(json["fits"][0]["parameters"]["compute_exponent"], 0.5);
  EXPECT_EQ(json["fits"][0]["search"]["non_finite_count"], "0");  // 64-bit integers are text in proto JSON
  EXPECT_FALSE(json["fits"][0]["estimates"][1].contains("lower"));
}

TEST(ToJsonTest, IndentsObjectsAndKeepsPlainArraysOnOneLine) {
  v1::FitResponse response = SampleResponse();
  response.mutable_fits(0)->mutable_replicates()->add_compute_coefficient(0.9);
  response.mutable_fits(0)->mutable_diagnostics()->add_warnings("with \"quotes\", [brackets] and {braces}");
  const std::string text = ToJson(response);
  EXPECT_THAT(text, HasSubstr("\n        \"compute_coefficient\": [0.8, 0.9],\n"));
  EXPECT_THAT(text, HasSubstr("\"with \\\"quotes\\\", [brackets] and {braces}\"]"));
}

TEST(ReadFitResponseTest, ReadsBackEveryBitOfAFit) {
  v1::FitResponse response = SampleResponse();
  response.mutable_fits(0)->mutable_parameters()->set_compute_exponent(0.1 + 0.2);
  response.mutable_fits(0)->set_task("ta\"sk\\ \n\u03B1");
  const TemporaryFile file(ToJson(response));
  const absl::StatusOr<v1::FitResponse> read = ReadFitResponse(file.path());
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(*read, response));
}

TEST(ReadFitResponseTest, SkipsUnknownFields) {
  const TemporaryFile file(R"({"fits": [{"task": "t", "later": 1}], "also_later": {}})");
  EXPECT_TRUE(ReadFitResponse(file.path()).ok());
}

TEST(ReadFitResponseTest, RefusesJsonWithoutAFit) {
  const auto error = [](const std::string& content) {
    const TemporaryFile file(content);
    return std::string(ReadFitResponse(file.path()).status().message());
  };
  EXPECT_THAT(error("{}"), HasSubstr("holds no fits"));
  EXPECT_THAT(error("a,b\n1,2\n"), HasSubstr("not the JSON that `ctxfit fit --out` writes"));
  EXPECT_THAT(error(""), HasSubstr("not the JSON that `ctxfit fit --out` writes"));
  EXPECT_THAT(std::string(ReadFitResponse("/nonexistent").status().message()), HasSubstr("cannot be read"));
}

}  // namespace
}  // namespace ctxfit

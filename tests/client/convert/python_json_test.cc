#include "client/convert/python_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "absl/status/statusor.h"
#include "tests/client/convert/convert_fixture.h"

namespace ctxfit {
namespace {

using nlohmann::json;
using ::testing::EndsWith;
using ::testing::HasSubstr;

TEST(PythonJsonTest, ReadsNanAndInfinitiesAsText) {
  const absl::StatusOr<json> value = ParsePythonJson(R"({"NaN \" Infinity": [NaN, Infinity, -Infinity, "NaN", 1]})");
  ASSERT_TRUE(value.ok()) << value.status();
  EXPECT_EQ(*value, json::parse(R"({"NaN \" Infinity": ["NaN", "Infinity", "-Infinity", "NaN", 1]})"));
}

TEST(PythonJsonTest, NamesTheByteOfASyntaxError) {
  EXPECT_THAT(ErrorOf(ParsePythonJson(R"({"a": x})")), EndsWith("from byte 7 on"));
  EXPECT_THAT(ErrorOf(ParsePythonJson(R"({"b": NaN, "c": Infinity, "a": x})")), EndsWith("from byte 32 on"));
  EXPECT_THAT(ErrorOf(ParsePythonJson(R"({"a": [1, 2)")), EndsWith("cut off after byte 11"));
  EXPECT_THAT(ErrorOf(ParsePythonJson(R"({"a": [NaN, 2)")), EndsWith("cut off after byte 13"));
  EXPECT_THAT(ErrorOf(ParsePythonJson("")), EndsWith("cut off after byte 0"));
  EXPECT_THAT(ErrorOf(ParsePythonJson("[\"\xff\"]")), EndsWith("from byte 3 on"));
  EXPECT_THAT(ErrorOf(ParsePythonJson("[1e999]")), HasSubstr("too large"));
}

TEST(PythonJsonTest, AcceptsScoresFrom0To1Only) {
  EXPECT_EQ(*ScoreOf("s", 0), 0);
  EXPECT_EQ(*ScoreOf("s", 1.0), 1);
  EXPECT_EQ(*ScoreOf("s", true), 1);
  EXPECT_EQ(*ScoreOf("s", 2e-308), 2e-308);
  EXPECT_EQ(ErrorOf(ScoreOf("s", 1.5)), "s = 1.5: must be a number in [0, 1]");
  EXPECT_EQ(ErrorOf(ScoreOf("s", -0.1)), "s = -0.1: must be a number in [0, 1]");
  EXPECT_EQ(ErrorOf(ScoreOf("s", "NaN")), "s = NaN: must be a number in [0, 1]");
  EXPECT_EQ(ErrorOf(ScoreOf("s", "good")), "s = \"good\": must be a number in [0, 1]");
  EXPECT_EQ(ErrorOf(ScoreOf("s", json::array({1, 2}))), "s = [1,2]: must be a number in [0, 1]");
}

TEST(PythonJsonTest, AcceptsPositivePromptLengthsOnly) {
  EXPECT_EQ(*PromptTokensOf("n", 25), 25);
  EXPECT_EQ(*PromptTokensOf("n", 2.5), 2.5);
  for (const json& value : {json(0), json(-1), json(), json("NaN"), json(true)}) {
    EXPECT_THAT(ErrorOf(PromptTokensOf("n", value)), HasSubstr("must be a number of tokens, finite and > 0"));
  }
}

TEST(PythonJsonTest, MemberOfANonObjectIsNull) {
  EXPECT_EQ(Member(json{{"a", 1}}, "a"), 1);
  EXPECT_TRUE(Member(json{{"a", 1}}, "b").is_null());
  EXPECT_TRUE(Member(json(3), "b").is_null());
}

}  // namespace
}  // namespace ctxfit

#include "client/input/where_expression.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/status/status.h"

namespace ctxfit {
namespace {

using ::testing::HasSubstr;

std::vector<std::string> Columns() { return {"prompt_tokens", "score", "model", "shots", "odd name"}; }

bool Matches(const std::string& text, const std::vector<std::string>& fields = {"900", "0.5", "llama", "7", "x"}) {
  const absl::StatusOr<WhereExpression> where = WhereExpression::Parse(text, Columns());
  EXPECT_TRUE(where.ok()) << where.status();
  const absl::StatusOr<bool> matches = where->Matches(fields);
  EXPECT_TRUE(matches.ok()) << matches.status();
  return *matches;
}

std::string ErrorOf(const std::string& text) {
  const absl::Status status = WhereExpression::Parse(text, Columns()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
  return std::string(status.message());
}

TEST(WhereExpressionTest, ComparesNumbersByValue) {
  EXPECT_TRUE(Matches("prompt_tokens < 10000"));  // "900" is greater as text
  EXPECT_FALSE(Matches("prompt_tokens < 900"));
  EXPECT_TRUE(Matches("prompt_tokens <= 9e2"));
  EXPECT_TRUE(Matches("prompt_tokens >= 900.0"));
  EXPECT_FALSE(Matches("prompt_tokens > 900"));
  EXPECT_TRUE(Matches("score == .5"));
  EXPECT_TRUE(Matches("score != -0.5"));
  EXPECT_TRUE(Matches("1000 > prompt_tokens"));
  EXPECT_TRUE(Matches("shots < prompt_tokens"));  // prompt_tokens is known to hold numbers
}

TEST(WhereExpressionTest, ComparesTextByItsBytes) {
  EXPECT_TRUE(Matches("model == \"llama\""));
  EXPECT_TRUE(Matches("model != 'Llama'"));
  EXPECT_TRUE(Matches("model < 'lz'"));
  EXPECT_TRUE(Matches("shots == '7'"));
  EXPECT_FALSE(Matches("shots == '7.0'"));
  EXPECT_TRUE(Matches("`odd name` == 'x'"));
}

TEST(WhereExpressionTest, CombinesConditions) {
  EXPECT_TRUE(Matches("score > 1 or score < 1 and shots == 7"));
  EXPECT_FALSE(Matches("(score > 1 or score < 1) and shots == 8"));
  EXPECT_TRUE(Matches("score < 1 or score > 1 and shots == 8"));  // "and" binds closer
  EXPECT_TRUE(Matches("not score > 1 and not (shots == 8 or model == 'x')"));
  EXPECT_TRUE(Matches("not not score < 1"));
}

TEST(WhereExpressionTest, ComparesAnEmptyFieldFalseWithEveryNumber) {
  const std::vector<std::string> fields = {"900", "0.5", "llama", "", "x"};
  EXPECT_FALSE(Matches("shots == 7", fields));
  EXPECT_FALSE(Matches("shots < 7", fields));
  EXPECT_FALSE(Matches("shots != 7", fields));
  EXPECT_TRUE(Matches("shots == ''", fields));
}

TEST(WhereExpressionTest, RefusesTextComparedAsANumber) {
  const absl::StatusOr<WhereExpression> where = WhereExpression::Parse("model > 3", Columns());
  ASSERT_TRUE(where.ok());
  const absl::Status status = where->Matches({"900", "0.5", "llama", "7", "x"}).status();
  EXPECT_THAT(std::string(status.message()), HasSubstr("model = \"llama\": must be a number"));
}

TEST(WhereExpressionTest, SyntaxErrorPointsAtItsPosition) {
  EXPECT_THAT(ErrorOf("score > 0 and nope == 1"), HasSubstr("position 15: there is no column \"nope\""));
  EXPECT_THAT(ErrorOf("score > 0 and nope == 1"), HasSubstr("\n    score > 0 and nope == 1\n                  ^"));
  EXPECT_THAT(ErrorOf(""), HasSubstr("position 1: a column, a number or a text in quotes is expected"));
  EXPECT_THAT(ErrorOf("score"), HasSubstr("position 6: one of == != < <= > >= is expected"));
  EXPECT_THAT(ErrorOf("score = 1"), HasSubstr("position 7: equality is written =="));
  EXPECT_THAT(ErrorOf("score > 1 shots < 2"), HasSubstr("position 11: \"and\", \"or\" or the end is expected"));
  EXPECT_THAT(ErrorOf("(score > 1"), HasSubstr("position 11: a closing parenthesis is expected"));
  EXPECT_THAT(ErrorOf("score > 1)"), HasSubstr("position 10"));
  EXPECT_THAT(ErrorOf("model == 'x"), HasSubstr("position 10: the text that begins here has no end"));
  EXPECT_THAT(ErrorOf("score > 1x"), HasSubstr("position 9: \"1x\" is not a number"));
  EXPECT_THAT(ErrorOf("score > 1 & shots"), HasSubstr("position 11: this begins no column"));
  EXPECT_THAT(ErrorOf("score == 'high'"), HasSubstr("position 10: text is compared with the number score"));
  EXPECT_THAT(ErrorOf("'7' == 7"), HasSubstr("position 1: text is compared with the number 7"));
}

TEST(WhereExpressionTest, RefusesNestingThatWouldOverflowTheStack) {
  EXPECT_THAT(ErrorOf(std::string(100000, '(')), HasSubstr("too deeply nested"));
  std::string negations;
  for (int i = 0; i < 100000; ++i) negations += "not ";
  EXPECT_THAT(ErrorOf(negations), HasSubstr("too deeply nested"));
}

}  // namespace
}  // namespace ctxfit

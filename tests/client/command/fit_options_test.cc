#include "client/command/fit_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/status/status.h"

namespace ctxfit {
namespace {

using ::testing::HasSubstr;

TEST(ParsePenaltyTest, ParsesTokensAndPercents) {
  EXPECT_EQ(ParsePenalty({"128", "", false})->width_tokens(), 128);
  EXPECT_EQ(ParsePenalty({"12.5%", "", false})->width_ratio(), 0.125);
  EXPECT_EQ(ParsePenalty({"", "1.3", false})->onset_ratio(), 1.3);
  EXPECT_TRUE(ParsePenalty({"", "", true})->none());
  EXPECT_TRUE(ParsePenalty({"fit", "", false})->fit_width());
  EXPECT_TRUE(ParsePenalty({"", "fit", false})->fit_onset());
  EXPECT_EQ(ParsePenalty({"", "", false})->width_case(), v1::Penalty::WIDTH_NOT_SET);
}

TEST(ParsePenaltyTest, RefusesMalformedWidthsAndOnsets) {
  const auto error = [](const PenaltyArguments& arguments) {
    const absl::Status status = ParsePenalty(arguments).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    return std::string(status.message());
  };
  EXPECT_THAT(error({"wide", "", false}), HasSubstr("--penalty-width \"wide\": must be a number of tokens"));
  EXPECT_THAT(error({"%", "", false}), HasSubstr("--penalty-width \"%\""));
  EXPECT_THAT(error({"", "late", false}), HasSubstr("--penalty-onset \"late\": must be a number"));
  EXPECT_THAT(error({"1", "", true}), HasSubstr("--no-penalty: excludes"));
}

TEST(ParseAsymptoteTest, ParsesScoresForAllAndForSingleTasks) {
  const v1::Asymptote floor = ParseAsymptote("--floor", {"0.1", "qa=0.25", "a=b=0.5"}).value();
  EXPECT_EQ(floor.value(), 0.1);
  EXPECT_EQ(floor.by_task().at("qa"), 0.25);
  EXPECT_EQ(floor.by_task().at("a=b"), 0.5);
  EXPECT_TRUE(ParseAsymptote("--floor", {"fit"})->fitted());
  for (const char* wrong : {"", "high", "qa=", "qa=high"}) {
    EXPECT_THAT(std::string(ParseAsymptote("--floor", {wrong}).status().message()), HasSubstr("must be a score"))
        << wrong;
  }
}

TEST(ParseFixedTest, ParsesNameAndValue) {
  EXPECT_EQ(ParseFixed("compute_exponent=0.5")->name(), "compute_exponent");
  EXPECT_EQ(ParseFixed("compute_exponent=0.5")->value(), 0.5);
  for (const char* wrong : {"", "compute_exponent", "=1", "compute_exponent=", "compute_exponent=a", "a=1=2"}) {
    EXPECT_THAT(std::string(ParseFixed(wrong).status().message()), HasSubstr("must be NAME=VALUE")) << wrong;
  }
}

TEST(ParseBoundTest, ParsesNameAndTwoEnds) {
  const absl::StatusOr<v1::Bound> bound = ParseBound("context_exponent=0:2.5");
  ASSERT_TRUE(bound.ok());
  EXPECT_EQ(bound->name(), "context_exponent");
  EXPECT_EQ(bound->lower(), 0);
  EXPECT_EQ(bound->upper(), 2.5);
  for (const char* wrong : {"", "a", "a=1", "a=1:", "a=:2", "=1:2", "a=1:2:3", "a=x:2"}) {
    EXPECT_THAT(std::string(ParseBound(wrong).status().message()), HasSubstr("must be NAME=LOW:HIGH")) << wrong;
  }
}

}  // namespace
}  // namespace ctxfit

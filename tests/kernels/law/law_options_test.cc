#include "kernels/law/law_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "kernels/law/domain.h"
#include "kernels/law/parameters.h"
#include "kernels/law/penalty_at.h"

namespace ctxfit {
namespace {

using ::testing::HasSubstr;

TEST(LawOptionsTest, DefaultOptionsAreValid) { EXPECT_TRUE(ValidateLaw(LawOptions{}).ok()); }

struct BadOption {
  std::function<void(LawOptions&)> set;
  std::string message;
};

TEST(LawOptionsTest, ValidateNamesFieldValueAndRuleOfABadOption) {
  const BadOption bad_options[] = {
      {[](LawOptions& o) { o.penalty.width = 0; }, "options.penalty.width_tokens = 0: must be finite and > 0"},
      {[](LawOptions& o) {
         o.penalty = {Penalty::Form::kRatio, -1, 1};
       },
       "options.penalty.width_ratio = -1: must be finite and > 0"},
      {[](LawOptions& o) { o.penalty.onset_ratio = std::nan(""); },
       "options.penalty.onset_ratio = nan: must be finite and > 0"},
      {[](LawOptions& o) {
         o.parameters[kLogComputeCoefficient].bounds = {0, 1};
       },
       "options.bounds[compute_coefficient].lower = 0: must be finite and > 0"},
      {[](LawOptions& o) {
         o.parameters[kContextExponent].bounds = {-1, 1};
       },
       "options.bounds[context_exponent].lower = -1: must be finite and >= 0"},
      {[](LawOptions& o) {
         o.parameters[kComputeExponent].bounds = {2, 2};
       },
       "options.bounds[compute_exponent].upper = 2: must be finite and > its lower bound 2"},
      {[](LawOptions& o) { o.parameters[kLogContextCoefficient].fixed = -3; },
       "options.fixed[context_coefficient].value = -3: must be finite and > 0"},
      {[](LawOptions& o) { o.compute_reference_flops = 0; },
       "options.compute_reference_flops = 0: must be finite and > 0"},
      {[](LawOptions& o) { o.prompt_reference_tokens = INFINITY; },
       "options.prompt_reference_tokens = inf: must be finite and > 0"},
  };
  for (const BadOption& bad : bad_options) {
    LawOptions options;
    bad.set(options);
    const absl::Status status = ValidateLaw(options);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << bad.message;
    EXPECT_THAT(std::string(status.message()), HasSubstr(bad.message));
  }
}

// The splits of a fitted floor and ceiling for scores of some mean.
std::pair<Range, Range> Asymptotes(std::optional<double> floor, std::optional<double> ceiling, double mean) {
  LawOptions options;
  options.parameters[kFloor].fixed = floor;
  options.parameters[kHeadroom].fixed = ceiling;
  options = WithAsymptoteBounds(options, mean);
  EXPECT_TRUE(ValidateLaw(options).ok()) << ValidateLaw(options);
  return {BoundsOf(options, kFloor), BoundsOf(options, kHeadroom)};
}

TEST(LawOptionsTest, FittedAsymptotesMeetAtTheMeanScoreOrAtOneHalf) {
  EXPECT_EQ(Asymptotes({}, {}, 0.3).first.upper, 0.3);
  EXPECT_EQ(Asymptotes({}, {}, 0.3).second.lower, 0.3);
  EXPECT_EQ(Asymptotes({}, {}, 0.8).second.lower, 0.5);
  EXPECT_GT(Asymptotes({}, {}, 0).first.upper, 0);
}

TEST(LawOptionsTest, AFittedAsymptoteKeepsApartFromTheOther) {
  EXPECT_EQ(Asymptotes(0, {}, 0.2).second.lower, 0.2);
  EXPECT_GT(Asymptotes(0.4, {}, 0.2).second.lower, 0.4);
  EXPECT_LT(Asymptotes({}, 0.3, 0.2).first.upper, 0.3);
  EXPECT_EQ(Asymptotes({}, 1, 0.2).first.upper, 0.5);
}

TEST(LawOptionsTest, GivenBoundsOfAsymptotesStand) {
  LawOptions options;
  options.parameters[kHeadroom] = {Range{0.1, 0.9}, {}};
  EXPECT_EQ(BoundsOf(WithAsymptoteBounds(options, 0.7), kHeadroom).lower, 0.1);
}

// exp(ln 100) is above 100.
TEST(DomainTest, NoParameterLeavesItsBoundsByRounding) {
  for (int i = 0; i < kFloor; ++i) {
    const auto coordinate = static_cast<Coordinate>(i);
    LawOptions options;
    options.fit_penalty_width = options.fit_penalty_onset = true;
    for (const Range bounds : {Range{1e-6, 100}, Range{0.3, 0.7}, Range{3, 1e5}, Range{0.1, 49}}) {
      options.parameters[i].bounds = bounds;
      const Domain domain = MakeDomain(options);
      EXPECT_GE(ToParameter(coordinate, domain.lower.at[i], options.penalty), bounds.lower);
      EXPECT_LE(ToParameter(coordinate, domain.upper.at[i], options.penalty), bounds.upper);
      EXPECT_NEAR(ToParameter(coordinate, domain.upper.at[i], options.penalty), bounds.upper, 1e-13 * bounds.upper);
    }
  }
}

TEST(DomainTest, HoldsBoundsAndFixedValuesAsCoordinates) {
  LawOptions options;
  options.parameters[kLogComputeCoefficient].bounds = {0.5, 2};
  options.parameters[kContextExponent].fixed = 0.7;
  const Domain domain = MakeDomain(options);
  EXPECT_DOUBLE_EQ(domain.lower.at[kLogComputeCoefficient], std::log(0.5));
  EXPECT_DOUBLE_EQ(domain.upper.at[kLogComputeCoefficient], std::log(2));
  EXPECT_DOUBLE_EQ(domain.lower.at[kComputeExponent], 0);
  EXPECT_DOUBLE_EQ(domain.lower.at[kContextExponent], 0.7);
  EXPECT_DOUBLE_EQ(domain.upper.at[kContextExponent], 0.7);
  EXPECT_FALSE(domain.free[kContextExponent]);
  EXPECT_EQ(domain.free_count(), 3);
}

TEST(PenaltyTest, FactorIsHalfAtTheOnsetAndOneWithoutAPenalty) {
  EXPECT_DOUBLE_EQ(PenaltyFactor({Penalty::Form::kTokens, 1, 1}, 4096, 4096), 0.5);
  EXPECT_DOUBLE_EQ(PenaltyFactor({Penalty::Form::kRatio, 0.1, 1.25}, 5120, 4096), 0.5);
  EXPECT_DOUBLE_EQ(PenaltyFactor({Penalty::Form::kNone, 1, 1}, 1e6, 4096), 1);
  // One width beyond the onset: 1 / (1 + e).
  EXPECT_NEAR(PenaltyFactor({Penalty::Form::kRatio, 0.1, 1}, 4505.6, 4096), 1 / (1 + std::exp(1)), 1e-14);
}

TEST(PenaltyTest, AStepLeavesAPromptAsLongAsTheLimitUnimpairedAndFallsRightBeyondIt) {
  EXPECT_EQ(LawOptions().penalty.lag, kStepPenalty.lag);
  for (const double limit : {2048.0, 4096.0, 131072.0, 1e6}) {
    EXPECT_GE(PenaltyFactor(kStepPenalty, limit, limit), 0.9999) << limit;
    EXPECT_LE(PenaltyFactor(kStepPenalty, limit + 20, limit), 0.0001) << limit;
  }
}

TEST(PenaltyTest, AStepDepartsFromThePublishedFormulaOnlyNextToTheLimit) {
  const Penalty published = {Penalty::Form::kTokens, 1, 1};
  for (double prompt = 3900; prompt <= 4300; ++prompt) {
    const double departure = PenaltyFactor(kStepPenalty, prompt, 4096) - PenaltyFactor(published, prompt, 4096);
    EXPECT_GE(departure, 0) << prompt;
    const bool is_next_to_limit = prompt > 4096 - 7 && prompt < 4096 + 17;
    EXPECT_LT(departure, is_next_to_limit ? 1 : 0.001) << prompt;
  }
}

TEST(PenaltyTest, OnlyAWidthOfOneTokenHasALag) {
  EXPECT_EQ(LagOf(Penalty::Form::kTokens, 1), kStepPenalty.lag);
  EXPECT_EQ(LagOf(Penalty::Form::kTokens, 1000), 0);
  EXPECT_EQ(LagOf(Penalty::Form::kTokens, 0.5), 0);
  EXPECT_EQ(LagOf(Penalty::Form::kRatio, 1), 0);
  EXPECT_EQ(LagOf(Penalty::Form::kNone, 1), 0);
}

TEST(LawOptionsTest, AFloorAboveTheCeilingIsRefusedByName) {
  LawOptions options;
  options.parameters[kFloor].fixed = 0.6;
  options.parameters[kHeadroom].fixed = 0.5;
  EXPECT_EQ(ValidateLaw(options).message(), "options.floor = 0.6: must be below the ceiling 0.5");
  options.parameters[kHeadroom].fixed = 1;
  options.ceiling_by_task["qa"] = 0.3;
  EXPECT_EQ(ValidateLaw(options).message(), "options.floor = 0.6: must be below the ceiling 0.3");
  options.ceiling_by_task["qa"] = 1.3;
  EXPECT_EQ(ValidateLaw(options).message(), "options.ceiling.by_task[\"qa\"] = 1.3: must be in [0, 1]");
}

}  // namespace
}  // namespace ctxfit

#include "server/wire/options_conversion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "google/protobuf/text_format.h"
#include "google/protobuf/util/message_differencer.h"
#include "kernels/fit/options.h"

namespace ctxfit {
namespace {

using google::protobuf::TextFormat;
using google::protobuf::util::MessageDifferencer;
using ::testing::HasSubstr;

v1::FitOptions Parse(const std::string& text) {
  v1::FitOptions options;
  EXPECT_TRUE(TextFormat::ParseFromString(text, &options)) << text;
  return options;
}

TEST(OptionsConversionTest, EmptyOptionsAreTheDocumentedDefaults) {
  const absl::StatusOr<FitOptions> options = FromProto(v1::FitOptions());
  ASSERT_TRUE(options.ok()) << options.status();
  const v1::FitOptions expected = Parse(R"pb(
    penalty { width_tokens: 1 onset_ratio: 1 }
    bounds { name: "compute_coefficient" lower: 1e-6 upper: 100 }
    bounds { name: "compute_exponent" lower: 0 upper: 10 }
    bounds { name: "context_coefficient" lower: 1e-6 upper: 100 }
    bounds { name: "context_exponent" lower: 0 upper: 10 }
    seed: 0
    backend: BACKEND_AUTO
    search { max_generations: 100 tolerance_deviance: 0.1 over: SEARCH_OVER_AUTO }
    bootstrap {
      replicates: 1000
      confidence: 0.95
      resampling: RESAMPLING_AUTO
      weights: WEIGHT_KIND_EXPONENTIAL
      interval: INTERVAL_KIND_PERCENTILE
    }
    floor { value: 0 }
    ceiling { value: 1 }
    loss: LOSS_SQUARED
    backtest: BACKTEST_MODE_AUTO
  )pb");
  const v1::FitOptions filled = ToProto(*options, v1::BACKEND_AUTO);
  EXPECT_TRUE(MessageDifferencer::Equals(filled, expected)) << filled.DebugString();
}

TEST(OptionsConversionTest, EveryOptionSurvivesTheWayThereAndBack) {
  const std::string common = R"pb(
    bounds { name: "compute_coefficient" lower: 0.01 upper: 7 }
    bounds { name: "context_exponent" lower: 0.125 upper: 3 }
    fixed { name: "compute_exponent" value: 0.5 }
    fixed { name: "context_coefficient" value: 2.5 }
    compute_reference_flops: 1e22
    prompt_reference_tokens: 512
    seed: -3
    backend: BACKEND_CPU
    search { candidates: 64 max_generations: 17 tolerance_deviance: 0.25 over: SEARCH_OVER_OBSERVATIONS }
    bootstrap {
      replicates: 20
      confidence: 0.5
      resampling: RESAMPLING_TWO_WAY
      weights: WEIGHT_KIND_POISSON
      interval: INTERVAL_KIND_PERCENTILE
      global_replicates: 10
    }
    profile_intervals: true
    backtest: BACKTEST_MODE_AUTO
  )pb";
  const std::string laws[] = {
      R"pb(loss: LOSS_SQUARED
           penalty { width_tokens: 40 onset_ratio: 0.9 }
           floor { value: 0.25 }
           ceiling {
             value: 0.9
             by_task { key: "a" value: 0.8 }
           })pb",
      R"pb(loss: LOSS_HUBER
           huber_threshold: 0.125
           penalty { width_ratio: 0.125 onset_ratio: 1.5 }
           floor {
             value: 0
             by_task { key: "choice" value: 0.25 }
             by_task { key: "yes" value: 0.5 }
           }
           ceiling { value: 1 })pb",
      R"pb(loss: LOSS_BERNOULLI
           penalty { none: true }
           floor { fitted: true }
           ceiling { fitted: true }
           bounds { name: "floor" lower: 0.1 upper: 0.3 }
           bounds { name: "ceiling" lower: 0.5 upper: 1 })pb",
      R"pb(loss: LOSS_SQUARED
           penalty { width_tokens: 40 fit_width: true fit_onset: true }
           floor { value: 0 }
           ceiling { value: 1 }
           bounds { name: "penalty_width_tokens" lower: 3 upper: 70 }
           bounds { name: "penalty_onset_ratio" lower: 0.25 upper: 16 })pb",
      R"pb(loss: LOSS_SQUARED
           penalty { width_ratio: 0.1 onset_ratio: 1 fit_width: true }
           floor { value: 0 }
           ceiling { value: 1 }
           bounds { name: "penalty_width_ratio" lower: 0.001 upper: 10 })pb",
  };
  for (const std::string& law : laws) {
    v1::FitOptions options = Parse(common + law);
    const absl::StatusOr<FitOptions> converted = FromProto(options);
    ASSERT_TRUE(converted.ok()) << converted.status();
    MessageDifferencer differencer;
    differencer.TreatAsSet(v1::FitOptions::descriptor()->FindFieldByName("bounds"));
    std::string differences;
    differencer.ReportDifferencesToString(&differences);
    EXPECT_TRUE(differencer.Compare(options, ToProto(*converted, v1::BACKEND_CPU))) << differences;
  }
}

TEST(OptionsConversionTest, FixingAChosenNumberIsSettingItsField) {
  const std::pair<std::string, std::string> cases[] = {
      {R"pb(fixed { name: "compute_reference_flops" value: 2e22 })pb", "compute_reference_flops: 2e22"},
      {R"pb(fixed { name: "prompt_reference_tokens" value: 300 })pb", "prompt_reference_tokens: 300"},
      {R"pb(fixed { name: "penalty_width_tokens" value: 30 })pb", "penalty { width_tokens: 30 }"},
      {R"pb(fixed { name: "penalty_width_ratio" value: 0.1 })pb", "penalty { width_ratio: 0.1 }"},
      {R"pb(fixed { name: "penalty_onset_ratio" value: 0.9 })pb", "penalty { onset_ratio: 0.9 }"},
      {R"pb(fixed { name: "penalty_onset_ratio" value: 0.9 }
            penalty { width_tokens: 5 })pb",
       "penalty { onset_ratio: 0.9 width_tokens: 5 }"},
  };
  for (const auto& [fixed, set] : cases) {
    const absl::StatusOr<FitOptions> from_fixed = FromProto(Parse(fixed));
    const absl::StatusOr<FitOptions> from_set = FromProto(Parse(set));
    ASSERT_TRUE(from_fixed.ok() && from_set.ok()) << fixed << from_fixed.status() << from_set.status();
    EXPECT_EQ(ToProto(*from_fixed, v1::BACKEND_CPU).DebugString(), ToProto(*from_set, v1::BACKEND_CPU).DebugString());
    EXPECT_NE(ToProto(*from_set, v1::BACKEND_CPU).DebugString(), ToProto({}, v1::BACKEND_CPU).DebugString());
  }
}

TEST(OptionsConversionTest, OnlyAStepThatIsHeldHasALag) {
  const std::pair<std::string, double> cases[] = {
      {"", kStepPenalty.lag},
      {"penalty { width_tokens: 1 onset_ratio: 1 }", kStepPenalty.lag},
      {R"pb(fixed { name: "penalty_width_tokens" value: 1 })pb", kStepPenalty.lag},
      {R"pb(fixed { name: "penalty_width_tokens" value: 30 })pb", 0},
      {"penalty { width_tokens: 1000 }", 0},
      {"penalty { width_ratio: 1 }", 0},
      {"penalty { width_tokens: 1 fit_width: true }", 0},
      {"penalty { width_tokens: 1 fit_onset: true }", 0},
      {"penalty { fit_onset: true fit_width: true }", 0},
  };
  for (const auto& [options, lag] : cases) {
    const absl::StatusOr<FitOptions> converted = FromProto(Parse(options));
    ASSERT_TRUE(converted.ok()) << options << converted.status();
    EXPECT_EQ(converted->penalty.lag, lag) << options;
  }
}

// Options that break a rule, and what the message must say.
struct Broken {
  std::string name;
  std::string options;
  std::string message;
};

class BrokenOptionsTest : public ::testing::TestWithParam<Broken> {};

TEST_P(BrokenOptionsTest, BrokenOptionsAreRefusedByNameValueAndRule) {
  const absl::Status status = FromProto(Parse(GetParam().options)).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr(GetParam().message));
}

const std::vector<Broken> kBrokenNames = {
    {"UnknownBound", R"pb(bounds { name: "compute_exponent" upper: 1 }
                          bounds { name: "gamma" upper: 1 })pb",
     "options.bounds[1].name = \"gamma\": must be one of compute_coefficient, compute_exponent, "
     "context_coefficient, context_exponent"},
    {"UnfittedBound", R"pb(bounds { name: "penalty_width_tokens" lower: 1 upper: 2 })pb",
     "options.bounds[0].name = \"penalty_width_tokens\": must be one of"},
    {"EmptyBound", "bounds { lower: 1 upper: 2 }", "options.bounds[0].name = \"\": must be one of"},
    {"BoundTwice", R"pb(bounds { name: "compute_exponent" upper: 1 }
                        bounds { name: "compute_exponent" upper: 2 })pb",
     "options.bounds[1].name = \"compute_exponent\": must have one bound only"},
    {"UnknownFixed", R"pb(fixed { name: "gamma" value: 1 })pb",
     "options.fixed[0].name = \"gamma\": must be one of compute_coefficient"},
    {"FixedTwice", R"pb(fixed { name: "compute_exponent" value: 1 }
                        fixed { name: "compute_exponent" value: 1 })pb",
     "options.fixed[1].name = \"compute_exponent\": must be fixed once only"},
    {"BothWidthsFixed", R"pb(fixed { name: "penalty_width_tokens" value: 1 }
                             fixed { name: "penalty_width_ratio" value: 1 })pb",
     "options.fixed[1].name = \"penalty_width_ratio\": must be fixed once only"},
    {"FixedAndBounded", R"pb(bounds { name: "context_exponent" upper: 1 }
                             fixed { name: "context_exponent" value: 0.5 })pb",
     "options.fixed[0].name = \"context_exponent\": must not be bounded as well"},
};
INSTANTIATE_TEST_SUITE_P(Names, BrokenOptionsTest, ::testing::ValuesIn(kBrokenNames),
                         [](const auto& test) { return test.param.name; });

const std::vector<Broken> kBrokenChoices = {
    {"BcaOfTwoWay", "bootstrap { resampling: RESAMPLING_TWO_WAY interval: INTERVAL_KIND_BCA }",
     "options.bootstrap.interval = BCA: must be PERCENTILE in two-way resampling"},
    {"UnknownInterval", "bootstrap { interval: 9 }", "options.bootstrap.interval = 9: must be a value of IntervalKind"},
    {"UnknownLoss", "loss: 7", "options.loss = 7: must be a value of Loss"},
    {"ThresholdOfAnotherLoss", "loss: LOSS_BERNOULLI huber_threshold: 0.1",
     "options.huber_threshold = 0.1: must be unset where the loss is not HUBER"},
    {"HuberThreshold", "loss: LOSS_HUBER huber_threshold: 0", "options.huber_threshold = 0: must be in (0, 1]"},
    {"NoneFalse", "penalty { none: false }", "options.penalty.none = false: must be true"},
    {"WidthOfNone", R"pb(penalty { none: true }
                         fixed { name: "penalty_width_tokens" value: 1 })pb",
     "options.fixed[0].name = \"penalty_width_tokens\": contradicts options.penalty.none"},
    {"OnsetOfNone", R"pb(penalty { none: true }
                         fixed { name: "penalty_onset_ratio" value: 1 })pb",
     "options.fixed[0].name = \"penalty_onset_ratio\": contradicts options.penalty.none"},
    {"WidthSetTwice", R"pb(penalty { width_tokens: 1 }
                           fixed { name: "penalty_width_ratio" value: 1 })pb",
     "options.fixed[0].name = \"penalty_width_ratio\": contradicts options.penalty.width"},
    {"OnsetSetTwice", R"pb(penalty { onset_ratio: 1 }
                           fixed { name: "penalty_onset_ratio" value: 1 })pb",
     "options.fixed[0].name = \"penalty_onset_ratio\": contradicts options.penalty.onset_ratio"},
    {"WidthFittedAndFixed", R"pb(penalty { fit_width: true }
                                 fixed { name: "penalty_width_ratio" value: 1 })pb",
     "options.fixed[0].name = \"penalty_width_ratio\": contradicts options.penalty.fit_width"},
    {"OnsetFittedAndSet", "penalty { onset_ratio: 2 fit_onset: true }",
     "options.penalty.onset_ratio = 2: must be unset where it is fitted"},
    {"FittedOfNone", "penalty { none: true fit_onset: true }",
     "options.penalty.none = true: must be unset where width or onset is fitted"},
    {"FittedFalse", "floor { fitted: false }", "options.floor.fitted = false: must be true when set"},
    {"FloorSetTwice", R"pb(floor { value: 0.1 }
                           fixed { name: "floor" value: 0.2 })pb",
     "options.fixed[0].name = \"floor\": contradicts options.floor, which is set too"},
    {"FloorHeldAndBounded", R"pb(bounds { name: "floor" lower: 0 upper: 0.2 })pb",
     "options.bounds[0].name = \"floor\": must be fitted to be bounded"},
    {"ComputeReferenceTwice", R"pb(compute_reference_flops: 1
                                   fixed { name: "compute_reference_flops" value: 1 })pb",
     "options.fixed[0].name = \"compute_reference_flops\": contradicts options.compute_reference_flops"},
    {"PromptReferenceTwice", R"pb(prompt_reference_tokens: 1
                                  fixed { name: "prompt_reference_tokens" value: 1 })pb",
     "options.fixed[0].name = \"prompt_reference_tokens\": contradicts options.prompt_reference_tokens"},
    {"UnknownResampling", "bootstrap { resampling: 9 }",
     "options.bootstrap.resampling = 9: must be a value of Resampling"},
    {"UnknownWeights", "bootstrap { weights: 7 }", "options.bootstrap.weights = 7: must be a value of WeightKind"},
    {"UnknownBackend", "backend: 17", "options.backend = 17: must be a value of Backend"},
};
INSTANTIATE_TEST_SUITE_P(Choices, BrokenOptionsTest, ::testing::ValuesIn(kBrokenChoices),
                         [](const auto& test) { return test.param.name; });

const std::vector<Broken> kBrokenValues = {
    {"WidthTokens", "penalty { width_tokens: 0 }", "options.penalty.width_tokens = 0: must be finite and > 0"},
    {"WidthRatio", "penalty { width_ratio: -1 }", "options.penalty.width_ratio = -1: must be finite and > 0"},
    {"Onset", "penalty { onset_ratio: inf }", "options.penalty.onset_ratio = inf: must be finite and > 0"},
    {"FloorAboveCeiling", "floor { value: 0.6 } ceiling { value: 0.5 }",
     "options.floor = 0.6: must be below the ceiling 0.5"},
    {"FloorOfTask", "floor { by_task { key: \"qa\" value: -1 } }",
     "options.floor.by_task[\"qa\"] = -1: must be in [0, 1]"},
    {"CoefficientAtZero", R"pb(bounds { name: "compute_coefficient" lower: 0 upper: 1 })pb",
     "options.bounds[compute_coefficient].lower = 0: must be finite and > 0"},
    {"NegativeExponent", R"pb(bounds { name: "context_exponent" lower: -0.5 upper: 1 })pb",
     "options.bounds[context_exponent].lower = -0.5: must be finite and >= 0"},
    {"EmptyRange", R"pb(bounds { name: "context_exponent" lower: 2 upper: 2 })pb",
     "options.bounds[context_exponent].upper = 2: must be finite and > its lower bound 2"},
    {"FixedAtNan", R"pb(fixed { name: "context_coefficient" value: nan })pb",
     "options.fixed[context_coefficient].value = nan: must be finite and > 0"},
    {"ComputeReference", "compute_reference_flops: 0", "options.compute_reference_flops = 0: must be finite and > 0"},
    {"PromptReference", "prompt_reference_tokens: -5", "options.prompt_reference_tokens = -5: must be finite and > 0"},
    {"Candidates", "search { candidates: 7 }", "options.search.candidates = 7: must be in [8, 65536]"},
    {"Generations", "search { max_generations: 0 }", "options.search.max_generations = 0: must be in [1, 10000]"},
    {"Tolerance", "search { tolerance_deviance: 0 }", "options.search.tolerance_deviance = 0: must be finite and > 0"},
    {"SearchOver", "search { over: 9 }", "options.search.over = 9: must be a value of SearchOver"},
    {"Replicates", "bootstrap { replicates: 19 }", "options.bootstrap.replicates = 19: must be 0 or in [20, 100000]"},
    {"Confidence", "bootstrap { confidence: 1 }", "options.bootstrap.confidence = 1: must be in (0, 1)"},
};
INSTANTIATE_TEST_SUITE_P(Values, BrokenOptionsTest, ::testing::ValuesIn(kBrokenValues),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace ctxfit

#include "server/wire/predictions_conversion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "google/protobuf/text_format.h"
#include "kernels/law/fitted_law.h"

namespace ctxfit {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A fit that is good to predict from.
constexpr char kFit[] = R"pb(
  fit {
    parameters {
      compute_coefficient: 0.9
      compute_exponent: 0.4
      compute_reference_flops: 1e22
      context_coefficient: 1.1
      context_exponent: 0.6
      prompt_reference_tokens: 1000
      penalty_width_tokens: 1
      penalty_onset_ratio: 1
    }
    bootstrap { confidence: 0.8 }
    replicates {
      compute_coefficient: [ 0.8, 1 ]
      compute_exponent: [ 0.3, 0.5 ]
      context_coefficient: [ 1, 1.2 ]
      context_exponent: [ 0.5, 0.7 ]
    }
    observed_ranges { compute_flops_min: 1e21 compute_flops_max: 1e23 prompt_tokens_min: 10 prompt_tokens_max: 1000 }
  }
)pb";
constexpr char kPoint[] = " points { training_compute_flops: 1e22 prompt_tokens: 100 context_limit_tokens: 4096 }";

// `changes` are merged into the request: a field that stands once takes their value, a list is prolonged.
v1::PredictRequest Request(const std::string& changes) {
  v1::PredictRequest request;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(kFit, &request));
  EXPECT_TRUE(google::protobuf::TextFormat::MergeFromString(changes, &request)) << changes;
  return request;
}

TEST(PredictionsConversionTest, TakesTheLawItsReplicatesAndTheFitsConfidence) {
  const absl::StatusOr<ParsedPredictRequest> task = FromProto(Request(kPoint));
  ASSERT_TRUE(task.ok()) << task.status();
  const Law& law = task->source.law;
  EXPECT_DOUBLE_EQ(law.point.at[kLogComputeCoefficient], std::log(0.9));
  EXPECT_EQ(law.point.at[kComputeExponent], 0.4);
  EXPECT_DOUBLE_EQ(law.point.at[kLogContextCoefficient], std::log(1.1));
  EXPECT_EQ(law.point.at[kContextExponent], 0.6);
  ASSERT_EQ(task->source.replicates.size(), 2u);
  EXPECT_DOUBLE_EQ(task->source.replicates[1].at[kLogContextCoefficient], std::log(1.2));
  EXPECT_EQ(task->source.replicates[1].at[kContextExponent], 0.7);
  EXPECT_EQ(task->options.confidence, 0.8);
  EXPECT_EQ(FromProto(Request(std::string(kPoint) + " confidence: 0.5"))->options.confidence, 0.5);
}

TEST(PredictionsConversionTest, TakesThe95PercentOfAFitWithoutBootstrap) {
  v1::PredictRequest request = Request(kPoint);
  request.mutable_fit()->clear_bootstrap();
  EXPECT_EQ(FromProto(request)->options.confidence, 0.95);
}

TEST(PredictionsConversionTest, GridVariesPromptsFastestThenLimitsThenCompute) {
  const absl::StatusOr<ParsedPredictRequest> task = FromProto(
      Request("grid { training_compute_flops: [1, 2] context_limit_tokens: [30, 40] prompt_tokens: [5, 6] }"));
  ASSERT_TRUE(task.ok()) << task.status();
  EXPECT_THAT(task->points.compute, ElementsAre(1, 1, 1, 1, 2, 2, 2, 2));
  EXPECT_THAT(task->points.limit, ElementsAre(30, 30, 40, 40, 30, 30, 40, 40));
  EXPECT_THAT(task->points.prompt, ElementsAre(5, 6, 5, 6, 5, 6, 5, 6));
}

TEST(PredictionsConversionTest, ParametersOfUnknownIdentificationAreTakenAsIdentified) {
  const absl::StatusOr<ParsedPredictRequest> task = FromProto(
      Request(std::string(kPoint) + R"pb(fit { estimates { name: "compute_exponent" identified: false } })pb"));
  ASSERT_TRUE(task.ok()) << task.status();
  EXPECT_FALSE(task->source.identified[kComputeExponent]);
  EXPECT_TRUE(task->source.identified[kContextExponent]);
}

v1::PredictRequest GridOf(int computes, int limits, int prompts) {
  v1::PredictRequest request = Request("grid {}");
  request.mutable_grid()->mutable_training_compute_flops()->Resize(computes, 1e22);
  request.mutable_grid()->mutable_context_limit_tokens()->Resize(limits, 4096);
  request.mutable_grid()->mutable_prompt_tokens()->Resize(prompts, 100);
  return request;
}

TEST(PredictionsConversionTest, GridHoldsAMillionPointsAndNotOneMore) {
  EXPECT_EQ(FromProto(GridOf(10, 10, 10000))->points.size(), 1000000u);
  const absl::Status status = FromProto(GridOf(1, 1, 1000001)).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("grid has more than 1000000 points"));
  // A product that overflows 32 bits, to 0.
  EXPECT_EQ(FromProto(GridOf(65536, 65536, 1)).status().code(), absl::StatusCode::kInvalidArgument);
}

// A request that breaks a rule, and what the message must say.
struct Broken {
  std::string name;
  std::string changes;
  std::string message;
};

class BrokenPredictionTest : public ::testing::TestWithParam<Broken> {};

TEST_P(BrokenPredictionTest, BrokenRequestsAreRefusedByNameValueAndRule) {
  const absl::Status status = FromProto(Request(GetParam().changes)).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr(GetParam().message));
}

const std::vector<Broken> kBrokenPlaces = {
    {"NoWhere", "", "where is unset"},
    {"NoPoints", "points {}", "points.prompt_tokens has 0 values: must have at least 1"},
    {"MissingColumn", "points { prompt_tokens: [1, 2] training_compute_flops: [1, 2] context_limit_tokens: 1 }",
     "points.context_limit_tokens has 1 values: must have 2, as many as points.prompt_tokens"},
    {"NegativePrompt", "points { prompt_tokens: [1, -2] training_compute_flops: [1, 2] context_limit_tokens: [1, 1] }",
     "points.prompt_tokens[1] = -2: must be finite and > 0"},
    {"InfiniteCompute", "points { prompt_tokens: 1 training_compute_flops: inf context_limit_tokens: 1 }",
     "points.training_compute_flops[0] = inf: must be finite and > 0"},
    {"ZeroLimit", "points { prompt_tokens: 1 training_compute_flops: 1 context_limit_tokens: 0 }",
     "points.context_limit_tokens[0] = 0: must be finite and > 0"},
    {"EmptyAxis", "grid { training_compute_flops: 1 prompt_tokens: 1 }",
     "grid.context_limit_tokens has 0 values: must have at least 1"},
    {"NanOnAxis", "grid { training_compute_flops: 1 context_limit_tokens: 1 prompt_tokens: [1, nan] }",
     "grid.prompt_tokens[1] = nan: must be finite and > 0"},
};
INSTANTIATE_TEST_SUITE_P(Places, BrokenPredictionTest, ::testing::ValuesIn(kBrokenPlaces),
                         [](const auto& test) { return test.param.name; });

const std::vector<Broken> kBrokenFits = {
    {"ConfidenceOne", std::string(kPoint) + " confidence: 1", "confidence = 1: must be in (0, 1)"},
    {"ConfidenceNan", std::string(kPoint) + " confidence: nan", "confidence = nan: must be in (0, 1)"},
    {"BothWidths", std::string(kPoint) + " fit { parameters { penalty_width_ratio: 0.5 } }",
     "fit.parameters.penalty_width_ratio = 0.5: must be unset where penalty_width_tokens is set"},
    {"Coefficient", std::string(kPoint) + " fit { parameters { context_coefficient: 0 } }",
     "fit.parameters.context_coefficient = 0: must be finite and > 0"},
    {"Exponent", std::string(kPoint) + " fit { parameters { compute_exponent: -1 } }",
     "fit.parameters.compute_exponent = -1: must be finite and >= 0"},
    {"Reference", std::string(kPoint) + " fit { parameters { prompt_reference_tokens: inf } }",
     "fit.parameters.prompt_reference_tokens = inf: must be finite and > 0"},
    {"Width", std::string(kPoint) + " fit { parameters { penalty_width_tokens: 0 } }",
     "fit.parameters.penalty_width_tokens = 0: must be finite and > 0"},
    {"Lag", std::string(kPoint) + " fit { parameters { penalty_lag_tokens: -1 } }",
     "fit.parameters.penalty_lag_tokens = -1: must be finite and >= 0"},
    {"Onset", std::string(kPoint) + " fit { parameters { penalty_onset_ratio: -1 } }",
     "fit.parameters.penalty_onset_ratio = -1: must be finite and > 0"},
    {"ReplicateLengths", std::string(kPoint) + " fit { replicates { context_exponent: 1 } }",
     "fit.replicates.context_exponent has 3 values: must have 2, as many as fit.replicates.compute_coefficient"},
    {"ReplicateValue",
     std::string(kPoint) + " fit { replicates { compute_coefficient: 0 compute_exponent: 1 context_coefficient: 1"
                           " context_exponent: 1 } }",
     "fit.replicates.compute_coefficient[2] = 0: must be finite and > 0"},
    {"DriftBeyondOne", std::string(kPoint) + " fit { diagnostics { context_drift { p_value: 1.5 } } }",
     "fit.diagnostics.context_drift.p_value = 1.5: must be in [0, 1]"},
};
const std::vector<Broken> kBrokenNewMeans = {
    {"NoItems", std::string(kPoint) + " new_mean_items: 0", "new_mean_items = 0: must be >= 1"},
    {"NegativeItems", std::string(kPoint) + " new_mean_items: -5", "new_mean_items = -5: must be >= 1"},
    {"VarianceNotKnown", std::string(kPoint) + " new_mean_items: 10",
     "new_mean_items = 10: must be unset where fit.goodness.variance_within is unset"},
    {"InfiniteVariance", std::string(kPoint) + " new_mean_items: 10 fit { goodness { variance_within: inf } }",
     "fit.goodness.variance_within = inf: must be finite and >= 0"},
    {"NegativeVariance",
     std::string(kPoint) + " new_mean_items: 10 fit { goodness { variance_within: 1 variance_between_clusters: -1 } }",
     "fit.goodness.variance_between_clusters = -1: must be finite and >= 0"},
};
INSTANTIATE_TEST_SUITE_P(NewMeans, BrokenPredictionTest, ::testing::ValuesIn(kBrokenNewMeans),
                         [](const auto& test) { return test.param.name; });
INSTANTIATE_TEST_SUITE_P(Fits, BrokenPredictionTest, ::testing::ValuesIn(kBrokenFits),
                         [](const auto& test) { return test.param.name; });

// A fit with moments of influence of those lengths.
v1::PredictRequest RequestWithInfluence(int second, int third) {
  v1::PredictRequest request = Request(kPoint);
  v1::Influence& influence = *request.mutable_fit()->mutable_influence();
  influence.mutable_second_moments()->Resize(second, 0.5);
  influence.mutable_third_moments()->Resize(third, 0.25);
  return request;
}

TEST(PredictionsConversionTest, TakesTheMomentsOfInfluence) {
  const absl::StatusOr<ParsedPredictRequest> task = FromProto(RequestWithInfluence(36, 120));
  ASSERT_TRUE(task.ok()) << task.status();
  EXPECT_THAT(task->source.influence->second, Each(0.5));
  EXPECT_THAT(task->source.influence->third, Each(0.25));
  EXPECT_FALSE(FromProto(Request(kPoint))->source.influence.has_value());
}

TEST(PredictionsConversionTest, RefusesOtherMomentsOfInfluence) {
  const auto message = [](const v1::PredictRequest& request) {
    const absl::Status status = FromProto(request).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    return std::string(status.message());
  };
  EXPECT_EQ(message(RequestWithInfluence(35, 120)), "fit.influence.second_moments has 35 values: must have 36");
  EXPECT_EQ(message(RequestWithInfluence(36, 121)), "fit.influence.third_moments has 121 values: must have 120");
  v1::PredictRequest request = RequestWithInfluence(36, 120);
  request.mutable_fit()->mutable_influence()->set_third_moments(7, std::nan(""));
  EXPECT_EQ(message(request), "fit.influence.third_moments[7] = nan: must be finite");
}

TEST(PredictionsConversionTest, RefusesARequestWithoutAFit) {
  v1::PredictRequest request = Request(kPoint);
  request.clear_fit();
  const absl::Status status = FromProto(request).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("fit is unset"));
}

}  // namespace
}  // namespace ctxfit

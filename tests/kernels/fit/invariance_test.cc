// Changes of numbers that must not change a fit: the units of compute and prompts, the scale of weights, and a known
// floor and ceiling.

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <vector>

#include "kernels/fit/fit.h"
#include "kernels/fit/options.h"
#include "kernels/predict/predictions.h"
#include "tests/kernels/fit/property_designs.h"
#include "tests/kernels/same_fit.h"

namespace ctxfit {
namespace {

void MultiplyBy(double factor, std::vector<double>& column) {
  for (double& value : column) value *= factor;
}

class InvarianceTest : public testing::TestWithParam<Design> {
 protected:
  const ObservationTable table_ = TableOf(GetParam());
};

INSTANTIATE_TEST_SUITE_P(Designs, InvarianceTest, testing::ValuesIn(kDesigns),
                         [](const auto& test) { return std::string(test.param.name); });

TEST_P(InvarianceTest, TheUnitOfComputeDoesNotMatter) {
  constexpr double kFactor = 1000 / 3.0;
  ObservationTable scaled = table_;
  MultiplyBy(kFactor, scaled.training_compute_flops);
  const Scales scales = {{"compute_reference_flops", kFactor}, {"characteristic_compute_flops", kFactor}};
  FitOptions options = FewReplicates();
  FitOptions scaled_options = options;
  // First with the references of the data, which scale by themselves, then with one that is given.
  for (int round = 0; round < 2; ++round) {
    const TaskFit expected = FitOne(table_, options);
    const TaskFit actual = FitOne(scaled, scaled_options);
    ExpectSameEstimates(actual, expected, kRounding, scales);
    ExpectSamePredictions(PredictionsOf(actual, SomePoints(kFactor, 1)), PredictionsOf(expected, SomePoints(1, 1)),
                          kRounding);
    options.compute_reference_flops = 2e22;
    scaled_options.compute_reference_flops = kFactor * 2e22;
  }
}

TEST_P(InvarianceTest, TheUnitOfTokensDoesNotMatter) {
  constexpr double kFactor = 0.75;  // words for tokens, say
  ObservationTable scaled = table_;
  MultiplyBy(kFactor, scaled.prompt_tokens);
  MultiplyBy(kFactor, scaled.context_limit_tokens);
  for (const Penalty::Form form : {Penalty::Form::kRatio, Penalty::Form::kTokens}) {
    Scales scales = {{"prompt_reference_tokens", kFactor}, {"characteristic_prompt_tokens", kFactor}};
    FitOptions options = FewReplicates();
    options.penalty = {form, form == Penalty::Form::kRatio ? 0.1 : 400, 1.1};
    FitOptions scaled_options = options;
    if (form == Penalty::Form::kTokens) {
      scaled_options.penalty.width *= kFactor;
      scales["penalty_width_tokens"] = kFactor;
    }
    for (int round = 0; round < 2; ++round) {
      const TaskFit expected = FitOne(table_, options);
      const TaskFit actual = FitOne(scaled, scaled_options);
      ExpectSameEstimates(actual, expected, kRounding, scales);
      ExpectSamePredictions(PredictionsOf(actual, SomePoints(1, kFactor)), PredictionsOf(expected, SomePoints(1, 1)),
                            kRounding);
      options.prompt_reference_tokens = 900;
      scaled_options.prompt_reference_tokens = kFactor * 900;
    }
  }
}

// Ratios to references that are scaled by the same power of two round to the same bits, and so does all that follows.
TEST_P(InvarianceTest, PowersOfTwoInEveryUnitLeaveTheBits) {
  ObservationTable scaled = table_;
  MultiplyBy(1024, scaled.training_compute_flops);
  MultiplyBy(0.25, scaled.prompt_tokens);
  MultiplyBy(0.25, scaled.context_limit_tokens);
  FitOptions options = FewReplicates();
  options.penalty = {Penalty::Form::kRatio, 0.1, 1.1};
  options.compute_reference_flops = 2e22;
  options.prompt_reference_tokens = 900;
  FitOptions scaled_options = options;
  *scaled_options.compute_reference_flops *= 1024;
  *scaled_options.prompt_reference_tokens *= 0.25;
  const TaskFit expected = FitOne(table_, options);
  const TaskFit actual = FitOne(scaled, scaled_options);
  EXPECT_EQ(actual.search.evaluation_count, expected.search.evaluation_count);
  for (std::size_t b = 0; b < expected.replicates.points.size(); ++b) {
    for (int i = 0; i < kCoordinateCount; ++i) {
      ASSERT_EQ(actual.replicates.points[b].at[i], expected.replicates.points[b].at[i]);
    }
  }
  ExpectSamePredictions(PredictionsOf(actual, SomePoints(1024, 0.25)), PredictionsOf(expected, SomePoints(1, 1)),
                        kSameBits);
}

TEST_P(InvarianceTest, TheScaleOfWeightsDoesNotMatter) {
  ObservationTable doubled = table_;
  if (doubled.weight.empty()) doubled.weight.assign(doubled.score.size(), 1);
  MultiplyBy(2, doubled.weight);
  ExpectSameFit(FitOne(doubled), FitOne(table_), kRounding);
}

// A known floor and ceiling are an affine change of the scores: the law between them, its intervals and its expected
// scores are those of the scores rescaled from that range to [0, 1].
TEST_P(InvarianceTest, AKnownFloorAndCeilingDoNotMatter) {
  constexpr double kFloorScore = 0.2;
  constexpr double kCeilingScore = 0.95;
  const auto map = [](std::vector<double>& scores) {
    for (double& score : scores) score = kFloorScore + (kCeilingScore - kFloorScore) * score;
  };
  Design gradual = GetParam();
  gradual.simulation.law.penalty = {Penalty::Form::kRatio, 0.15, 1};
  const ObservationTable table = TableOf(gradual);
  ObservationTable mapped = table;
  map(mapped.score);
  // Scores are rescaled from the range between floor and ceiling to [0, 1], unless the penalty's width is fitted: then
  // floor and ceiling enter predictions.
  for (const bool fit_width : {false, true}) {
    FitOptions options = FewReplicates();
    options.penalty = {Penalty::Form::kRatio, 0.1, 1};
    options.fit_penalty_width = fit_width;
    const TaskFit expected = FitOne(table, options);
    options.parameters[kFloor].fixed = kFloorScore;
    options.parameters[kHeadroom].fixed = kCeilingScore;
    const TaskFit actual = FitOne(mapped, options);
    ExpectSameEstimates(actual, expected, kRounding);
    const PredictionPoints points = SomePoints(1, 1);
    Predictions predictions = PredictionsOf(expected, points);
    map(predictions.score);
    map(predictions.mean_lower);
    map(predictions.mean_upper);
    ExpectSamePredictions(PredictionsOf(actual, points), predictions, kRounding);
  }
}

}  // namespace
}  // namespace ctxfit

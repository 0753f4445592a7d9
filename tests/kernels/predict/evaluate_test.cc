#include "kernels/predict/evaluate.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "kernels/base/stop_signal.h"
#include "kernels/data/observations.h"
#include "kernels/law/fitted_law.h"
#include "kernels/predict/predictions.h"
#include "tests/kernels/predict/some_source.h"

namespace ctxfit {
namespace {

void AddRow(ObservationTable& table, double prompt, double residual, double weight, const std::string& model) {
  table.training_compute_flops.push_back(1e22);
  table.prompt_tokens.push_back(prompt);
  table.context_limit_tokens.push_back(1500);
  table.score.push_back(Predict(SomeSource().law, 1e22, prompt, 1500) + residual);
  table.weight.push_back(weight);
  table.model.push_back(model);
}

ObservationTable FourRows() {
  ObservationTable table;
  AddRow(table, 1100, 0.1, 1, "b");
  AddRow(table, 1200, -0.2, 3, "b");
  AddRow(table, 2100, 0.3, 2, "a");
  AddRow(table, 50, 0.01, 4, "a");
  return table;
}

Evaluation EvaluateAll(const PredictionSource& source, const ObservationTable& table) {
  std::vector<std::size_t> rows(table.score.size());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  ErrorSum total;
  return Evaluate(source, table, rows, 0.9, StopSignal(), total).value();
}

// The rounding of residuals, differences of scores up to 1: 1.1e-16 each.
constexpr double kRounding = 1e-15;

TEST(EvaluateTest, ErrorsAreWeightedMeansAndBiasIsSigned) {
  const Evaluation evaluation = EvaluateAll(SomeSource(), FourRows());
  EXPECT_EQ(evaluation.all.record_count, 4);
  EXPECT_NEAR(evaluation.all.mae, (0.1 + 0.6 + 0.6 + 0.04) / 10, kRounding);
  EXPECT_NEAR(evaluation.all.rmse, std::sqrt((0.01 + 0.12 + 0.18 + 0.0004) / 10), kRounding);
  EXPECT_NEAR(evaluation.all.bias, -(0.1 - 0.6 + 0.6 + 0.04) / 10, kRounding) << "above 0 where P is too high";
  EXPECT_EQ(evaluation.extrapolated_count, 1);
}

TEST(EvaluateTest, ErrorsAreSplitAtTheLimitAndByModel) {
  const Evaluation evaluation = EvaluateAll(SomeSource(), FourRows());
  EXPECT_EQ(evaluation.within_limit->record_count, 3);
  EXPECT_NEAR(evaluation.within_limit->mae, (0.1 + 0.6 + 0.04) / 8, kRounding);
  EXPECT_NEAR(evaluation.beyond_limit->mae, 0.3, kRounding);
  ASSERT_EQ(evaluation.models.size(), 2u);
  EXPECT_EQ(evaluation.models[0].model, "a");
  EXPECT_NEAR(evaluation.models[0].errors.mae, (0.6 + 0.04) / 6, kRounding);
  EXPECT_EQ(evaluation.models[1].model, "b");
  EXPECT_NEAR(evaluation.models[1].errors.bias, 0.5 / 4, kRounding);
}

TEST(EvaluateTest, ModelsWithoutNamesAreLevels) {
  ObservationTable table = FourRows();
  table.model.clear();
  table.training_compute_flops[3] = 2e22;
  const Evaluation evaluation = EvaluateAll(SomeSource(), table);
  ASSERT_EQ(evaluation.models.size(), 2u);
  EXPECT_EQ(evaluation.models[0].compute_flops, 1e22);
  EXPECT_EQ(evaluation.models[0].limit_tokens, 1500);
  EXPECT_EQ(evaluation.models[0].errors.record_count, 3);
  EXPECT_EQ(evaluation.models[1].compute_flops, 2e22);
}

TEST(EvaluateTest, GroupMeansAreComparedWithTheBandOfTheirExpectedMean) {
  // 1,100 and 1,200 share an octave. Their mean is off by (0.1 - 0.2 * 3) / 4; alone, either would be off by more than
  // the band. The score's slope by ln A is r exp(-r) g = 0.9 exp(-0.9) * 0.68 = 0.25, and the band is +-0.45 wide in
  // ln A: +-0.11 about.
  ObservationTable table;
  AddRow(table, 1100, 0.2, 1, "a");
  AddRow(table, 1200, -0.15, 1, "a");
  EXPECT_EQ(EvaluateAll(SomeSource(), table).band_coverage->group_count, 1);
  EXPECT_EQ(EvaluateAll(SomeSource(), table).band_coverage->inside_count, 1);
  table.weight[0] = 9;
  EXPECT_EQ(EvaluateAll(SomeSource(), table).band_coverage->inside_count, 0) << "the mean is off by 0.165";
  table.context_limit_tokens[0] = 1600;
  EXPECT_EQ(EvaluateAll(SomeSource(), table).band_coverage->group_count, 2) << "levels are groups of their own";
}

TEST(EvaluateTest, UndeterminedGroupsAreLeftOut) {
  PredictionSource source = SomeSource();
  source.identified[kContextExponent] = false;
  const Evaluation evaluation = EvaluateAll(source, FourRows());
  EXPECT_EQ(evaluation.band_coverage->undetermined_count, 1);
  EXPECT_EQ(evaluation.band_coverage->group_count, 2);
}

TEST(EvaluateTest, WithoutReplicatesThereIsNoBandCoverage) {
  PredictionSource source = SomeSource();
  source.replicates.clear();
  EXPECT_FALSE(EvaluateAll(source, FourRows()).band_coverage.has_value());
}

TEST(EvaluateTest, EvaluateAddsToTheTotal) {
  ErrorSum total;
  total.Add(0.5, 10);
  ASSERT_TRUE(Evaluate(SomeSource(), FourRows(), {0, 1}, 0.9, StopSignal(), total).ok());
  EXPECT_EQ(total.record_count(), 3);
  EXPECT_NEAR(total.Summarize().mae, (5 + 0.1 + 0.6) / 14, kRounding);
}

TEST(EvaluateTest, EvaluateEndsWhenCancelled) {
  StopSignal stop;
  stop.Cancel();
  ErrorSum total;
  EXPECT_EQ(Evaluate(SomeSource(), FourRows(), {0}, 0.9, stop, total).status().code(), absl::StatusCode::kCancelled);
}

TEST(EvaluateTest, WhereTheExponentDriftsGroupsOfExtrapolatedRowsHaveNoBand) {
  PredictionSource source = SomeSource();
  EXPECT_EQ(EvaluateAll(source, FourRows()).band_coverage->undetermined_count, 0);
  source.drift_p_value = 0.04;
  const Evaluation evaluation = EvaluateAll(source, FourRows());
  EXPECT_EQ(evaluation.extrapolated_count, 1);  // the prompt of 50 tokens
  EXPECT_EQ(evaluation.band_coverage->undetermined_count, 1);
  EXPECT_EQ(evaluation.band_coverage->group_count, 2);
}

}  // namespace
}  // namespace ctxfit

// Fits of the penalty's width and onset, and of a law without context factor.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "kernels/fit/fit.h"
#include "kernels/fit/options.h"
#include "kernels/law/fitted_law.h"
#include "tests/kernels/fit/one_fit.h"
#include "tests/kernels/simulated_data.h"

namespace ctxfit {
namespace {

// Options of a law whose penalty is fitted, at some scales.
FitOptions WithFittedPenalty(const Penalty& scales) {
  FitOptions options;
  options.penalty = scales;
  options.fit_penalty_width = options.fit_penalty_onset = true;
  return options;
}

TEST(FullLawTest, AFitRecoversThePenaltysWidthAndOnset) {
  FitOptions options = WithFittedPenalty({Penalty::Form::kRatio, 0.5, 1});
  options.bootstrap.replicates = 0;
  const TaskFit fit = FitOne(Simulate(Gradual()), options);
  ExpectValue(fit, "penalty_width_ratio", 0.15, kExact);
  ExpectValue(fit, "penalty_onset_ratio", 1.3, kExact);
  ExpectValue(fit, "compute_exponent", 0.4, kExact);
  ExpectValue(fit, "context_exponent", 0.6, kExact);
}

TEST(FullLawTest, TheScaleOfThePenaltysWidthDoesNotMatter) {
  Simulation simulation = Gradual();
  simulation.noise = 0.02;
  FitOptions options = WithFittedPenalty({Penalty::Form::kRatio, 0.5, 1});
  options.bootstrap.replicates = 0;
  const TaskFit one = FitOne(Simulate(simulation), options);
  EXPECT_TRUE(one.refinement.converged) << one.refinement.termination_message;
  options.penalty = {Penalty::Form::kRatio, 0.01, 2};
  const TaskFit other = FitOne(Simulate(simulation), options);
  for (const char* name : {"penalty_width_ratio", "penalty_onset_ratio", "context_exponent"}) {
    const double value = ByName(one)[name].value.value();
    // Each ends within a thousandth of a standard error, which is below a tenth of the value.
    EXPECT_NEAR(ByName(other)[name].value.value(), value, 2e-4 * value) << name;
  }
}

TEST(FullLawTest, FittedPenaltyAndFloorHaveIntervals) {
  Simulation simulation = Gradual();
  simulation.noise = 0.02;
  FitOptions options = WithFittedPenalty({Penalty::Form::kRatio, 0.1, 1});
  options.parameters[kFloor].fixed.reset();
  simulation.law.point.at[kFloor] = 0.2;
  const TaskFit fit = FitOne(Simulate(simulation), options);
  EXPECT_TRUE(fit.refinement.converged) << fit.refinement.termination_message;
  EXPECT_GE(fit.bootstrap.converged_count, 990);
  const std::map<std::string, double> truths = {
      {"penalty_width_ratio", 0.15}, {"penalty_onset_ratio", 1.3}, {"floor", 0.2}};
  for (const auto& [name, truth] : truths) {
    const Estimate estimate = ByName(fit)[name];
    ASSERT_TRUE(estimate.standard_error.has_value()) << name << ": " << estimate.reason;
    // Five standard errors: missed once in two million draws.
    EXPECT_NEAR(estimate.value.value(), truth, 5 * *estimate.standard_error) << name;
    EXPECT_LT(estimate.interval->lower, *estimate.value) << name;
    EXPECT_GT(estimate.interval->upper, *estimate.value) << name;
  }
}

TEST(FullLawTest, WithoutAContextFactorPromptsDoNotMatter) {
  Simulation simulation;
  simulation.law.point.at[kLogContextCoefficient] = std::log(100);
  simulation.law.point.at[kContextExponent] = 0;
  simulation.noise = 0;
  FitOptions options;
  options.context_factor = false;
  options.bootstrap.replicates = 50;
  const TaskFit fit = FitOne(Simulate(simulation), options);
  ExpectValue(fit, "compute_exponent", 0.4, kExact);
  EXPECT_FALSE(ByName(fit).contains("context_exponent"));
  EXPECT_FALSE(ByName(fit).contains("characteristic_prompt_tokens"));
  EXPECT_EQ(Predict(fit.law, 1e22, 10, 4096), Predict(fit.law, 1e22, 1000, 4096));
}

TEST(FullLawTest, APenaltyThatNoRecordMeetsIsNotIdentified) {
  Simulation simulation = Gradual();
  simulation.noise = 0.02;
  ObservationTable table = Simulate(simulation);
  for (double& limit : table.context_limit_tokens) limit = 1e6;
  FitOptions options = WithFittedPenalty({Penalty::Form::kRatio, 0.1, 1});
  options.bootstrap.replicates = 50;
  const auto estimates = ByName(FitOne(table, options));
  for (const char* name : {"penalty_width_ratio", "penalty_onset_ratio"}) {
    EXPECT_FALSE(estimates.at(name).identified) << name;
    EXPECT_THAT(estimates.at(name).reason, testing::HasSubstr("no record lies beyond its context limit"));
    EXPECT_FALSE(estimates.at(name).interval.has_value()) << name;
  }
  EXPECT_TRUE(estimates.at("context_exponent").identified);
}

// Scores decline gradually towards the limit, and no record lies beyond it.
TEST(FullLawTest, APenaltyThatShowsBelowTheLimitIsIdentifiedAndMovesInReplicates) {
  Simulation simulation = Gradual();
  simulation.noise = 0.02;
  simulation.per_model = 200;
  ObservationTable table = Simulate(simulation);
  std::vector<std::size_t> within;
  for (std::size_t row = 0; row < table.score.size(); ++row) {
    if (table.prompt_tokens[row] < 0.98 * table.context_limit_tokens[row]) within.push_back(row);
  }
  const auto keep = [&](std::vector<double>& column) {
    for (std::size_t i = 0; i < within.size(); ++i) column[i] = column[within[i]];
    column.resize(within.size());
  };
  for (auto* column :
       {&table.training_compute_flops, &table.prompt_tokens, &table.context_limit_tokens, &table.score}) {
    keep(*column);
  }
  FitOptions options = WithFittedPenalty({Penalty::Form::kRatio, 0.1, 1});
  options.bootstrap.replicates = 50;
  const auto estimates = ByName(FitOne(table, options));
  for (const char* name : {"penalty_width_ratio", "penalty_onset_ratio"}) {
    ASSERT_TRUE(estimates.at(name).interval.has_value()) << name << ": " << estimates.at(name).reason;
    EXPECT_LT(estimates.at(name).interval->lower, estimates.at(name).interval->upper);
  }
}

// Scores of three models that go on rising beyond the limit, where the law expects 0: rows without any information.
TEST(FullLawTest, HopelessRowsChangeNoParameter) {
  constexpr double kComputes[] = {7.8e22, 1.5e23, 5e23};
  constexpr double kPrompts[] = {500, 2000, 8000, 16000};
  constexpr double kScores[3][4] = {{0.3, 0.4, 0.44, 0.45}, {0.33, 0.43, 0.48, 0.49}, {0.36, 0.46, 0.51, 0.53}};
  FitOptions options;
  options.bootstrap.replicates = 0;
  options.compute_reference_flops = 1.8e23;
  options.prompt_reference_tokens = 3000;
  const auto fit_prompts = [&](int count) {
    ObservationTable table;
    for (int model = 0; model < 3; ++model) {
      for (int i = 0; i < count; ++i) {
        table.training_compute_flops.push_back(kComputes[model]);
        table.prompt_tokens.push_back(kPrompts[i]);
        table.context_limit_tokens.push_back(4096);
        table.score.push_back(kScores[model][i]);
      }
    }
    return ByName(FitOne(table, options));
  };
  const auto within = fit_prompts(2);
  const auto all = fit_prompts(4);
  for (const char* name : {"compute_coefficient", "compute_exponent", "context_coefficient", "context_exponent"}) {
    EXPECT_NEAR(*all.at(name).value, *within.at(name).value, 1e-6) << name;
  }
  EXPECT_TRUE(all.at("compute_exponent").identified);
}

// The rows beyond the limit cost far more than all others together, yet replicates move as far as the data within it
// say.
TEST(FullLawTest, HopelessRowsDoNotHoldReplicatesAtTheOptimum) {
  Simulation simulation;
  simulation.law.penalty.form = Penalty::Form::kNone;
  simulation.noise = 1e-4;
  ObservationTable table = Simulate(simulation);
  for (std::size_t row = 0; row < table.score.size(); ++row) {
    table.context_limit_tokens[row] = row % 4 == 0 ? table.prompt_tokens[row] / 2 : 1e6;
    if (row % 4 == 0) table.score[row] = 0.5;
  }
  const auto estimates = ByName(FitOne(table, {}));
  for (const char* name : {"compute_coefficient", "compute_exponent", "context_coefficient", "context_exponent"}) {
    const double ratio = *estimates.at(name).standard_error / *estimates.at(name).sandwich_standard_error;
    EXPECT_GT(ratio, 0.7) << name;
    EXPECT_LT(ratio, 1.4) << name;
  }
}

}  // namespace
}  // namespace ctxfit

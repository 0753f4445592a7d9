// Fits of the penalty's width and onset, of floor and ceiling, and of a law without context factor.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <string>

#include "kernels/data/split_tasks.h"
#include "kernels/fit/fit.h"
#include "kernels/fit/prediction_source.h"
#include "kernels/law/fitted_law.h"
#include "kernels/law/options.h"
#include "tests/kernels/simulated_data.h"

namespace ctxfit {
namespace {

TaskFit FitOne(const ObservationTable& table, const FitOptions& options) {
  const std::unique_ptr<Backend> backend = MakeCpuBackend(2);
  return FitTasks(*backend, ValidateAndSplit(table).value(), options, StopSignal(), [](const FitProgress&) {})
      .value()
      .at(0);
}

std::map<std::string, Estimate> ByName(const TaskFit& fit) {
  std::map<std::string, Estimate> by_name;
  for (const Estimate& estimate : fit.estimates) by_name[estimate.name] = estimate;
  return by_name;
}

// Scores without noise of a law whose penalty is gradual, and whose prompts reach well beyond most limits.
Simulation Gradual() {
  Simulation simulation;
  simulation.law.penalty = {Penalty::Form::kRatio, 0.15, 1.3};
  simulation.per_model = 150;
  simulation.noise = 0;
  return simulation;
}

void ExpectValue(const TaskFit& fit, const std::string& name, double truth, double tolerance) {
  const auto estimates = ByName(fit);
  ASSERT_TRUE(estimates.contains(name)) << name;
  EXPECT_NEAR(estimates.at(name).value.value(), truth, tolerance) << name;
}

// Options of a law whose penalty is fitted, at some scales.
FitOptions WithFittedPenalty(const Penalty& scales) {
  FitOptions options;
  options.penalty = scales;
  options.fit_penalty_width = options.fit_penalty_onset = true;
  return options;
}

// The tolerance of the refinement, since residuals vanish.
constexpr double kExact = 1e-6;

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

TEST(FullLawTest, AFitRecoversFloorAndCeiling) {
  Simulation simulation = Gradual();
  simulation.law.point.at[kFloor] = 0.25;
  simulation.law.point.at[kHeadroom] = 0.1;
  simulation.compute_step = 10;
  FitOptions options;
  options.penalty = simulation.law.penalty;
  options.parameters[kFloor].fixed.reset();
  options.parameters[kHeadroom].fixed.reset();
  options.bootstrap.replicates = 0;
  const TaskFit fit = FitOne(Simulate(simulation), options);
  ExpectValue(fit, "floor", 0.25, kExact);
  ExpectValue(fit, "ceiling", 0.9, kExact);
}

// A law between a known floor and ceiling is the plain law of scores rescaled from that range to [0, 1].
TEST(FullLawTest, AKnownFloorAndCeilingAreThePlainLawOfRescaledScores) {
  Simulation simulation;
  simulation.clusters = 30;
  const ObservationTable plain = Simulate(simulation);
  ObservationTable raised = plain;
  for (double& score : raised.score) score = 0.25 + 0.6 * score;
  FitOptions options;
  options.bootstrap.replicates = 50;
  const TaskFit expected = FitOne(plain, options);
  options.parameters[kFloor].fixed = 0.25;
  options.parameters[kHeadroom].fixed = 0.85;
  const TaskFit fit = FitOne(raised, options);
  EXPECT_NEAR(fit.goodness.sse, 0.36 * expected.goodness.sse, 1e-12);
  for (const auto& [name, estimate] : ByName(expected)) {
    const Estimate same = ByName(fit)[name];
    ASSERT_EQ(same.value.has_value(), estimate.value.has_value()) << name;
    EXPECT_NEAR(*same.value, *estimate.value, 1e-8 * std::abs(*estimate.value)) << name;
    if (!estimate.interval) continue;
    EXPECT_NEAR(same.interval->lower, estimate.interval->lower, 1e-4 * std::abs(*estimate.value)) << name;
  }
  EXPECT_NEAR(Predict(fit.law, 1e22, 500, 4096), 0.25 + 0.6 * Predict(expected.law, 1e22, 500, 4096), 1e-8);
}

TEST(FullLawTest, TasksMayHaveFloorsOfTheirOwn) {
  ObservationTable table = Simulate(Gradual());
  for (std::size_t i = 0; i < table.score.size(); ++i) table.task.push_back(i % 2 == 0 ? "open" : "choice");
  for (std::size_t i = 1; i < table.score.size(); i += 2) table.score[i] = 0.25 + 0.75 * table.score[i];
  FitOptions options;
  options.penalty = Gradual().law.penalty;
  options.floor_by_task["choice"] = 0.25;
  options.bootstrap.replicates = 0;
  const std::unique_ptr<Backend> backend = MakeCpuBackend(2);
  const auto fits =
      FitTasks(*backend, ValidateAndSplit(table).value(), options, StopSignal(), [](const FitProgress&) {}).value();
  ASSERT_EQ(fits.size(), 2u);
  for (const TaskFit& fit : fits) ExpectValue(fit, "context_exponent", 0.6, kExact);
  EXPECT_TRUE(ByName(fits[0]).contains("floor"));
  EXPECT_FALSE(ByName(fits[1]).contains("floor"));
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

// All scores lie below 0.3.
TEST(FullLawTest, AFittedCeilingMayLieAsLowAsTheDataSay) {
  Simulation simulation;
  simulation.law.point.at[kHeadroom] = 0.7;
  simulation.law.penalty.form = Penalty::Form::kNone;
  simulation.per_model = 200;
  simulation.noise = 0.005;
  FitOptions options;
  options.penalty.form = Penalty::Form::kNone;
  options.parameters[kHeadroom].fixed.reset();
  options.bootstrap.replicates = 50;
  const Estimate ceiling = ByName(FitOne(Simulate(simulation), options)).at("ceiling");
  EXPECT_NEAR(*ceiling.value, 0.3, 0.03);
  EXPECT_GT(ceiling.interval->upper, *ceiling.value);
}

// Scores of three models that go on rising beyond the limit, where the law expects 0: rows without any information.
TEST(FullLawTest, HopelessRowsDoNotChangeWhatIsIdentified) {
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
    ASSERT_TRUE(within.at(name).identified) << name;
    EXPECT_TRUE(all.at(name).identified) << name << ": " << all.at(name).reason;
    EXPECT_NEAR(*all.at(name).value, *within.at(name).value, 1e-6) << name;
  }
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

TEST(FullLawTest, NoMoreClustersThanParametersLeaveNoReplicates) {
  Simulation simulation;
  simulation.clusters = 4;
  const TaskFit fit = FitOne(Simulate(simulation), {});
  EXPECT_TRUE(fit.replicates.points.empty());
  EXPECT_EQ(fit.bootstrap.no_interval_reason, "4 clusters cannot show the spread of 4 fitted parameters");
  EXPECT_EQ(PredictionSourceOf(fit).no_interval_reason, fit.bootstrap.no_interval_reason);
}

TEST(FullLawTest, ClustersOfOneLargeWeightLeaveNoReplicates) {
  Simulation simulation;
  simulation.clusters = 12;
  ObservationTable table = Simulate(simulation);
  table.weight.assign(table.score.size(), 1);
  for (std::size_t row = 0; row < table.score.size(); ++row) {
    if (table.cluster[row] == table.cluster[0]) table.weight[row] = 1000;
  }
  const TaskFit fit = FitOne(table, {});
  EXPECT_TRUE(fit.replicates.points.empty());
  EXPECT_EQ(fit.bootstrap.no_interval_reason,
            "12 clusters, effectively 1.0, cannot show the spread of 4 fitted parameters");
}

// Any steep enough law fits scores of 0 and 1 that a compute and a length separate.
TEST(FullLawTest, SeparatedScoresLeaveNoReplicates) {
  ObservationTable table;
  for (int row = 0; row < 60; ++row) {
    const bool is_high = row % 2 == 0;
    table.training_compute_flops.push_back(is_high ? 1e25 : 1e20);
    table.prompt_tokens.push_back(is_high ? 1e5 : 10);
    table.context_limit_tokens.push_back(1e6);
    table.score.push_back(is_high ? 1 : 0);
  }
  FitOptions options;
  options.loss.loss = Loss::kBernoulli;
  options.bootstrap.replicates = 50;
  const TaskFit fit = FitOne(table, options);
  EXPECT_TRUE(fit.replicates.points.empty());
  EXPECT_THAT(fit.bootstrap.no_interval_reason,
              testing::HasSubstr("the law separates the scores of 0 from those of 1"));
  EXPECT_THAT(fit.diagnostics.warnings, testing::Contains(testing::HasSubstr("no intervals: the law separates")));
}

// Three models are fewer than the four parameters, but the product of two keys' weights has the spread of both.
TEST(FullLawTest, TwoKeysOfAFewUnitsEachHaveReplicates) {
  Simulation simulation;
  simulation.models = 3;
  simulation.clusters = 20;
  FitOptions options;
  options.bootstrap.replicates = 50;
  options.bootstrap.resampling = Resampling::kTwoWay;
  const Observations observations = OnlyTask(Simulate(simulation), Resampling::kTwoWay);
  ASSERT_EQ(observations.unit_2_count, 3);
  const std::unique_ptr<Backend> backend = MakeCpuBackend(1);
  const TaskFit fit = FitTask(*backend, observations, options, StopSignal()).value();
  EXPECT_EQ(fit.bootstrap.no_interval_reason, "");
  EXPECT_EQ(fit.replicates.points.size(), 50u);
}

// Scores fall with prompt length: in every replicate beta is 0.
TEST(FullLawTest, AnEstimateThatDoesNotMoveHasAReasonInPlaceOfAnInterval) {
  Simulation simulation;
  simulation.noise = 0.001;
  ObservationTable table = Simulate(simulation);
  for (std::size_t row = 0; row < table.score.size(); ++row) {
    table.score[row] = 0.9 - 0.08 * std::log10(table.prompt_tokens[row]);
  }
  FitOptions options;
  options.penalty.form = Penalty::Form::kNone;
  const Estimate exponent = ByName(FitOne(table, options)).at("context_exponent");
  EXPECT_EQ(*exponent.value, 0);
  EXPECT_FALSE(exponent.interval.has_value());
  EXPECT_EQ(exponent.reason, "no spread: nearly all replicates end at 0");
}

TEST(FullLawTest, AFloorAboveTheCeilingIsRefusedByName) {
  FitOptions options;
  options.parameters[kFloor].fixed = 0.6;
  options.parameters[kHeadroom].fixed = 0.5;
  EXPECT_EQ(Validate(options).message(), "options.floor = 0.6: must be below the ceiling 0.5");
  options.parameters[kHeadroom].fixed = 1;
  options.ceiling_by_task["qa"] = 0.3;
  EXPECT_EQ(Validate(options).message(), "options.floor = 0.6: must be below the ceiling 0.3");
  options.ceiling_by_task["qa"] = 1.3;
  EXPECT_EQ(Validate(options).message(), "options.ceiling.by_task[\"qa\"] = 1.3: must be in [0, 1]");
}

}  // namespace
}  // namespace ctxfit

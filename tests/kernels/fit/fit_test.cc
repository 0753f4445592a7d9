#include "kernels/fit/fit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "kernels/data/cells.h"
#include "kernels/data/split_tasks.h"
#include "kernels/fit/options.h"
#include "kernels/objective/linearization.h"
#include "tests/kernels/simulated_data.h"

namespace ctxfit {
namespace {

using ::testing::HasSubstr;

std::vector<TaskFit> FitTable(const ObservationTable& table, const FitOptions& options = {}) {
  const std::unique_ptr<Backend> backend = MakeCpuBackend(2);
  return FitTasks(*backend, ValidateAndSplit(table).value(), options, StopSignal(), [](const FitProgress&) {}).value();
}

std::map<std::string, Estimate> ByName(const TaskFit& fit) {
  std::map<std::string, Estimate> by_name;
  for (const Estimate& estimate : fit.estimates) by_name[estimate.name] = estimate;
  return by_name;
}

TEST(FitTest, AFitRecoversAKnownLawWithinItsIntervals) {
  Simulation simulation;
  simulation.per_model = 200;
  const TaskFit fit = FitTable(Simulate(simulation)).at(0);
  EXPECT_TRUE(fit.refinement.converged) << fit.refinement.termination_message;
  EXPECT_EQ(fit.bootstrap.converged_count, 1000);
  EXPECT_EQ(fit.replicates.points.size(), 1000u);
  auto estimates = ByName(fit);
  const auto expect_near_truth = [&](const char* name, double truth) {
    const Estimate& estimate = estimates[name];
    ASSERT_TRUE(estimate.standard_error.has_value()) << name << ": " << estimate.reason;
    // Five standard errors: missed once in two million draws.
    EXPECT_NEAR(*estimate.value, truth, 5 * *estimate.standard_error) << name;
    EXPECT_LT(*estimate.standard_error, 0.1 * truth) << name;
    EXPECT_LT(estimate.interval->lower, *estimate.value) << name;
    EXPECT_GT(estimate.interval->upper, *estimate.value) << name;
  };
  expect_near_truth("compute_exponent", 0.4);
  expect_near_truth("context_exponent", 0.6);
  expect_near_truth("characteristic_compute_flops", 1e22 * std::pow(0.9, -1 / 0.4));
  expect_near_truth("characteristic_prompt_tokens", 1000 * std::pow(1.1, -1 / 0.6));
}

TEST(FitTest, ABootstrapOverRecordsAgreesWithTheGaussNewtonErrorOfIndependentNoise) {
  Simulation simulation;
  simulation.per_model = 400;
  const ObservationTable table = Simulate(simulation);
  const TaskFit fit = FitTable(table).at(0);
  // Both must agree for homoscedastic independent noise; 1,000 replicates know a standard error within 2.2 %, the
  // bootstrap of 2,000 records within 1.6 % (one standard deviation each), so 15 % is five of them.
  const Observations observations = OnlyTask(table);
  const Cells cells = Collapse(observations, fit.law.references, {}, Units::kMerge);
  FitOptions options;
  options.parameters[kLogComputeCoefficient].fixed = std::exp(fit.law.point.at[0]);
  options.parameters[kLogContextCoefficient].fixed = std::exp(fit.law.point.at[2]);
  options.parameters[kContextExponent].fixed = fit.law.point.at[3];
  options.compute_reference_flops = fit.law.references.compute_flops;
  options.prompt_reference_tokens = fit.law.references.prompt_tokens;
  const TaskFit one = FitTable(table, options).at(0);
  const double variance = one.goodness.sse / static_cast<double>(observations.size() - 1);
  const NormalEquations equations = Linearize(cells, one.law.point);
  const double expected = std::sqrt(variance / equations.jtj[PackedIndex(1, 1)]);
  EXPECT_NEAR(ByName(one)["compute_exponent"].standard_error.value(), expected, 0.15 * expected);
}

TEST(FitTest, TheSameRequestGivesTheSameBits) {
  Simulation simulation;
  simulation.clusters = 40;
  const ObservationTable table = Simulate(simulation);
  FitOptions options;
  options.seed = 42;
  const TaskFit first = FitTable(table, options).at(0);
  const TaskFit second = FitTable(table, options).at(0);
  EXPECT_EQ(first.search.evaluation_count, second.search.evaluation_count);
  for (int i = 0; i < kCoordinateCount; ++i) EXPECT_EQ(first.law.point.at[i], second.law.point.at[i]);
  for (std::size_t b = 0; b < first.replicates.points.size(); ++b) {
    for (int i = 0; i < kCoordinateCount; ++i) {
      ASSERT_EQ(first.replicates.points[b].at[i], second.replicates.points[b].at[i]);
    }
  }
}

TEST(FitTest, OneComputeLevelLeavesIntervalsToTheContextFactor) {
  Simulation simulation;
  simulation.models = 1;
  simulation.per_model = 200;
  const TaskFit fit = FitTable(Simulate(simulation)).at(0);
  auto estimates = ByName(fit);
  EXPECT_FALSE(estimates["compute_exponent"].identified);
  EXPECT_FALSE(estimates["compute_exponent"].interval.has_value());
  EXPECT_FALSE(estimates["characteristic_compute_flops"].identified);
  EXPECT_TRUE(estimates["context_exponent"].interval.has_value());
  EXPECT_EQ(fit.bootstrap.converged_count, 1000);
}

TEST(FitTest, DegenerateDataGiveFiniteEstimatesAndReasons) {
  ObservationTable one;
  one.training_compute_flops = {1e22};
  one.prompt_tokens = {100};
  one.context_limit_tokens = {4096};
  one.score = {0.4};
  ObservationTable equal = Simulate({});
  equal.score.assign(equal.score.size(), 0.5);
  ObservationTable zeros = equal;
  zeros.score.assign(zeros.score.size(), 0.0);
  ObservationTable ones = equal;
  ones.score.assign(ones.score.size(), 1.0);
  ObservationTable one_cluster = Simulate({});
  one_cluster.cluster.assign(one_cluster.score.size(), "all");
  for (const ObservationTable& table : {one, equal, zeros, ones, one_cluster}) {
    const TaskFit fit = FitTable(table).at(0);
    EXPECT_FALSE(fit.diagnostics.warnings.empty());
    for (const Estimate& estimate : fit.estimates) {
      EXPECT_TRUE(std::isfinite(estimate.value.value_or(0))) << estimate.name;
      EXPECT_TRUE(estimate.interval || estimate.fixed || !estimate.reason.empty()) << estimate.name;
    }
    for (const Point& point : fit.replicates.points) {
      for (const double value : point.at) ASSERT_TRUE(std::isfinite(value));
    }
  }
}

TEST(FitTest, ZeroReplicatesSwitchTheBootstrapOff) {
  FitOptions options;
  options.bootstrap.replicates = 0;
  const TaskFit fit = FitTable(Simulate({}), options).at(0);
  EXPECT_TRUE(fit.replicates.points.empty());
  EXPECT_EQ(ByName(fit)["compute_exponent"].reason, "no replicates were asked for");
}

TEST(FitTest, ProgressOfAFitNeverFalls) {
  ObservationTable table = Simulate({});
  for (std::size_t row = 0; row < table.score.size(); ++row) table.task.push_back(row % 2 == 0 ? "a" : "b");
  const std::unique_ptr<Backend> backend = MakeCpuBackend(1);
  double last = 0;
  std::map<FitPhase, int> phases;
  const auto fits =
      FitTasks(*backend, ValidateAndSplit(table).value(), {}, StopSignal(), [&](const FitProgress& progress) {
        EXPECT_GE(progress.fraction, last);
        EXPECT_LE(progress.fraction, 1);
        last = progress.fraction;
        ++phases[progress.phase];
      });
  ASSERT_TRUE(fits.ok());
  EXPECT_EQ(phases[FitPhase::kCollapse], 2);
  EXPECT_GT(phases[FitPhase::kSearch], 10);
  EXPECT_EQ(phases[FitPhase::kRefine], 2);
  EXPECT_EQ(phases[FitPhase::kResample], 2);
}

TEST(FitTest, ACancelledFitRunsNoFurtherGeneration) {
  const std::unique_ptr<Backend> backend = MakeCpuBackend(1);
  StopSignal stop;
  int last = 0;
  const auto fits = FitTasks(*backend, {OnlyTask(Simulate({}))}, {}, stop, [&](const FitProgress& progress) {
    last = progress.generation;
    if (progress.generation == 3) stop.Cancel();
  });
  EXPECT_EQ(fits.status().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(last, 3);
}

TEST(FitTest, AFitThatIsCancelledAsAPhaseBeginsEndsInThatPhase) {
  const std::unique_ptr<Backend> backend = MakeCpuBackend(2);
  for (const FitPhase phase : {FitPhase::kCollapse, FitPhase::kSearch, FitPhase::kRefine, FitPhase::kResample}) {
    StopSignal stop;
    FitPhase last = FitPhase::kCollapse;
    const auto fits = FitTasks(*backend, {OnlyTask(Simulate({}))}, {}, stop, [&](const FitProgress& progress) {
      last = progress.phase;
      if (progress.phase == phase) stop.Cancel();
    });
    EXPECT_EQ(fits.status().code(), absl::StatusCode::kCancelled);
    // Collapsing takes milliseconds and is not stopped: the search looks at the signal first.
    EXPECT_EQ(last, phase == FitPhase::kCollapse ? FitPhase::kSearch : phase);
  }
}

TEST(FitTest, BadOptionsAreRejectedByName) {
  const std::unique_ptr<Backend> backend = MakeCpuBackend(1);
  FitOptions options;
  options.bootstrap.confidence = 2;
  const auto fits = FitTasks(*backend, {OnlyTask(Simulate({}))}, options, StopSignal(), [](const FitProgress&) {});
  EXPECT_EQ(fits.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(fits.status().message()), HasSubstr("confidence = 2"));
}

}  // namespace
}  // namespace ctxfit

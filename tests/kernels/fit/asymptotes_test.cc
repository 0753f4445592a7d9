// Fits of floor and ceiling.

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <memory>

#include "kernels/data/split_tasks.h"
#include "kernels/fit/fit.h"
#include "kernels/fit/options.h"
#include "kernels/law/fitted_law.h"
#include "tests/kernels/fit/one_fit.h"
#include "tests/kernels/simulated_data.h"

namespace ctxfit {
namespace {

TEST(AsymptotesTest, AFitRecoversFloorAndCeiling) {
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
TEST(AsymptotesTest, AKnownFloorAndCeilingAreThePlainLawOfRescaledScores) {
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

TEST(AsymptotesTest, TasksMayHaveFloorsOfTheirOwn) {
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

// All scores lie below 0.3.
TEST(AsymptotesTest, AFittedCeilingMayLieAsLowAsTheDataSay) {
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

}  // namespace
}  // namespace ctxfit

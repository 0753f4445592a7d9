#include "kernels/fit/held_out_levels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "kernels/fit/backtest.h"
#include "tests/kernels/simulated_data.h"

namespace ctxfit {
namespace {

using ::testing::HasSubstr;

FitOptions PointOnly() {
  FitOptions options;
  options.bootstrap.replicates = 0;
  return options;
}

Contest Compare(const Observations& observations, bool holds_out = true, int threads = 2) {
  const std::unique_ptr<Backend> backend = MakeCpuBackend(threads);
  const TaskFit fit = FitTask(*backend, observations, PointOnly(), StopSignal()).value();
  return CompareWithBaselines(*backend, observations, PointOnly(), fit, holds_out, StopSignal()).value();
}

TaskBacktest Backtest(const Observations& observations) {
  const std::unique_ptr<Backend> backend = MakeCpuBackend(2);
  const BacktestOptions options = {PointOnly(), FoldScheme::kLevel, {}};
  return BacktestTasks(*backend, {&observations, 1}, options, StopSignal(), [](const FitProgress&) {}).value().front();
}

TEST(HeldOutLevelsTest, RefitsHaveTheErrorsOfFullFits) {
  const Observations observations = OnlyTask(Simulate({}));
  const Contest contest = Compare(observations);
  const TaskBacktest full = Backtest(observations);
  ASSERT_TRUE(contest.held_out.has_value()) << contest.no_held_out_reason;
  EXPECT_EQ(contest.held_out->level_count, 5);
  EXPECT_EQ(contest.held_out->fold_count, 5);
  ASSERT_EQ(contest.held_out->errors.size(), 4u);
  // A refinement ends within 0.001 sigma^2 of its minimum: a thirtieth of a standard error of each of four parameters
  // at most, far below a hundredth of the scores' noise.
  for (int i = 0; i < 4; ++i) {
    EXPECT_NEAR(contest.held_out->errors[i].mae, full.errors[i].means.mae, 0.01 * 0.02) << i;
    EXPECT_EQ(contest.held_out->errors[i].record_count, full.errors[i].means.record_count);
  }
  EXPECT_EQ(contest.held_out->verdict->kind, full.verdict->kind);
}

TEST(HeldOutLevelsTest, LargeTasksAreAveragedFirst) {
  Simulation simulation;
  simulation.per_model = 1000;
  const Observations observations = OnlyTask(Simulate(simulation));
  const Contest contest = Compare(observations);
  const TaskBacktest full = Backtest(observations);
  ASSERT_TRUE(contest.held_out.has_value()) << contest.no_held_out_reason;
  // Some 17 rows share a bin of a 64th of ln(1500): prompts within 12 %, over which the law is straight to 0.001.
  EXPECT_NEAR(contest.held_out->errors[0].mae, full.errors[0].means.mae, 0.001);
  EXPECT_NEAR(contest.held_out->errors[3].mae, full.errors[3].means.mae, 0.002);
}

TEST(HeldOutLevelsTest, ThreadsChangeNoBit) {
  const Observations observations = OnlyTask(Simulate({}));
  const Contest one = Compare(observations, true, 1);
  const Contest three = Compare(observations, true, 3);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(one.held_out->errors[i].mae, three.held_out->errors[i].mae);
  EXPECT_EQ(one.held_out->verdict->statistic, three.held_out->verdict->statistic);
}

TEST(HeldOutLevelsTest, SaysWhyNoneAreHeldOut) {
  Simulation simulation;
  const Contest off = Compare(OnlyTask(Simulate(simulation)), false);
  EXPECT_EQ(off.no_held_out_reason, "options.backtest is OFF");
  EXPECT_EQ(off.baselines.size(), 3u);
  EXPECT_EQ(off.in_sample.size(), 3u);
  simulation.models = 2;
  EXPECT_EQ(Compare(OnlyTask(Simulate(simulation))).no_held_out_reason, "there are fewer than three model levels");
  simulation.models = 60;
  simulation.compute_step = 1.1;
  simulation.per_model = 16;
  EXPECT_THAT(Compare(OnlyTask(Simulate(simulation))).no_held_out_reason, HasSubstr("it would take too long"));
}

TEST(HeldOutLevelsTest, EndsWhenCancelled) {
  const Observations observations = OnlyTask(Simulate({}));
  const std::unique_ptr<Backend> backend = MakeCpuBackend(1);
  const TaskFit fit = FitTask(*backend, observations, PointOnly(), StopSignal()).value();
  StopSignal stop;
  stop.Cancel();
  EXPECT_EQ(CompareWithBaselines(*backend, observations, PointOnly(), fit, true, stop).status().code(),
            absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace ctxfit

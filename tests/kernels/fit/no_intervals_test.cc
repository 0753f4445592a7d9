// Fits that have no replicates, or no interval in spite of them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <memory>

#include "kernels/data/split_tasks.h"
#include "kernels/fit/fit.h"
#include "kernels/fit/options.h"
#include "kernels/fit/prediction_source.h"
#include "tests/kernels/fit/one_fit.h"
#include "tests/kernels/simulated_data.h"

namespace ctxfit {
namespace {

using ::testing::HasSubstr;

TEST(NoIntervalsTest, NoMoreClustersThanParametersLeaveNoReplicates) {
  Simulation simulation;
  simulation.clusters = 4;
  const TaskFit fit = FitOne(Simulate(simulation), {});
  EXPECT_TRUE(fit.replicates.points.empty());
  EXPECT_EQ(fit.bootstrap.no_interval_reason, "4 clusters cannot show the spread of 4 fitted parameters");
  EXPECT_EQ(PredictionSourceOf(fit).no_interval_reason, fit.bootstrap.no_interval_reason);
}

TEST(NoIntervalsTest, ClustersOfOneLargeWeightLeaveNoReplicates) {
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
TEST(NoIntervalsTest, SeparatedScoresLeaveNoReplicates) {
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
  EXPECT_THAT(fit.bootstrap.no_interval_reason, HasSubstr("the law separates the scores of 0 from those of 1"));
  EXPECT_THAT(fit.diagnostics.warnings, testing::Contains(HasSubstr("no intervals: the law separates")));
}

// Three models are fewer than the four parameters, but the product of two keys' weights has the spread of both.
TEST(NoIntervalsTest, TwoKeysOfAFewUnitsEachHaveReplicates) {
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
TEST(NoIntervalsTest, AnEstimateThatDoesNotMoveHasAReasonInPlaceOfAnInterval) {
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

}  // namespace
}  // namespace ctxfit

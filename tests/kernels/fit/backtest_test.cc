#include "kernels/fit/backtest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "kernels/data/select_rows.h"
#include "kernels/data/split_tasks.h"
#include "tests/kernels/batching_backend.h"
#include "tests/kernels/simulated_data.h"

namespace ctxfit {
namespace {

using ::testing::HasSubstr;

Simulation FiveModels() {
  Simulation simulation;
  simulation.per_model = 30;
  simulation.distinct_prompts = false;
  return simulation;
}

BacktestOptions FewCandidates(FoldScheme scheme = FoldScheme::kLevel) {
  BacktestOptions options;
  options.fit.search.candidates = 32;
  options.fit.bootstrap.replicates = 50;
  options.scheme = scheme;
  return options;
}

absl::StatusOr<std::vector<TaskBacktest>> Backtest(Backend& backend, const std::vector<Observations>& tasks,
                                                   const BacktestOptions& options) {
  return BacktestTasks(backend, tasks, options, StopSignal(), [](const FitProgress&) {});
}

TaskBacktest BacktestOne(const ObservationTable& table, const BacktestOptions& options = FewCandidates()) {
  const std::unique_ptr<Backend> backend = MakeCpuBackend(2);
  return Backtest(*backend, {OnlyTask(table)}, options).value().at(0);
}

void ExpectSameBits(const TaskBacktest& a, const TaskBacktest& b) {
  ASSERT_EQ(a.folds.size(), b.folds.size());
  for (std::size_t i = 0; i < a.folds.size(); ++i) {
    EXPECT_TRUE(std::equal(std::begin(a.folds[i].law->point.at), std::end(a.folds[i].law->point.at),
                           std::begin(b.folds[i].law->point.at)));
    EXPECT_EQ(a.folds[i].errors[0].rows.mae, b.folds[i].errors[0].rows.mae);
    ASSERT_EQ(a.folds[i].means.size(), b.folds[i].means.size());
    for (std::size_t j = 0; j < a.folds[i].means.size(); ++j) {
      EXPECT_EQ(a.folds[i].means[j].predicted, b.folds[i].means[j].predicted);
      ASSERT_EQ(a.folds[i].means[j].band.has_value(), b.folds[i].means[j].band.has_value());
      if (!a.folds[i].means[j].band) continue;
      EXPECT_EQ(a.folds[i].means[j].band->lower, b.folds[i].means[j].band->lower);
    }
  }
}

TEST(BacktestTest, TheFitOfAFoldIsAFitToItsRowsAlone) {
  const Observations observations = OnlyTask(Simulate(FiveModels()));
  const BacktestOptions options = FewCandidates();
  const std::unique_ptr<Backend> backend = MakeCpuBackend(2);
  const TaskBacktest backtest = Backtest(*backend, {observations}, options).value().at(0);
  ASSERT_EQ(backtest.folds.size(), 5u);
  for (const FoldResult& result : backtest.folds) {
    const TaskFit fit = FitTask(*backend, Select(observations, result.fold.fitted), options.fit, StopSignal()).value();
    for (int i = 0; i < kCoordinateCount; ++i) EXPECT_EQ(result.law->point.at[i], fit.law.point.at[i]) << i;
    EXPECT_EQ(result.law->references.compute_flops, fit.law.references.compute_flops);
  }
}

TEST(BacktestTest, NeitherOtherTasksNorTheWayOfSearchingChangesABit) {
  Simulation other = FiveModels();
  other.seed = 2;
  other.per_model = 50;
  const Observations task = OnlyTask(Simulate(FiveModels()));
  const std::unique_ptr<Backend> backend = MakeCpuBackend(2);
  const TaskBacktest alone = Backtest(*backend, {task}, FewCandidates()).value().at(0);
  const TaskBacktest beside = Backtest(*backend, {OnlyTask(Simulate(other)), task}, FewCandidates()).value().at(1);
  ExpectSameBits(alone, beside);
  // All folds of both tasks evolve in one search.
  BatchingBackend together(100);
  ExpectSameBits(alone, Backtest(together, {OnlyTask(Simulate(other)), task}, FewCandidates()).value().at(1));
  EXPECT_EQ(together.started(), std::vector<std::size_t>{10});
}

// Errors are those of `held_out_rows` predicted one by one.
TEST(BacktestTest, ErrorsAreThoseOfTheRowsHeldOut) {
  ObservationTable table = Simulate(FiveModels());
  for (std::size_t i = 0; i < table.score.size(); ++i) table.weight.push_back(1 + static_cast<double>(i % 3));
  const Observations observations = OnlyTask(table);
  const TaskBacktest backtest = BacktestOne(table);
  double total = 0;
  double total_weight = 0;
  for (const FoldResult& result : backtest.folds) {
    const Observations held_out = Select(observations, result.fold.held_out);
    double sum = 0;
    double bias = 0;
    double weight = 0;
    for (std::size_t k = 0; k < held_out.covariates.size(); ++k) {
      const Covariates& each = held_out.covariates[k];
      const double score = Predict(*result.law, each.compute, each.prompt, each.limit);
      for (std::size_t row = held_out.row_begin[k]; row < held_out.row_begin[k + 1]; ++row) {
        sum += held_out.weight[row] * std::abs(held_out.score[row] - score);
        bias += held_out.weight[row] * (score - held_out.score[row]);
        weight += held_out.weight[row];
      }
    }
    // The rounding of sums of 30 terms up to 3.
    EXPECT_NEAR(result.errors[0].rows.mae, sum / weight, 1e-14);
    EXPECT_NEAR(result.errors[0].rows.bias, bias / weight, 1e-14);
    total += sum;
    total_weight += weight;
    ASSERT_EQ(result.errors.size(), 4u);
    std::int64_t rows = 0;
    for (const HeldOutMean& mean : result.means) rows += mean.observed.row_count;
    EXPECT_EQ(rows, 30);
  }
  EXPECT_NEAR(backtest.errors[0].rows.mae, total / total_weight, 1e-14);
  EXPECT_EQ(backtest.errors[0].rows.record_count, 150);
}

TEST(BacktestTest, TheTrueLawBeatsALineWhereScoresSaturate) {
  Simulation simulation = FiveModels();
  simulation.models = 8;
  simulation.per_model = 60;
  simulation.noise = 0.005;
  const TaskBacktest backtest = BacktestOne(Simulate(simulation));
  ASSERT_TRUE(backtest.verdict.has_value());
  EXPECT_EQ(backtest.verdict->kind, VerdictKind::kLaw);
  EXPECT_LT(backtest.errors[0].means.mae, backtest.errors[3].means.mae);
  EXPECT_LT(backtest.errors[3].rows.mae, backtest.errors[1].rows.mae) << "the line beats the constant";
  const BandCoverage coverage = backtest.coverage.value();
  EXPECT_EQ(coverage.group_count + coverage.undetermined_count, backtest.errors[0].means.record_count);
}

TEST(BacktestTest, ErrorsAreSplitByDistance) {
  const TaskBacktest backtest = BacktestOne(Simulate(FiveModels()), FewCandidates(FoldScheme::kPrompt));
  EXPECT_FALSE(backtest.verdict.has_value()) << "frontiers overlap";
  ASSERT_EQ(backtest.bins.size(), 5u);
  std::int64_t means = 0;
  for (const DistanceBin& bin : backtest.bins) {
    if (!bin.errors.empty()) means += bin.errors[0].record_count;
  }
  EXPECT_EQ(means, backtest.errors[0].means.record_count);
  for (const FoldResult& result : backtest.folds) {
    for (const HeldOutMean& mean : result.means) {
      EXPECT_EQ(mean.distance.compute, 0);
      EXPECT_GT(mean.distance.prompt, 0);
    }
  }
}

TEST(BacktestTest, FoldsThatCannotBeFittedAreLeftOut) {
  Simulation simulation = FiveModels();
  simulation.models = 2;
  const TaskBacktest none = BacktestOne(Simulate(simulation));
  EXPECT_EQ(none.fitted_count, 0);
  EXPECT_TRUE(none.errors.empty());
  EXPECT_FALSE(none.verdict.has_value());
  for (const FoldResult& result : none.folds) EXPECT_THAT(result.fold.reason, HasSubstr("one training compute"));
  BacktestOptions options = FewCandidates(FoldScheme::kCompute);
  options.cuts = {2e21, 1e22};
  const TaskBacktest some = BacktestOne(Simulate(FiveModels()), options);
  EXPECT_EQ(some.fitted_count, 1);
  EXPECT_THAT(some.folds[0].fold.reason, HasSubstr("one training compute"));
  EXPECT_EQ(some.errors[0].rows.record_count, some.folds[1].errors[0].rows.record_count);
}

TEST(BacktestTest, GroupsAreRequiredWhereTheyAreHeldOut) {
  const std::unique_ptr<Backend> backend = MakeCpuBackend(1);
  const auto status =
      Backtest(*backend, {OnlyTask(Simulate(FiveModels()))}, FewCandidates(FoldScheme::kGroup)).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("has no groups: must have one per row"));
}

TEST(BacktestTest, EndsWhenCancelled) {
  const std::unique_ptr<Backend> backend = MakeCpuBackend(1);
  StopSignal stop;
  stop.Cancel();
  const std::vector<Observations> tasks = {OnlyTask(Simulate(FiveModels()))};
  EXPECT_EQ(BacktestTasks(*backend, tasks, FewCandidates(), stop, [](const FitProgress&) {}).status().code(),
            absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace ctxfit

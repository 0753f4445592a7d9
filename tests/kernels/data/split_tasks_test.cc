#include "kernels/data/split_tasks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <numeric>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "kernels/law/law_options.h"
#include "tests/kernels/data/three_rows.h"
#include "tests/kernels/simulated_data.h"

namespace ctxfit {
namespace {

using ::testing::HasSubstr;

TEST(SplitTasksTest, ResamplingByRecordMakesRowsTheUnitsDespiteClusters) {
  ObservationTable table = ThreeRows();
  table.cluster = {"b", "a", "b"};
  const Observations clusters = OnlyTask(table);
  EXPECT_TRUE(clusters.clustered);
  EXPECT_EQ(clusters.unit, (std::vector<std::int32_t>{1, 0, 1}));
  EXPECT_TRUE(clusters.unit_2.empty());
  const Observations records = OnlyTask(table, Resampling::kRecord);
  EXPECT_FALSE(records.clustered);
  EXPECT_EQ(records.unit, (std::vector<std::int32_t>{0, 1, 2}));
}

TEST(SplitTasksTest, SecondUnitsAreLabelsIfThereAreAnyElseModelLevels) {
  ObservationTable table = ThreeRows();
  table.training_compute_flops = {2e22, 1e22, 2e22};
  const Observations levels = OnlyTask(table, Resampling::kTwoWay);
  EXPECT_EQ(levels.unit_2, (std::vector<std::int32_t>{1, 0, 1}));
  EXPECT_EQ(levels.unit_2_count, 2);
  table.cluster_2 = {"z", "y", "x"};
  const Observations labels = OnlyTask(table, Resampling::kTwoWay);
  EXPECT_EQ(labels.unit_2, (std::vector<std::int32_t>{2, 1, 0}));
  EXPECT_EQ(labels.unit_2_count, 3);
}

TEST(SplitTasksTest, ResamplingByClusterWithoutClustersIsRefused) {
  const absl::Status status = ValidateAndSplit(ThreeRows(), Resampling::kCluster).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("observations.cluster has 0 values"));
}

TEST(CheckTaskOptionsTest, FloorsAndCeilingsOfTasksThatAreNotThereAreRefused) {
  ObservationTable table = ThreeRows();
  table.task = {"b", "a", "b"};
  LawOptions options;
  options.floor_by_task = {{"a", 0.25}};
  EXPECT_TRUE(CheckTaskOptions(options, table).ok());
  options.ceiling_by_task = {{"b", 0.9}, {"qa", 0.9}};
  EXPECT_EQ(CheckTaskOptions(options, table),
            absl::InvalidArgumentError("options.ceiling.by_task[\"qa\"]: must name a task of the observations, which "
                                       "are \"a\", \"b\""));
  table.task.clear();
  EXPECT_EQ(CheckTaskOptions(options, table).message(),
            "options.floor.by_task[\"a\"]: must name a task of the observations, which are \"\"");
  options.ceiling_by_task.clear();
  options.floor_by_task = {{"", 0.25}};
  EXPECT_TRUE(CheckTaskOptions(options, table).ok());
}

TEST(CheckTaskOptionsTest, OnlyVariablesThatTheLawUsesAreRequired) {
  ObservationTable without_limits = ThreeRows();
  without_limits.context_limit_tokens.clear();
  ObservationTable without_both = without_limits;
  without_both.prompt_tokens.clear();
  const std::string no_limits =
      "observations.context_limit_tokens has 0 rows: must have 3, as many as observations.score";
  const std::string no_prompts = "observations.prompt_tokens has 0 rows: must have 3, as many as observations.score";
  LawOptions options;
  EXPECT_EQ(CheckTaskOptions(options, without_limits).message(), no_limits);
  options.context_factor = false;
  EXPECT_EQ(CheckTaskOptions(options, without_both).message(), no_prompts) << "the penalty uses them";
  options.penalty.form = Penalty::Form::kNone;
  EXPECT_TRUE(CheckTaskOptions(options, without_both).ok());
  options.context_factor = true;
  EXPECT_TRUE(CheckTaskOptions(options, without_limits).ok());
  EXPECT_EQ(CheckTaskOptions(options, without_both).message(), no_prompts);
}

TEST(CheckTaskOptionsTest, TheFirstTenTasksAreListed) {
  ObservationTable table;
  for (char name = 'a'; name <= 'm'; ++name) table.task.push_back(std::string(1, name));
  LawOptions options;
  options.floor_by_task = {{"z", 0.25}};
  EXPECT_THAT(std::string(CheckTaskOptions(options, table).message()), HasSubstr("\"i\", \"j\" and 3 more"));
}

TEST(SplitTasksTest, TasksAreOrderedByName) {
  ObservationTable table = ThreeRows();
  table.task = {"b", "a", "b"};
  const std::vector<Observations> tasks = ValidateAndSplit(table).value();
  ASSERT_EQ(tasks.size(), 2u);
  EXPECT_EQ(tasks[0].task, "a");
  EXPECT_EQ(tasks[0].score, std::vector<double>({0.2}));
  EXPECT_EQ(tasks[1].task, "b");
  EXPECT_EQ(tasks[1].score, std::vector<double>({0.1, 0.3}));
}

TEST(SplitTasksTest, UnitsAreClustersByLabelIfThereAreAnyElseRows) {
  ObservationTable table = ThreeRows();
  table.cluster = {"z", "a", "z"};
  Observations observations = OnlyTask(table);
  EXPECT_TRUE(observations.clustered);
  EXPECT_EQ(observations.unit_count, 2);
  EXPECT_EQ(observations.unit, std::vector<std::int32_t>({1, 0, 1}));

  table.cluster.clear();
  observations = OnlyTask(table);
  EXPECT_FALSE(observations.clustered);
  EXPECT_EQ(observations.unit, std::vector<std::int32_t>({0, 1, 2}));
}

// Shuffles every column of `table` alike.
ObservationTable Shuffled(const ObservationTable& table, unsigned seed) {
  std::vector<std::size_t> order(table.score.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::shuffle(order.begin(), order.end(), std::mt19937(seed));
  ObservationTable shuffled;
  for (const std::size_t row : order) {
    shuffled.training_compute_flops.push_back(table.training_compute_flops[row]);
    shuffled.prompt_tokens.push_back(table.prompt_tokens[row]);
    shuffled.context_limit_tokens.push_back(table.context_limit_tokens[row]);
    shuffled.score.push_back(table.score[row]);
    shuffled.cluster.push_back(table.cluster[row]);
  }
  return shuffled;
}

TEST(SplitTasksTest, ObservationsDoNotDependOnTheOrderOfRows) {
  Simulation simulation;
  simulation.distinct_prompts = false;
  simulation.clusters = 7;
  simulation.noise = 0.5;  // clipped at 0 and 1, so that many scores tie
  const ObservationTable table = Simulate(simulation);
  const Observations expected = OnlyTask(table);
  const Observations shuffled = OnlyTask(Shuffled(table, 3));
  EXPECT_EQ(shuffled.covariates, expected.covariates);
  EXPECT_EQ(shuffled.row_begin, expected.row_begin);
  EXPECT_EQ(shuffled.score, expected.score);
  EXPECT_EQ(shuffled.unit, expected.unit);
}

// Compares with a sort of rows by all their columns; there are more rows than are sorted together.
TEST(SplitTasksTest, RowsAndUnitsAreOrderedByEveryColumn) {
  for (const bool bits : {false, true}) {
    ObservationTable table;
    std::mt19937 random(7);
    for (int row = 0; row < 40000; ++row) {
      table.training_compute_flops.push_back(1e21 * (1 + random() % 7));
      table.prompt_tokens.push_back(1 + random() % 900);
      table.context_limit_tokens.push_back(1000 * (1 + random() % 3));
      table.score.push_back(static_cast<double>(random() % (bits ? 2 : 5)) / (bits ? 1 : 4));
      if (!bits) table.weight.push_back(1 + random() % 3);
      table.cluster.push_back("run " + std::to_string(random() % 5));
      table.cluster_2.push_back("item " + std::to_string(random() % 40));
    }
    std::vector<std::tuple<double, double, double, std::string, std::string, double, double>> expected;
    for (std::size_t row = 0; row < table.score.size(); ++row) {
      expected.emplace_back(table.prompt_tokens[row], table.training_compute_flops[row],
                            table.context_limit_tokens[row], table.cluster[row], table.cluster_2[row], table.score[row],
                            bits ? 1 : table.weight[row]);
    }
    std::sort(expected.begin(), expected.end());
    const Observations sorted = OnlyTask(table, Resampling::kTwoWay);
    ASSERT_EQ(sorted.row_begin.size(), sorted.covariates.size() + 1);
    std::size_t row = 0;
    for (std::size_t k = 0; k < sorted.covariates.size(); ++k) {
      for (; row < sorted.row_begin[k + 1]; ++row) {
        const auto& [prompt, compute, limit, cluster, cluster_2, score, weight] = expected[row];
        ASSERT_EQ(sorted.covariates[k], (Covariates{compute, prompt, limit})) << row;
        ASSERT_EQ(sorted.levels.compute[sorted.levels.level_of[k]], compute) << row;
        ASSERT_EQ(sorted.score[row], score) << row;
        ASSERT_EQ(sorted.WeightOf(row), weight) << row;
        ASSERT_EQ(cluster, "run " + std::to_string(sorted.unit[row])) << row;
      }
    }
    EXPECT_EQ(row, expected.size());
  }
}

TEST(SplitTasksTest, ObservationsOfATaskDoNotDependOnOtherTasks) {
  constexpr int kTasks = 60;
  std::vector<ObservationTable> alone(kTasks);
  ObservationTable together;
  for (int i = 0; i < kTasks; ++i) {
    ObservationTable& table = alone[i];
    table = Simulate({.per_model = 4, .seed = static_cast<unsigned>(i)});
    for (std::size_t row = 0; row < table.score.size(); ++row) {
      table.cluster.push_back(std::to_string(100 * i + static_cast<int>(row) % 6));
      together.training_compute_flops.push_back(table.training_compute_flops[row]);
      together.prompt_tokens.push_back(table.prompt_tokens[row]);
      together.context_limit_tokens.push_back(table.context_limit_tokens[row]);
      together.score.push_back(table.score[row]);
      together.cluster.push_back(table.cluster[row]);
      together.task.push_back("task " + std::to_string(1000 + i));
    }
  }
  const std::vector<Observations> tasks = ValidateAndSplit(together).value();
  ASSERT_EQ(tasks.size(), std::size_t{kTasks});
  for (int i = 0; i < kTasks; ++i) {
    const Observations expected = OnlyTask(alone[i]);
    EXPECT_EQ(tasks[i].task, "task " + std::to_string(1000 + i));
    EXPECT_EQ(tasks[i].covariates, expected.covariates);
    EXPECT_EQ(tasks[i].score, expected.score);
    EXPECT_EQ(tasks[i].unit, expected.unit);
    EXPECT_EQ(tasks[i].unit_count, 6);
  }
}

TEST(SplitTasksTest, RowsThatAreHeldOutAreNotInTheObservations) {
  ObservationTable table = ThreeRows();
  table.task = {"b", "a", "b"};
  table.held_out = {true, false, false};
  const ValidTable valid = Validate(table).value();
  const std::vector<Observations> tasks = SplitTasks(valid).value();
  ASSERT_EQ(tasks.size(), 2u);
  EXPECT_EQ(tasks[0].score, std::vector<double>({0.2}));
  EXPECT_EQ(tasks[1].score, std::vector<double>({0.3}));
  EXPECT_EQ(tasks[1].unit_count, 1);
  const std::map<std::string, std::vector<std::size_t>> held_out = {{"b", {0}}};
  EXPECT_EQ(HeldOutRowsByTask(valid), held_out);
  const std::map<std::string, std::vector<std::size_t>> all = {{"a", {1}}, {"b", {0, 2}}};
  EXPECT_EQ(RowsByTask(valid), all);
}

}  // namespace
}  // namespace ctxfit

#include "kernels/observations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <random>

#include "tests/kernels/simulated_data.h"

namespace ctxfit {
namespace {

using ::testing::HasSubstr;

ObservationTable ThreeRows() {
  ObservationTable table;
  table.training_compute_flops = {1e22, 2e22, 3e22};
  table.prompt_tokens = {10, 20, 30};
  table.context_limit_tokens = {4096, 4096, 4096};
  table.score = {0.1, 0.2, 0.3};
  return table;
}

void ExpectRejected(const ObservationTable& table, const std::string& message) {
  const absl::Status status = Validate(table);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr(message));
}

TEST(ObservationsTest, AcceptsScoresAtBothEnds) {
  ObservationTable table = ThreeRows();
  table.score = {0, 1, 0.5};
  EXPECT_TRUE(Validate(table).ok());
}

TEST(ObservationsTest, NamesColumnRowValueAndRule) {
  ObservationTable table = ThreeRows();
  table.score[1] = 1.2;
  ExpectRejected(table, "observations.score[1] = 1.2: must be in [0, 1]");

  table = ThreeRows();
  table.prompt_tokens[2] = -5;
  ExpectRejected(table, "observations.prompt_tokens[2] = -5: must be finite and > 0");

  table = ThreeRows();
  table.training_compute_flops[0] = std::numeric_limits<double>::infinity();
  ExpectRejected(table, "observations.training_compute_flops[0] = inf: must be finite and > 0");

  table = ThreeRows();
  table.context_limit_tokens[0] = std::nan("");
  ExpectRejected(table, "observations.context_limit_tokens[0] = nan: must be finite and > 0");

  table = ThreeRows();
  table.score[0] = std::nan("");
  ExpectRejected(table, "observations.score[0] = nan: must be in [0, 1]");

  table = ThreeRows();
  table.weight = {1, 0, 1};
  ExpectRejected(table, "observations.weight[1] = 0: must be finite and > 0");

  table = ThreeRows();
  table.cluster = {"a", "b", ""};
  ExpectRejected(table, "observations.cluster[2] = \"\": must not be empty");

  table = ThreeRows();
  table.score = {0.5, 0.1, 0.2};
  table.score_variance = {0.25, 0.1, 0};
  ExpectRejected(table, "observations.score_variance[1] = 0.1: must be in [0, score * (1 - score)] = [0, 0.09]");
}

TEST(ObservationsTest, RejectsColumnsOfUnequalLength) {
  ObservationTable table = ThreeRows();
  table.prompt_tokens.pop_back();
  ExpectRejected(table, "observations.prompt_tokens has 2 rows: must have 3");

  table = ThreeRows();
  table.task = {"a"};
  ExpectRejected(table, "observations.task has 1 rows: must have 3");
}

TEST(ObservationsTest, RowsAreUnitsWhereRecordsAreResampled) {
  ObservationTable table = ThreeRows();
  table.cluster = {"b", "a", "b"};
  const Observations clusters = SplitTasks(table).value().at(0);
  EXPECT_TRUE(clusters.clustered);
  EXPECT_EQ(clusters.unit, (std::vector<std::int32_t>{1, 0, 1}));
  EXPECT_TRUE(clusters.unit_2.empty());
  const Observations records = SplitTasks(table, Resampling::kRecord).value().at(0);
  EXPECT_FALSE(records.clustered);
  EXPECT_EQ(records.unit, (std::vector<std::int32_t>{0, 1, 2}));
}

TEST(ObservationsTest, SecondUnitsAreLabelsOrElseModelLevels) {
  ObservationTable table = ThreeRows();
  table.training_compute_flops = {2e22, 1e22, 2e22};
  const Observations levels = SplitTasks(table, Resampling::kTwoWay).value().at(0);
  EXPECT_EQ(levels.unit_2, (std::vector<std::int32_t>{1, 0, 1}));
  EXPECT_EQ(levels.unit_2_count, 2);
  table.cluster_2 = {"z", "y", "x"};
  const Observations labels = SplitTasks(table, Resampling::kTwoWay).value().at(0);
  EXPECT_EQ(labels.unit_2, (std::vector<std::int32_t>{2, 1, 0}));
  EXPECT_EQ(labels.unit_2_count, 3);
}

TEST(ObservationsTest, ClustersThatAreNotThereCannotBeResampled) {
  const absl::Status status = SplitTasks(ThreeRows(), Resampling::kCluster).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("observations.cluster has 0 values"));
}

TEST(ObservationsTest, RejectsNoRows) { ExpectRejected(ObservationTable{}, "observations.score has 0 rows"); }

TEST(ObservationsTest, SplitsTasksByName) {
  ObservationTable table = ThreeRows();
  table.task = {"b", "a", "b"};
  const std::vector<Observations> tasks = SplitTasks(table).value();
  ASSERT_EQ(tasks.size(), 2u);
  EXPECT_EQ(tasks[0].task, "a");
  EXPECT_EQ(tasks[0].score, std::vector<double>({0.2}));
  EXPECT_EQ(tasks[1].task, "b");
  EXPECT_EQ(tasks[1].score, std::vector<double>({0.1, 0.3}));
}

TEST(ObservationsTest, NumbersClustersByLabelAndRowsOtherwise) {
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

TEST(ObservationsTest, CanonicalOrderDoesNotDependOnTheOrderOfRows) {
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

TEST(ObservationsTest, RowsThatAreHeldOutAreNotFitted) {
  ObservationTable table = ThreeRows();
  table.task = {"b", "a", "b"};
  table.held_out = {true, false, false};
  const std::vector<Observations> tasks = SplitTasks(table).value();
  ASSERT_EQ(tasks.size(), 2u);
  EXPECT_EQ(tasks[0].score, std::vector<double>({0.2}));
  EXPECT_EQ(tasks[1].score, std::vector<double>({0.3}));
  EXPECT_EQ(tasks[1].unit_count, 1);
  const std::map<std::string, std::vector<std::size_t>> held_out = {{"b", {0}}};
  EXPECT_EQ(HeldOutRowsByTask(table), held_out);
  const std::map<std::string, std::vector<std::size_t>> all = {{"a", {1}}, {"b", {0, 2}}};
  EXPECT_EQ(RowsByTask(table), all);
}

TEST(ObservationsTest, ATaskThatIsHeldOutAsAWholeIsRefusedByName) {
  ObservationTable table = ThreeRows();
  table.held_out = {true, true};
  ExpectRejected(table, "observations.held_out has 2 rows: must have 3");
  table.held_out = {true, true, true};
  ExpectRejected(table, "observations.held_out is true in all 3 rows of task \"\": must be false in at least 1");
  table.task = {"a", "b", "b"};
  table.held_out = {true, true, false};
  ExpectRejected(table, "all 1 rows of task \"a\"");
}

}  // namespace
}  // namespace ctxfit

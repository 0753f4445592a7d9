#include "kernels/data/select_rows.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "kernels/data/split_tasks.h"
#include "kernels/law/resampling.h"

namespace ctxfit {
namespace {

ObservationTable ThreeRows() {
  ObservationTable table;
  table.training_compute_flops = {1e22, 2e22, 3e22};
  table.prompt_tokens = {10, 20, 30};
  table.context_limit_tokens = {4096, 4096, 4096};
  table.score = {0.1, 0.2, 0.3};
  return table;
}

TEST(SelectRowsTest, NumbersUnitsAnewInTheirOrder) {
  ObservationTable table = ThreeRows();
  table.cluster = {"c", "b", "a"};
  const Observations all = SplitTasks(table, Resampling::kTwoWay).value().at(0);
  const Observations selected = Select(all, {0, 2});
  EXPECT_EQ(selected.score, (std::vector<double>{0.1, 0.3}));
  EXPECT_EQ(selected.covariates, (std::vector<Covariates>{{1e22, 10, 4096}, {3e22, 30, 4096}}));
  EXPECT_EQ(selected.row_begin, (std::vector<std::size_t>{0, 1, 2}));
  EXPECT_TRUE(selected.score_variance.empty());
  EXPECT_EQ(selected.unit, (std::vector<std::int32_t>{1, 0})) << "of 2 and 0";
  EXPECT_EQ(selected.unit_count, 2);
  EXPECT_EQ(selected.unit_2, (std::vector<std::int32_t>{0, 1})) << "of 0 and 2";
  EXPECT_TRUE(selected.clustered);
}

TEST(SelectRowsTest, KeepsRowsOfOneCombinationTogether) {
  ObservationTable table = ThreeRows();
  table.training_compute_flops = {1e22, 1e22, 1e22};
  table.prompt_tokens = {10, 20, 20};
  table.score = {0.1, 0.3, 0.2};
  const Observations all = SplitTasks(table).value().at(0);
  EXPECT_EQ(all.row_begin, (std::vector<std::size_t>{0, 1, 3}));
  EXPECT_EQ(Select(all, {0, 2}).row_begin, (std::vector<std::size_t>{0, 1, 2}));
  const Observations selected = Select(all, {1, 2});
  EXPECT_EQ(selected.row_begin, (std::vector<std::size_t>{0, 2}));
  EXPECT_EQ(selected.covariates, (std::vector<Covariates>{{1e22, 20, 4096}}));
  EXPECT_EQ(selected.score, (std::vector<double>{0.2, 0.3}));
}

TEST(SelectRowsTest, MayKeepTheNumbersOfUnits) {
  ObservationTable table = ThreeRows();
  table.cluster = {"c", "b", "a"};
  table.group = {1, 1, 0};
  const Observations selected = Select(SplitTasks(table).value().at(0), {0, 2}, UnitNumbers::kKeep);
  EXPECT_EQ(selected.unit, (std::vector<std::int32_t>{2, 0}));
  EXPECT_EQ(selected.unit_count, 3);
  EXPECT_EQ(selected.group, (std::vector<std::int32_t>{1, 0}));
}

TEST(SelectRowsTest, LevelsWithoutRowsAreNoStrata) {
  const Observations all = SplitTasks(ThreeRows(), Resampling::kStratified).value().at(0);
  EXPECT_EQ(all.stratum_begin, (std::vector<std::int32_t>{0, 1, 2, 3}));
  EXPECT_EQ(Select(all, {0, 2}).stratum_begin, (std::vector<std::int32_t>{0, 1, 2}));
  EXPECT_EQ(Select(all, {0, 2}).unit, (std::vector<std::int32_t>{0, 1}));
}

}  // namespace
}  // namespace ctxfit

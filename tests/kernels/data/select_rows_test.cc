#include "kernels/data/select_rows.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "kernels/law/resampling.h"
#include "tests/kernels/data/three_rows.h"
#include "tests/kernels/simulated_data.h"

namespace ctxfit {
namespace {

TEST(SelectRowsTest, UnitsOfASelectionAreRenumberedInTheirOrder) {
  ObservationTable table = ThreeRows();
  table.cluster = {"c", "b", "a"};
  const Observations all = OnlyTask(table, Resampling::kTwoWay);
  const Observations selected = Select(all, {0, 2});
  EXPECT_EQ(selected.score, (std::vector<double>{0.1, 0.3}));
  EXPECT_EQ(selected.covariates, (std::vector<Covariates>{{1e22, 10, 4096}, {3e22, 30, 4096}}));
  EXPECT_EQ(selected.row_begin, (std::vector<std::size_t>{0, 1, 2}));
  EXPECT_TRUE(selected.score_variance.empty());
  EXPECT_EQ(selected.unit, (std::vector<std::int32_t>{1, 0})) << "2 and 0 before";
  EXPECT_EQ(selected.unit_count, 2);
  EXPECT_EQ(selected.unit_2, (std::vector<std::int32_t>{0, 1})) << "0 and 2 before";
  EXPECT_TRUE(selected.clustered);
}

TEST(SelectRowsTest, RowsOfOneCombinationStayTogether) {
  ObservationTable table = ThreeRows();
  table.training_compute_flops = {1e22, 1e22, 1e22};
  table.prompt_tokens = {10, 20, 20};
  table.score = {0.1, 0.3, 0.2};
  const Observations all = OnlyTask(table);
  EXPECT_EQ(all.row_begin, (std::vector<std::size_t>{0, 1, 3}));
  EXPECT_EQ(Select(all, {0, 2}).row_begin, (std::vector<std::size_t>{0, 1, 2}));
  const Observations selected = Select(all, {1, 2});
  EXPECT_EQ(selected.row_begin, (std::vector<std::size_t>{0, 2}));
  EXPECT_EQ(selected.covariates, (std::vector<Covariates>{{1e22, 20, 4096}}));
  EXPECT_EQ(selected.score, (std::vector<double>{0.2, 0.3}));
}

TEST(SelectRowsTest, UnitsKeepTheirNumbersIfAsked) {
  ObservationTable table = ThreeRows();
  table.cluster = {"c", "b", "a"};
  table.group = {1, 1, 0};
  const Observations selected = Select(OnlyTask(table), {0, 2}, UnitNumbers::kKeep);
  EXPECT_EQ(selected.unit, (std::vector<std::int32_t>{2, 0}));
  EXPECT_EQ(selected.unit_count, 3);
  EXPECT_EQ(selected.group, (std::vector<std::int32_t>{1, 0}));
}

TEST(SelectRowsTest, LevelsWithoutSelectedRowsAreNoStrata) {
  const Observations all = OnlyTask(ThreeRows(), Resampling::kStratified);
  EXPECT_EQ(all.stratum_begin, (std::vector<std::int32_t>{0, 1, 2, 3}));
  EXPECT_EQ(Select(all, {0, 2}).stratum_begin, (std::vector<std::int32_t>{0, 1, 2}));
  EXPECT_EQ(Select(all, {0, 2}).unit, (std::vector<std::int32_t>{0, 1}));
}

}  // namespace
}  // namespace ctxfit

#include "kernels/backend/cuda/row_order.h"

#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "kernels/base/thread_pool.h"
#include "kernels/data/split_tasks.h"
#include "kernels/law/resampling.h"
#include "tests/gpu/bits.h"
#include "tests/gpu/gpu_test.h"
#include "tests/kernels/random_table.h"

namespace ctxfit {
namespace {

using Rows = std::vector<std::size_t>;

using RowOrderTest = GpuTest;

std::vector<double> ValuesOf(const std::vector<Covariates>& covariates) {
  std::vector<double> values;
  for (const Covariates& each : covariates) values.insert(values.end(), {each.compute, each.prompt, each.limit});
  return values;
}

// Expects the host's order, to the bit.
void ExpectOrderOfTheHost(const std::shared_ptr<CudaDevice>& device, const ObservationTable& table, const Rows& rows) {
  ThreadPool pool(2);
  const CanonicalOrder expected = SortCanonically(table, rows, pool);
  const absl::StatusOr<CanonicalOrder> order = SortOnDevice(device, table, rows, StopSignal());
  ASSERT_TRUE(order.ok()) << order.status();
  EXPECT_EQ(order->rows, expected.rows);
  EXPECT_EQ(BitsOf(ValuesOf(order->covariates)), BitsOf(ValuesOf(expected.covariates)));
  EXPECT_EQ(order->begin, expected.begin);
  EXPECT_EQ(BitsOf(order->score), BitsOf(expected.score));
  EXPECT_EQ(order->cluster.of_row, expected.cluster.of_row);
  EXPECT_EQ(order->cluster.count, expected.cluster.count);
  EXPECT_EQ(order->cluster_2.of_row, expected.cluster_2.of_row);
  EXPECT_EQ(order->cluster_2.count, expected.cluster_2.count);
}

TEST_F(RowOrderTest, AnySetOfOptionalColumnsIsSortedAsOnTheHost) {
  const auto device = OpenDevice();
  for (unsigned columns = 0; columns < 64; ++columns) {
    SCOPED_TRACE("set of columns " + std::to_string(columns));
    const ObservationTable table = DrawTable(DesignWith(columns), columns);
    ExpectOrderOfTheHost(device, table, AllRows(table));
  }
}

TEST_F(RowOrderTest, AnyNumberOfRowsIsSortedAsOnTheHost) {
  const auto device = OpenDevice();
  for (const int rows : {1, 2, 3, Scaled(8193), Scaled(200000)}) {
    for (const int prompts : {1, 3, 500}) {
      SCOPED_TRACE(std::to_string(rows) + " rows, " + std::to_string(prompts) + " prompt lengths");
      const ObservationTable table = DrawTable({.rows = rows, .prompts = prompts, .clusters = 7, .weight = true}, rows);
      ExpectOrderOfTheHost(device, table, AllRows(table));
    }
  }
}

TEST_F(RowOrderTest, CovariatesFromTheLeastToTheLargestDoubleAreSortedAsOnTheHost) {
  const ObservationTable table =
      DrawTable({.rows = Scaled(20000), .prompts = 400, .computes = 30, .limits = 30, .wide = true}, 5);
  ExpectOrderOfTheHost(OpenDevice(), table, AllRows(table));
}

TEST_F(RowOrderTest, RowsWithoutPromptsOrLimitsAreSortedAsOnTheHost) {
  ObservationTable table = DrawTable({.bits = true, .clusters = 20}, 6);
  table.prompt_tokens.assign(table.prompt_tokens.size(), 1);
  ExpectOrderOfTheHost(OpenDevice(), table, AllRows(table));
  table.context_limit_tokens.assign(table.prompt_tokens.size(), std::numeric_limits<double>::infinity());
  ExpectOrderOfTheHost(OpenDevice(), table, AllRows(table));
}

// The two zeros are equal scores, whose order is that of the next column.
TEST_F(RowOrderTest, NegativeZerosAreSortedAsOnTheHost) {
  ObservationTable table = DrawTable({.prompts = 3, .bits = true, .weight = true}, 7);
  for (std::size_t row = 0; row < table.score.size(); row += 2) table.score[row] = -0.0;
  ExpectOrderOfTheHost(OpenDevice(), table, AllRows(table));
}

TEST_F(RowOrderTest, RowsOfOneTaskAreRankedAmongThemselves) {
  const ObservationTable table = DrawTable({.rows = 2000, .clusters = 300, .second_clusters = 2}, 8);
  Rows few;  // fewer than there are labels
  Rows backwards;
  for (std::size_t row = 0; row < table.score.size(); ++row) {
    if (row % 97 == 5) few.push_back(row);
    if (row % 3 != 1) backwards.insert(backwards.begin(), row);
  }
  ExpectOrderOfTheHost(OpenDevice(), table, few);
  ExpectOrderOfTheHost(OpenDevice(), table, backwards);
}

TEST_F(RowOrderTest, RowsThatAreEqualInEveryColumnKeepTheirOrder) {
  const ObservationTable one = DrawTable({.rows = 1, .clusters = 1, .weight = true}, 10);
  ObservationTable table = one;
  for (int i = 0; i < 99; ++i) {
    table.training_compute_flops.push_back(one.training_compute_flops[0]);
    table.prompt_tokens.push_back(one.prompt_tokens[0]);
    table.context_limit_tokens.push_back(one.context_limit_tokens[0]);
    table.score.push_back(one.score[0]);
    table.weight.push_back(one.weight[0]);
    table.cluster.push_back(one.cluster[0]);
  }
  const CanonicalOrder order = SortOnDevice(OpenDevice(), table, AllRows(table), StopSignal()).value();
  EXPECT_EQ(order.rows, AllRows(table));
  EXPECT_EQ(order.begin, Rows({0, 100}));
}

// Tasks are sorted concurrently where none has most of the rows.
TEST_F(RowOrderTest, SeveralTasksAreSplitAsOnTheHost) {
  ObservationTable table = DrawTable({.rows = 1000, .clusters = 9, .weight = true, .score_variance = true}, 12);
  for (std::size_t row = 0; row < table.score.size(); ++row) {
    table.task.push_back("task " + std::to_string(row % 7));
    table.held_out.push_back(row % 5 == 0);
  }
  const auto backend = MakeCudaBackend(0, 0).value();
  const StopSignal stop;
  const auto tasks = ValidateAndSplit(table, Resampling::kTwoWay, backend->Sorter(stop)).value();
  const auto expected = ValidateAndSplit(table, Resampling::kTwoWay).value();
  ASSERT_EQ(tasks.size(), expected.size());
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    EXPECT_EQ(tasks[i].task, expected[i].task);
    EXPECT_EQ(tasks[i].covariates, expected[i].covariates);
    EXPECT_EQ(tasks[i].row_begin, expected[i].row_begin);
    EXPECT_EQ(tasks[i].score, expected[i].score);
    EXPECT_EQ(tasks[i].weight, expected[i].weight);
    EXPECT_EQ(tasks[i].score_variance, expected[i].score_variance);
    EXPECT_EQ(tasks[i].unit, expected[i].unit);
    EXPECT_EQ(tasks[i].unit_2, expected[i].unit_2);
  }
}

TEST_F(RowOrderTest, AStopEndsTheSort) {
  const ObservationTable table = DrawTable({}, 11);
  StopSignal stop;
  stop.Cancel();
  EXPECT_EQ(SortOnDevice(OpenDevice(), table, AllRows(table), stop).status().code(), absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace ctxfit

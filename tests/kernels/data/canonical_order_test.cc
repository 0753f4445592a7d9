#include "kernels/data/canonical_order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <numeric>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "kernels/data/select_rows.h"
#include "tests/kernels/random_table.h"

namespace ctxfit {
namespace {

using Rows = std::vector<std::size_t>;

std::string LabelAt(const Labels& column, std::size_t row) { return column.empty() ? "" : column[row]; }

// Every column that a fit sees, in the order in which rows are compared.
auto Key(const ObservationTable& table, std::size_t row) {
  return std::make_tuple(table.prompt_tokens[row], table.training_compute_flops[row], table.context_limit_tokens[row],
                         LabelAt(table.cluster, row), LabelAt(table.cluster_2, row), table.score[row],
                         table.weight.empty() ? 1.0 : table.weight[row],
                         table.score_variance.empty() ? 0.0 : table.score_variance[row],
                         table.group.empty() ? 0 : table.group[row]);
}

// Expects the ranks of labels in the rows of `order`, by their order among those rows.
void ExpectRanks(const Labels& column, const Rows& order, const Ranks& actual) {
  if (column.empty()) {
    EXPECT_TRUE(actual.of_row.empty());
    EXPECT_EQ(actual.count, 0);
    return;
  }
  std::map<std::string, std::int32_t> rank;
  for (const std::size_t row : order) rank.emplace(column[row], 0);
  std::int32_t count = 0;
  for (auto& [label, number] : rank) number = count++;
  ASSERT_EQ(actual.of_row.size(), order.size());
  EXPECT_EQ(actual.count, count);
  for (std::size_t i = 0; i < order.size(); ++i) ASSERT_EQ(actual.of_row[i], rank.at(column[order[i]])) << i;
}

// Expects combinations of covariates each once, those of the rows that begin there.
void ExpectCombinations(const ObservationTable& table, const CanonicalOrder& order) {
  ASSERT_EQ(order.begin.size(), order.covariates.size() + 1);
  EXPECT_EQ(order.begin.front(), 0u);
  EXPECT_EQ(order.begin.back(), order.rows.size());
  for (std::size_t k = 0; k < order.covariates.size(); ++k) {
    ASSERT_LT(order.begin[k], order.begin[k + 1]) << k;
    if (k > 0) {
      ASSERT_FALSE(order.covariates[k] == order.covariates[k - 1]) << k;
    }
    for (std::size_t i = order.begin[k]; i < order.begin[k + 1]; ++i) {
      const std::size_t row = order.rows[i];
      const Covariates covariates = {table.training_compute_flops[row], table.prompt_tokens[row],
                                     table.context_limit_tokens[row]};
      ASSERT_EQ(order.covariates[k], covariates) << i;
    }
  }
}

// Expects the order that std::stable_sort finds.
void ExpectSorted(const ObservationTable& table, const Rows& rows, int threads = 2) {
  ThreadPool pool(threads);
  const CanonicalOrder order = SortCanonically(table, rows, pool);
  Rows expected = rows;
  std::stable_sort(expected.begin(), expected.end(),
                   [&](std::size_t a, std::size_t b) { return Key(table, a) < Key(table, b); });
  EXPECT_EQ(order.rows, expected);
  EXPECT_EQ(order.score, Pick(table.score, order.rows));
  ExpectCombinations(table, order);
  ExpectRanks(table.cluster, order.rows, order.cluster);
  ExpectRanks(table.cluster_2, order.rows, order.cluster_2);
}

// The rows of `table` in another order.
ObservationTable Permuted(const ObservationTable& table, const Rows& order) {
  const auto permute_labels = [&order](const Labels& from, Labels& to) {
    for (std::size_t i = 0; i < order.size() && !from.empty(); ++i) to.push_back(from[order[i]]);
  };
  ObservationTable permuted;
  permuted.training_compute_flops = Pick(table.training_compute_flops, order);
  permuted.prompt_tokens = Pick(table.prompt_tokens, order);
  permuted.context_limit_tokens = Pick(table.context_limit_tokens, order);
  permuted.score = Pick(table.score, order);
  permuted.weight = Pick(table.weight, order);
  permuted.score_variance = Pick(table.score_variance, order);
  permuted.group = Pick(table.group, order);
  permute_labels(table.cluster, permuted.cluster);
  permute_labels(table.cluster_2, permuted.cluster_2);
  return permuted;
}

// Expects the same numbers in every column. Equality is that of the bits, as no column holds a NaN or a negative zero.
void ExpectSameColumns(const ObservationTable& table_a, const CanonicalOrder& a, const ObservationTable& table_b,
                       const CanonicalOrder& b) {
  EXPECT_EQ(a.covariates, b.covariates);
  EXPECT_EQ(a.begin, b.begin);
  EXPECT_EQ(a.score, b.score);
  EXPECT_EQ(a.cluster.of_row, b.cluster.of_row);
  EXPECT_EQ(a.cluster.count, b.cluster.count);
  EXPECT_EQ(a.cluster_2.of_row, b.cluster_2.of_row);
  EXPECT_EQ(a.cluster_2.count, b.cluster_2.count);
  EXPECT_EQ(Pick(table_a.weight, a.rows), Pick(table_b.weight, b.rows));
  EXPECT_EQ(Pick(table_a.score_variance, a.rows), Pick(table_b.score_variance, b.rows));
  EXPECT_EQ(Pick(table_a.group, a.rows), Pick(table_b.group, b.rows));
}

// More rows than are sorted together, many of them equal in every column.
constexpr TableDesign kManyRows = {.rows = 60000,
                                   .prompts = 500,
                                   .clusters = 7,
                                   .second_clusters = 3,
                                   .weight = true,
                                   .score_variance = true,
                                   .group = true};

TEST(CanonicalOrderTest, AnySetOfOptionalColumnsIsSortedAsByStableSort) {
  for (unsigned columns = 0; columns < 64; ++columns) {
    SCOPED_TRACE("set of columns " + std::to_string(columns));
    const ObservationTable table = DrawTable(DesignWith(columns), columns);
    ExpectSorted(table, AllRows(table));
  }
}

TEST(CanonicalOrderTest, AnyNumberOfRowsIsSortedAsByStableSort) {
  for (const int rows : {1, 2, 3, 8191, 8192, 8193, 60000}) {
    for (const int prompts : {1, 3, 500, 50000}) {
      SCOPED_TRACE(std::to_string(rows) + " rows, " + std::to_string(prompts) + " prompt lengths");
      TableDesign design = kManyRows;
      design.rows = rows;
      design.prompts = prompts;
      const ObservationTable table = DrawTable(design, rows + prompts);
      ExpectSorted(table, AllRows(table));
    }
  }
}

TEST(CanonicalOrderTest, CovariatesFromTheLeastToTheLargestDoubleAreSortedAsByStableSort) {
  for (const bool bits : {false, true}) {
    const TableDesign design = {
        .rows = 20000, .prompts = 400, .computes = 30, .limits = 30, .wide = true, .bits = bits};
    const ObservationTable table = DrawTable(design, 5);
    ExpectSorted(table, AllRows(table));
  }
}

// With 8192 prompt lengths, as many as a part of distinct ones has, and 600,000 levels a key would exceed 32 bits:
// parts must get smaller.
TEST(CanonicalOrderTest, MorePairsOfPromptAndLevelThanAKeyHoldsAreSortedAsByStableSort) {
  constexpr std::size_t kRows = 600000;
  ObservationTable table = DrawTable({.rows = kRows}, 6);
  std::iota(table.prompt_tokens.begin(), table.prompt_tokens.end(), 1.0);
  std::iota(table.training_compute_flops.begin(), table.training_compute_flops.end(), 1.0);
  Rows order = AllRows(table);
  std::shuffle(order.begin(), order.end(), std::mt19937(1));
  table.training_compute_flops = Pick(table.training_compute_flops, order);
  ExpectSorted(table, order);
}

TEST(CanonicalOrderTest, RowsOfOneTaskAreRankedAmongThemselves) {
  const ObservationTable table = DrawTable({.rows = 20000, .clusters = 3000, .second_clusters = 2}, 8);
  Rows few;  // fewer than there are labels
  Rows many;
  for (std::size_t row = 0; row < table.score.size(); ++row) {
    if (row % 97 == 5) few.push_back(row);
    if (row % 3 != 1) many.push_back(row);
  }
  ExpectSorted(table, few);
  ExpectSorted(table, many);
}

TEST(CanonicalOrderTest, ASingleRowIsOneCombination) {
  const ObservationTable table = DrawTable({.rows = 5, .clusters = 5}, 9);
  ThreadPool pool(2);
  const CanonicalOrder order = SortCanonically(table, {3}, pool);
  EXPECT_EQ(order.rows, Rows({3}));
  EXPECT_EQ(order.begin, Rows({0, 1}));
  EXPECT_EQ(order.score, std::vector<double>({table.score[3]}));
  EXPECT_EQ(order.cluster.of_row, std::vector<std::int32_t>({0}));
  EXPECT_EQ(order.cluster.count, 1);
  ASSERT_EQ(order.covariates.size(), 1u);
  EXPECT_EQ(order.covariates[0].prompt, table.prompt_tokens[3]);
}

TEST(CanonicalOrderTest, RowsThatAreEqualInEveryColumnAreOneCombination) {
  const ObservationTable table = DrawTable({.rows = 1, .clusters = 1, .weight = true}, 10);
  const ObservationTable repeated = Permuted(table, Rows(20000, 0));
  ExpectSorted(repeated, AllRows(repeated));
  ThreadPool pool(3);
  const CanonicalOrder order = SortCanonically(repeated, AllRows(repeated), pool);
  EXPECT_EQ(order.begin, Rows({0, 20000}));
  EXPECT_EQ(order.cluster.count, 1);
}

TEST(CanonicalOrderTest, TheOrderInWhichRowsArriveDoesNotReachAnyColumn) {
  for (const bool bits : {false, true}) {
    TableDesign design = kManyRows;
    design.bits = bits;
    if (bits) design.weight = design.score_variance = design.group = false;  // scores are then sorted by their key
    const ObservationTable table = DrawTable(design, 11);
    ThreadPool pool(2);
    const CanonicalOrder expected = SortCanonically(table, AllRows(table), pool);
    for (unsigned seed = 0; seed < 3; ++seed) {
      Rows arrival = AllRows(table);
      std::shuffle(arrival.begin(), arrival.end(), std::mt19937(seed));
      const ObservationTable permuted = Permuted(table, arrival);
      ExpectSameColumns(permuted, SortCanonically(permuted, AllRows(permuted), pool), table, expected);
      ExpectSameColumns(table, SortCanonically(table, arrival, pool), table, expected);
    }
  }
}

TEST(CanonicalOrderTest, TheNumberOfThreadsDoesNotReachTheOrder) {
  const ObservationTable table = DrawTable(kManyRows, 12);
  ThreadPool one(1);
  const CanonicalOrder expected = SortCanonically(table, AllRows(table), one);
  for (const int threads : {2, 3, 8, 13}) {
    SCOPED_TRACE(std::to_string(threads) + " threads");
    ThreadPool pool(threads);
    const CanonicalOrder order = SortCanonically(table, AllRows(table), pool);
    EXPECT_EQ(order.rows, expected.rows);
    ExpectSameColumns(table, order, table, expected);
  }
}

}  // namespace
}  // namespace ctxfit

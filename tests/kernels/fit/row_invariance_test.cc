// Changes of rows that must not change a fit: their order, other tasks, held-out records, and records of vanishing
// weight.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "kernels/data/cells.h"
#include "kernels/fit/fit.h"
#include "kernels/fit/options.h"
#include "kernels/law/fitted_law.h"
#include "kernels/objective/linearization.h"
#include "tests/kernels/fit/property_designs.h"
#include "tests/kernels/same_fit.h"
#include "tests/kernels/simulated_data.h"

namespace ctxfit {
namespace {

// Puts the rows of `more` behind those of `table`; both have the same columns.
void Append(const ObservationTable& more, ObservationTable& table) {
  const auto append = [&](auto column) {
    for (std::size_t row = 0; row < (more.*column).size(); ++row) (table.*column).push_back((more.*column)[row]);
  };
  append(&ObservationTable::training_compute_flops);
  append(&ObservationTable::prompt_tokens);
  append(&ObservationTable::context_limit_tokens);
  append(&ObservationTable::score);
  append(&ObservationTable::weight);
  append(&ObservationTable::cluster);
  append(&ObservationTable::task);
  append(&ObservationTable::held_out);
}

class RowInvarianceTest : public testing::TestWithParam<Design> {
 protected:
  const ObservationTable table_ = TableOf(GetParam());
};

INSTANTIATE_TEST_SUITE_P(Designs, RowInvarianceTest, testing::ValuesIn(kDesigns),
                         [](const auto& test) { return std::string(test.param.name); });

TEST_P(RowInvarianceTest, TheOrderOfRowsDoesNotMatter) {
  std::vector<std::size_t> order(table_.score.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::shuffle(order.begin(), order.end(), std::mt19937(7));
  ObservationTable shuffled;
  const auto shuffle = [&](auto column) {
    if ((table_.*column).empty()) return;
    for (const std::size_t row : order) (shuffled.*column).push_back((table_.*column)[row]);
  };
  shuffle(&ObservationTable::training_compute_flops);
  shuffle(&ObservationTable::prompt_tokens);
  shuffle(&ObservationTable::context_limit_tokens);
  shuffle(&ObservationTable::score);
  shuffle(&ObservationTable::weight);
  shuffle(&ObservationTable::cluster);
  ExpectSameFit(FitOne(shuffled), FitOne(table_), kSameBits);
}

TEST_P(RowInvarianceTest, OtherTasksOfTheRequestDoNotMatter) {
  ObservationTable all = table_;
  all.task.assign(all.score.size(), "this");
  for (const char* task : {"another", "yet another"}) {
    Design design = GetParam();
    design.simulation.seed += 10;
    design.simulation.law.point.at[kContextExponent] = 1.2;
    ObservationTable other = TableOf(design);
    other.task.assign(other.score.size(), task);
    Append(other, all);
  }
  const std::vector<TaskFit> fits = FitAll(all, FewReplicates());
  ASSERT_EQ(fits.size(), 3);
  ASSERT_EQ(fits[1].task, "this");
  ExpectSameFit(fits[1], FitOne(table_), kSameBits);
}

// Rows that contradict all others at their own covariates, with a cluster of their own where there are clusters, behind
// the others: units keep their numbers, on which their weights in a replicate depend.
ObservationTable Contradiction(const ObservationTable& table) {
  ObservationTable rows;
  for (std::size_t row = 0; row < table.score.size(); row += 10) {
    rows.training_compute_flops.push_back(table.training_compute_flops[row]);
    rows.prompt_tokens.push_back(table.prompt_tokens[row]);
    rows.context_limit_tokens.push_back(table.context_limit_tokens[row]);
    rows.score.push_back(1 - table.score[row]);
  }
  if (!table.weight.empty()) rows.weight.assign(rows.score.size(), 1);
  if (!table.cluster.empty()) rows.cluster.assign(rows.score.size(), "zzz");
  return rows;
}

TEST_P(RowInvarianceTest, HeldOutRecordsDoNotMatter) {
  ObservationTable more = Contradiction(table_);
  more.held_out.assign(more.score.size(), true);
  // They come first, where their cluster would renumber every unit if they counted.
  if (!more.cluster.empty()) more.cluster.assign(more.score.size(), "a cluster of its own");
  ObservationTable rest = table_;
  rest.held_out.assign(rest.score.size(), false);
  Append(rest, more);
  ExpectSameFit(FitOne(more), FitOne(table_), kSameBits);
}

// The distance between two points in the metric of J' W J, in which standard errors are sigma.
double Distance(const ObservationTable& table, const Law& law, const Point& other) {
  const Cells cells = Collapse(OnlyTask(table), law.references, law.penalty, Units::kMerge);
  const NormalEquations equations = Linearize(cells, law.point);
  double sum = 0;
  for (int i = 0; i < kFactorCoordinateCount; ++i) {
    for (int j = 0; j < kFactorCoordinateCount; ++j) {
      sum += equations.jtj[PackedIndex(std::max(i, j), std::min(i, j))] * (other.at[i] - law.point.at[i]) *
             (other.at[j] - law.point.at[j]);
    }
  }
  return std::sqrt(sum);
}

// Weights are positive, so no record is removed by its weight; but as that goes to 0, so does what the record changes.
//
// m rows of weight w change the gradient by s = w sum r dP with |r| <= 1, and the optimum by H^-1 s, H = J' W J. In the
// metric of H that step is the sum of w r times the roots of the rows' leverages dP' H^-1 dP, which are at most 1,
// since the design has rows of weight 1 or more at the same covariates: it is m w at most. Twice that leaves room for
// the second derivatives, which H is without.
TEST_P(RowInvarianceTest, ARecordCountsByItsWeight) {
  FitOptions options;
  options.bootstrap.replicates = 0;
  options.compute_reference_flops = 2e22;  // those of the data would move with them
  options.prompt_reference_tokens = 900;
  ObservationTable table = table_;
  if (table.weight.empty()) table.weight.assign(table.score.size(), 1);
  const TaskFit without = FitOne(table, options);
  const double sigma = std::sqrt(without.goodness.sse / static_cast<double>(table.score.size()));
  ObservationTable rows = Contradiction(table);
  for (const double weight : {1e-3, 1e-6, 1e-9, 1e-12}) {
    rows.weight.assign(rows.score.size(), weight);
    ObservationTable all = table;
    Append(rows, all);
    const double bound = 2 * static_cast<double>(rows.score.size()) * weight + kRounding * sigma;
    EXPECT_LE(Distance(table, without.law, FitOne(all, options).law.point), bound) << weight;
  }
}

}  // namespace
}  // namespace ctxfit

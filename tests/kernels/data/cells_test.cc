#include "kernels/data/cells.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "kernels/data/residuals.h"
#include "kernels/law/fitted_law.h"
#include "kernels/law/law_options.h"
#include "kernels/objective/linearization.h"
#include "kernels/statistics/goodness.h"
#include "tests/kernels/simulated_data.h"

namespace ctxfit {
namespace {

double RowWiseSse(const Observations& observations, const Law& law) {
  double sum = 0;
  VisitResiduals(observations, ExpectedScores(observations, law), [&](std::size_t, std::size_t row, double residual) {
    sum += observations.WeightOf(row) * residual * residual;
  });
  return sum;
}

Simulation Repeated() {
  Simulation simulation;
  simulation.distinct_prompts = false;
  simulation.per_model = 200;
  simulation.clusters = 9;
  simulation.noise = 0.3;
  return simulation;
}

TEST(CellsTest, CollapsingKeepsTheSumOfSquaresOfAnyLaw) {
  ObservationTable table = Simulate(Repeated());
  for (std::size_t row = 0; row < table.score.size(); ++row) table.weight.push_back(1.0 + static_cast<double>(row % 5));
  const Observations observations = OnlyTask(table);
  for (const Units units : {Units::kMerge, Units::kKeep}) {
    for (const double alpha : {0.0, 0.3, 2.0}) {
      const Law law = {{{0.1, alpha, -0.4, 0.5}}, {3e22, 700}, {Penalty::Form::kRatio, 0.1, 1.3}};
      const Cells cells = Collapse(observations, law.references, law.penalty, units);
      const double expected = RowWiseSse(observations, law);
      // A sum of n = 1000 terms in another order: n units of rounding, 1e-13, relative.
      EXPECT_NEAR(WeightedCost(cells, law.point), expected, 1e-13 * expected);
    }
  }
}

TEST(CellsTest, RowsThatShareTheirCovariatesAreOneCell) {
  const Observations observations = OnlyTask(Simulate(Repeated()));
  const References references = ChooseReferences(observations, {});
  const Cells merged = Collapse(observations, references, {}, Units::kMerge);
  EXPECT_EQ(merged.size(), 5u * 10u);
  EXPECT_EQ(merged.log_prompt.size(), 10u);
  EXPECT_EQ(merged.log_compute.size(), 5u);
  EXPECT_EQ(merged.record_count, 1000u);
  EXPECT_TRUE(merged.unit.empty());
  EXPECT_DOUBLE_EQ(std::accumulate(merged.weight.begin(), merged.weight.end(), 0.0), 1000);

  const Cells kept = Collapse(observations, references, {}, Units::kKeep);
  EXPECT_EQ(kept.unit.size(), kept.size());
  EXPECT_EQ(kept.size(), 5u * 90u);  // 9 clusters and 10 prompts meet in 90 pairs, as 200 > lcm(9, 10)
}

TEST(CellsTest, RowsOfDistinctCovariatesAreCellsOfTheirOwn) {
  const Observations observations = OnlyTask(Simulate({}));
  const Cells cells = Collapse(observations, ChooseReferences(observations, {}), {}, Units::kKeep);
  EXPECT_EQ(cells.size(), observations.size());
  EXPECT_EQ(cells.within_cost, 0);
}

// A table may print a variance that rounding takes above score (1 - score), which is 0 for a score of 0.
TEST(CellsTest, AVarianceAboveItsMaximumByRoundingCountsAsThatUnderTheBernoulliLoss) {
  const auto within_cost = [](const std::vector<double>& variance) {
    ObservationTable table;
    table.training_compute_flops = {1e22, 1e23};
    table.prompt_tokens = {100, 200};
    table.context_limit_tokens = {1000, 1000};
    table.score = {0, 0.219};
    table.weight = {10, 1000};
    table.score_variance = variance;
    return Collapse(OnlyTask(table), {1e22, 100}, {}, Units::kMerge, {true, 0, 1, {Loss::kBernoulli}}).within_cost;
  };
  EXPECT_EQ(within_cost({5e-10, 0.17104}), within_cost({0, 0.219 * (1 - 0.219)}));
}

TEST(CellsTest, ReferencesAreWeightedGeometricMeansUnlessSet) {
  ObservationTable table;
  table.training_compute_flops = {1e20, 1e24};
  table.prompt_tokens = {100, 10000};
  table.context_limit_tokens = {4096, 4096};
  table.score = {0.1, 0.2};
  table.weight = {3, 1};
  const Observations observations = OnlyTask(table);
  References references = ChooseReferences(observations, {});
  EXPECT_NEAR(references.compute_flops / 1e21, 1, 1e-12);
  EXPECT_NEAR(references.prompt_tokens / std::pow(10, 2.5), 1, 1e-12);

  LawOptions options;
  options.compute_reference_flops = 5e22;
  options.prompt_reference_tokens = 77;
  references = ChooseReferences(observations, options);
  EXPECT_EQ(references.compute_flops, 5e22);
  EXPECT_EQ(references.prompt_tokens, 77);
}

}  // namespace
}  // namespace ctxfit

#include "kernels/statistics/errors/dispersion.h"

#include <gtest/gtest.h>

#include <cmath>

#include "kernels/data/split_tasks.h"
#include "kernels/law/domain.h"
#include "kernels/law/fitted_law.h"
#include "kernels/law/law_options.h"
#include "kernels/statistics/goodness.h"
#include "kernels/statistics/identification/informative.h"
#include "tests/kernels/simulated_data.h"

namespace ctxfit {
namespace {

// Rows within the limit, and as many far beyond it where the law expects 0 and the scores are 0.5.
ObservationTable WithHopelessRows() {
  Simulation simulation;
  simulation.models = 3;
  simulation.law.penalty.form = Penalty::Form::kNone;
  ObservationTable table = Simulate(simulation);
  const std::size_t rows = table.score.size();
  for (double& limit : table.context_limit_tokens) limit = 1e6;
  for (std::size_t row = 0; row < rows; ++row) {
    table.training_compute_flops.push_back(table.training_compute_flops[row]);
    table.prompt_tokens.push_back(table.prompt_tokens[row]);
    table.context_limit_tokens.push_back(1);
    table.score.push_back(0.5);
  }
  return table;
}

double Disperse(const ObservationTable& table, const LawOptions& options, double variance) {
  const Observations observations = OnlyTask(table);
  const Law law = Simulation().law;
  const std::vector<double> expected = ExpectedScores(observations, law);
  const Domain domain = MakeDomain(options);
  return DispersionOf(observations, expected, FindInformative(expected, law, domain), domain.free_count(), options.loss,
                      variance);
}

TEST(DispersionTest, RowsThatCarryNoInformationDoNotCount) {
  const double dispersion = Disperse(WithHopelessRows(), {}, 0.125);
  EXPECT_NEAR(dispersion, 0.02 * 0.02, 1e-4);
}

TEST(DispersionTest, HopelessRowsNeverRaiseTheDispersion) { EXPECT_EQ(Disperse(WithHopelessRows(), {}, 1e-5), 1e-5); }

TEST(DispersionTest, AnExactFitHasTheDispersionOfRounding) {
  ObservationTable table = WithHopelessRows();
  const Law law = Simulation().law;
  for (std::size_t row = 0; row < table.score.size() / 2; ++row) {
    table.score[row] =
        Predict(law, table.training_compute_flops[row], table.prompt_tokens[row], table.context_limit_tokens[row]);
  }
  EXPECT_EQ(Disperse(table, {}, 0.125), 1e-24);
}

TEST(DispersionTest, AFittedFloorMakesEveryRowCount) {
  LawOptions options;
  options.parameters[kFloor].fixed.reset();
  EXPECT_EQ(Disperse(WithHopelessRows(), options, 0.125), 0.125);
}

TEST(DispersionTest, WithoutHopelessRowsTheVarianceOfTheLossStands) {
  ObservationTable table = Simulate({});
  for (double& limit : table.context_limit_tokens) limit = 1e6;
  EXPECT_EQ(Disperse(table, {}, 0.125), 0.125);
}

// Means of m 0/1 scores without weights vary by P (1 - P) / m.
TEST(DispersionTest, DevianceIsJudgedByTheSpreadOfTheScores) {
  std::mt19937 random(3);
  Simulation simulation;
  simulation.noise = 0;
  simulation.per_model = 400;
  ObservationTable table = Simulate(simulation);
  for (double& limit : table.context_limit_tokens) limit = 1e6;
  constexpr int kTrials = 25;
  for (std::size_t row = 0; row < table.score.size(); ++row) {
    const double expected = Predict(simulation.law, table.training_compute_flops[row], table.prompt_tokens[row], 1e6);
    table.score[row] = std::binomial_distribution<int>(kTrials, expected)(random) / static_cast<double>(kTrials);
  }
  LawOptions options;
  options.loss.loss = Loss::kBernoulli;
  EXPECT_NEAR(Disperse(table, options, 1) * kTrials, 1, 0.1);
}

// A single 0/1 score has variance P (1 - P), also where the law tells all 0s from all 1s.
TEST(DispersionTest, ScoresOfZeroAndOneHaveADispersionOfAtLeastOne) {
  LawOptions options;
  options.loss.loss = Loss::kBernoulli;
  ObservationTable table = Simulate({});
  EXPECT_LT(Disperse(table, options, 1), 0.1) << "means of many evaluations";
  for (double& score : table.score) score = score > 0.2;
  const double separated = Disperse(table, options, 1);
  EXPECT_GE(separated, 1);
}

}  // namespace
}  // namespace ctxfit

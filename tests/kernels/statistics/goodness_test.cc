#include "kernels/statistics/goodness.h"

#include <gtest/gtest.h>

#include <cmath>

#include "kernels/data/observations.h"
#include "kernels/law/fitted_law.h"
#include "tests/kernels/simulated_data.h"

namespace ctxfit {
namespace {

Observations FourRows() {
  ObservationTable table;
  table.training_compute_flops = {1e22, 1e22, 1e22, 1e22};
  table.prompt_tokens = {10, 20, 30, 40};
  table.context_limit_tokens = {30, 30, 30, 30};
  table.score = {0.1, 0.2, 0.3, 0.6};
  table.weight = {1, 1, 2, 4};
  return OnlyTask(table);
}

TEST(GoodnessTest, ResidualsWeighAsMeansOfTheirEvaluations) {
  // Residuals 0.1, -0.1, 0.2 and 0.3.
  const Goodness goodness = MeasureGoodness(FourRows(), {0, 0.3, 0.1, 0.3}, 2);
  EXPECT_EQ(goodness.record_count, 4);
  EXPECT_DOUBLE_EQ(goodness.sse, 0.01 + 0.01 + 2 * 0.04 + 4 * 0.09);
  EXPECT_DOUBLE_EQ(goodness.rmse, std::sqrt(0.46 / 8));
  EXPECT_DOUBLE_EQ(goodness.mae, (0.1 + 0.1 + 0.4 + 1.2) / 8);
  EXPECT_DOUBLE_EQ(goodness.mae_within_limit.value(), 0.6 / 4);  // the limit itself is within
  EXPECT_DOUBLE_EQ(goodness.mae_beyond_limit.value(), 0.3);
  // Weighted mean 3.3 / 8; sum of squares about it: 0.01 + 0.04 + 0.18 + 1.44 - 3.3^2 / 8.
  EXPECT_NEAR(goodness.r_squared.value(), 1 - 0.46 / (1.67 - 3.3 * 3.3 / 8), 1e-14);
  EXPECT_DOUBLE_EQ(goodness.aic.value(), 4 * std::log(0.46 / 4) + 2 * 3);
  EXPECT_DOUBLE_EQ(goodness.bic.value(), 4 * std::log(0.46 / 4) + 3 * std::log(4));
}

TEST(GoodnessTest, StatisticsWithoutMeaningAreUnset) {
  Observations observations = FourRows();
  for (Covariates& covariates : observations.covariates) covariates.limit = 100;
  observations.score = {0.3, 0.3, 0.3, 0.3};
  const Goodness goodness = MeasureGoodness(observations, {0.3, 0.3, 0.3, 0.3}, 2);
  EXPECT_FALSE(goodness.mae_beyond_limit.has_value());
  EXPECT_FALSE(goodness.r_squared.has_value());
  EXPECT_FALSE(goodness.aic.has_value());
  EXPECT_FALSE(goodness.bic.has_value());
}

TEST(GoodnessTest, ExpectedScoresAreThoseOfTheLaw) {
  Simulation simulation;
  simulation.noise = 0;
  const Observations observations = OnlyTask(Simulate(simulation));
  const std::vector<double> expected = ExpectedScores(observations, simulation.law);
  Law blind = simulation.law;
  blind.penalty.form = Penalty::Form::kNone;
  const std::vector<double> without_penalty = ExpectedScores(observations, blind);
  ASSERT_EQ(expected.size(), observations.covariates.size());
  for (std::size_t k = 0; k < expected.size(); ++k) {
    for (std::size_t row = observations.row_begin[k]; row < observations.row_begin[k + 1]; ++row) {
      EXPECT_EQ(expected[k], observations.score[row]);
    }
    if (observations.covariates[k].prompt < 2 * observations.covariates[k].limit) continue;
    EXPECT_GT(without_penalty[k], expected[k] + 0.1);
  }
}

}  // namespace
}  // namespace ctxfit

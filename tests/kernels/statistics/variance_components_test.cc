#include "kernels/statistics/variance_components.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "kernels/data/observations.h"

namespace ctxfit {
namespace {

// `clusters` clusters of 2 to 10 rows, each a mean over 1 to 4 evaluations.
struct Sample {
  Observations observations;
  std::vector<double> expected;
};

// Gives every row covariates of its own. Returns the expected scores that leave `residuals`.
std::vector<double> SetResiduals(const std::vector<double>& residuals, Observations& observations) {
  std::vector<double> expected;
  observations.row_begin = {0};
  for (std::size_t row = 0; row < residuals.size(); ++row) {
    expected.push_back(observations.score[row] - residuals[row]);
    observations.row_begin.push_back(row + 1);
  }
  return expected;
}

Sample Draw(int clusters, double between, double within, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  Sample sample;
  std::vector<double> residuals;
  sample.observations.clustered = true;
  sample.observations.unit_count = clusters;
  for (int cluster = 0; cluster < clusters; ++cluster) {
    const double effect = between * normal(random);
    for (int row = 0; row < 2 + cluster % 9; ++row) {
      const double weight = 1 + row % 4;
      residuals.push_back(effect + within / std::sqrt(weight) * normal(random));
      sample.observations.score.push_back(0.5);
      sample.observations.weight.push_back(weight);
      sample.observations.unit.push_back(cluster);
    }
  }
  sample.expected = SetResiduals(residuals, sample.observations);
  return sample;
}

TEST(VarianceComponentsTest, ComponentsAreRecoveredFromUnbalancedClusters) {
  const Sample sample = Draw(2000, 0.05, 0.2, 1);
  const VarianceComponents components = EstimateVarianceComponents(sample.observations, sample.expected, 4);
  // Relative standard errors: 1.4 % of a variance from 10,000 rows, about 10 % of that between 2,000 clusters with so
  // much noise. Four of each.
  EXPECT_NEAR(components.within, 0.04, 0.06 * 0.04);
  EXPECT_NEAR(components.between_clusters, 0.0025, 0.4 * 0.0025);
}

TEST(VarianceComponentsTest, VarianceBetweenClustersIsNeverNegative) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    const Sample sample = Draw(20, 0, 0.2, seed);
    EXPECT_GE(EstimateVarianceComponents(sample.observations, sample.expected, 4).between_clusters, 0);
  }
}

TEST(VarianceComponentsTest, WithoutClustersEvaluationsAreIndependent) {
  Observations observations;
  observations.score = {0.5, 0.5, 0.5};
  observations.weight = {1, 2, 1};
  observations.unit = {0, 1, 2};
  observations.unit_count = 3;
  const VarianceComponents components =
      EstimateVarianceComponents(observations, SetResiduals({0.1, -0.1, 0.2}, observations), 1);
  EXPECT_EQ(components.between_clusters, 0);
  EXPECT_DOUBLE_EQ(components.within, (0.01 + 0.02 + 0.04) / 2);
}

TEST(VarianceComponentsTest, MeansWithTheirVariancesCountAsTheEvaluationsBehindThem) {
  Observations rows;
  rows.clustered = true;
  rows.unit_count = 2;
  rows.score = {0, 1, 0, 1, 1, 0};
  rows.weight = {1, 1, 1, 1, 1, 1};
  rows.unit = {0, 0, 0, 1, 1, 1};
  const std::vector<double> residuals = {-0.4, 0.6, -0.4, 0.5, 0.5, -0.5};
  Observations means;
  means.clustered = true;
  means.unit_count = 2;
  means.score = {1.0 / 3, 2.0 / 3};
  means.weight = {3, 3};
  means.score_variance = {2.0 / 9, 2.0 / 9};
  means.unit = {0, 1};
  const VarianceComponents of_rows = EstimateVarianceComponents(rows, SetResiduals(residuals, rows), 1);
  const VarianceComponents of_means =
      EstimateVarianceComponents(means, SetResiduals({1.0 / 3 - 0.4, 2.0 / 3 - 0.5}, means), 1);
  EXPECT_NEAR(of_means.within, of_rows.within, 1e-15);
  EXPECT_NEAR(of_means.between_clusters, of_rows.between_clusters, 1e-15);
}

}  // namespace
}  // namespace ctxfit

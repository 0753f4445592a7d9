#include "kernels/statistics/errors/variance_components.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "kernels/data/observations.h"
#include "kernels/law/loss_rule.h"

namespace ctxfit {
namespace {

VarianceComponents EstimateFromAll(const Observations& observations, const std::vector<double>& expected,
                                   int fitted_count, const LossRule& loss) {
  return EstimateVarianceComponents(observations, expected, std::vector<bool>(expected.size(), true), fitted_count,
                                    loss);
}

const LossRule kSquared = {};

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
  const VarianceComponents components = EstimateFromAll(sample.observations, sample.expected, 4, kSquared);
  // Relative standard errors: 1.4 % of a variance from 10,000 rows, about 10 % of that between 2,000 clusters with so
  // much noise. Four of each.
  EXPECT_NEAR(components.within, 0.04, 0.06 * 0.04);
  EXPECT_NEAR(components.between_clusters, 0.0025, 0.4 * 0.0025);
}

TEST(VarianceComponentsTest, VarianceBetweenClustersIsNeverNegative) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    const Sample sample = Draw(20, 0, 0.2, seed);
    EXPECT_GE(EstimateFromAll(sample.observations, sample.expected, 4, kSquared).between_clusters, 0);
  }
}

TEST(VarianceComponentsTest, WithoutClustersEvaluationsAreIndependent) {
  Observations observations;
  observations.score = {0.5, 0.5, 0.5};
  observations.weight = {1, 2, 1};
  observations.unit = {0, 1, 2};
  observations.unit_count = 3;
  const VarianceComponents components =
      EstimateFromAll(observations, SetResiduals({0.1, -0.1, 0.2}, observations), 1, kSquared);
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
  const VarianceComponents of_rows = EstimateFromAll(rows, SetResiduals(residuals, rows), 1, kSquared);
  const VarianceComponents of_means =
      EstimateFromAll(means, SetResiduals({1.0 / 3 - 0.4, 2.0 / 3 - 0.5}, means), 1, kSquared);
  // A few roundings of numbers about 1.
  EXPECT_NEAR(of_means.within, of_rows.within, 1e-14);
  EXPECT_NEAR(of_means.between_clusters, of_rows.between_clusters, 1e-14);
  EXPECT_TRUE(of_rows.in_binomial_units);
  EXPECT_TRUE(of_means.in_binomial_units);
}

// Means about expected scores of 0.1, 0.5 and 0.9, each of 20 to 80 evaluations, in clusters of 6 rows or in none.
Sample DrawMeans(bool binomial, bool clustered, int rows, unsigned seed) {
  std::mt19937 random(seed);
  Sample sample;
  std::vector<double> residuals;
  sample.observations.clustered = clustered;
  sample.observations.unit_count = clustered ? rows / 6 : rows;
  for (int row = 0; row < rows; ++row) {
    const int weight = 20 + 10 * (row % 7);
    const double expected = 0.1 + 0.4 * (row % 3);
    const double score = binomial
                             ? std::binomial_distribution<int>(weight, expected)(random) / static_cast<double>(weight)
                             : expected + std::normal_distribution<double>(0, 0.3 / std::sqrt(weight))(random);
    sample.observations.score.push_back(score);
    sample.observations.weight.push_back(weight);
    sample.observations.unit.push_back(clustered ? row / 6 : row);
    residuals.push_back(score - expected);
  }
  sample.expected = SetResiduals(residuals, sample.observations);
  return sample;
}

TEST(VarianceComponentsTest, UnitsAreBinomialWhereResidualsShowIt) {
  int found = 0;
  for (unsigned seed = 1; seed <= 20; ++seed) {
    for (const bool clustered : {false, true}) {
      const auto has_binomial_units = [&](bool binomial) {
        const Sample sample = DrawMeans(binomial, clustered, 360, seed);
        return EstimateFromAll(sample.observations, sample.expected, 0, kSquared).in_binomial_units;
      };
      found += has_binomial_units(true);
      EXPECT_FALSE(has_binomial_units(false)) << "seed " << seed;
    }
  }
  // 360 rows of variances 0.09, 0.25 and 0.09 differ from a common one by 360 [ln(mean v) - mean ln v] = 45 in
  // deviance, with a standard deviation of some 13.
  EXPECT_GE(found, 38);
}

// Clusters whose scores of 0 or 1 have a probability P + e sqrt(P (1 - P)) with P of 0.1, 0.5 or 0.9 and e of standard
// deviation `between`.
TEST(VarianceComponentsTest, ComponentsOfBinaryScoresAreInUnitsOfTheBinomialVariance) {
  std::mt19937 random(5);
  std::uniform_real_distribution<double> uniform;
  Sample sample;
  std::vector<double> residuals;
  sample.observations.clustered = true;
  sample.observations.unit_count = 4000;
  for (int cluster = 0; cluster < 4000; ++cluster) {
    const double effect = uniform(random) < 0.5 ? 0.2 : -0.2;
    for (int row = 0; row < 12; ++row) {
      const double expected = 0.1 + 0.4 * (row % 3);
      const double share = expected + effect * std::sqrt(expected * (1 - expected));
      sample.observations.score.push_back(uniform(random) < share ? 1 : 0);
      sample.observations.unit.push_back(cluster);
      residuals.push_back(sample.observations.score.back() - expected);
    }
  }
  sample.expected = SetResiduals(residuals, sample.observations);
  const VarianceComponents components = EstimateFromAll(sample.observations, sample.expected, 0, kSquared);
  EXPECT_TRUE(components.in_binomial_units);
  // The variance of a score about its share is less than P (1 - P) by the variance of shares: 1 - 0.04. Relative
  // standard errors are 0.6 % of it, from 48,000 rows of a kurtosis up to 8, and 8 % of that between clusters; four of
  // each.
  EXPECT_NEAR(components.within, 0.96, 0.025);
  EXPECT_NEAR(components.between_clusters, 0.04, 0.013);
  EXPECT_DOUBLE_EQ(components.OfNewMean(0.5, 4), 0.25 * (components.between_clusters + components.within / 4));
  EXPECT_GT(components.OfNewMean(1, 4), 0);
}

TEST(VarianceComponentsTest, MeansAreInBinomialUnitsUnderTheBernoulliLossOnly) {
  const Sample sample = Draw(20, 0.05, 0.2, 1);
  const LossRule bernoulli = {Loss::kBernoulli};
  EXPECT_FALSE(EstimateFromAll(sample.observations, sample.expected, 4, kSquared).in_binomial_units);
  EXPECT_TRUE(EstimateFromAll(sample.observations, sample.expected, 4, bernoulli).in_binomial_units);
}

}  // namespace
}  // namespace ctxfit

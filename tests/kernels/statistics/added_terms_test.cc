#include "kernels/statistics/added_terms.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "kernels/law/options.h"
#include "kernels/statistics/distributions.h"
#include "tests/kernels/simulated_data.h"
#include "tests/kernels/statistics/added_term_regression.h"

namespace ctxfit {
namespace {

void ExpectRegression(const Case& a, const std::vector<double>& term) {
  const AddedTerms terms = a.Terms();
  const auto z = [&term](std::size_t k) { return term[k]; };
  const TermSums sums = terms.Sum(z, TermMetric::kResidual);
  const TermTest test = terms.Test(z, sums, ErrorModel::kByUnit).value();
  const Regression expected = Regress(a, term);
  EXPECT_NEAR(terms.SizeOf(sums)->estimate / expected.estimate, 1, kTolerance);
  EXPECT_NEAR(test.statistic / expected.statistic, 1, kTolerance);
  EXPECT_NEAR(test.degrees_of_freedom / expected.degrees_of_freedom, 1, kTolerance);
  EXPECT_NEAR(test.p_value, FTailProbability(expected.statistic * expected.statistic, 1, expected.degrees_of_freedom),
              kTolerance);
}

TEST(AddedTermsTest, AGroupOfRowsIsTestedLikeACoefficientOfARegressionWithClusterRobustErrors) {
  const Case a(Simulate(NoisyRuns(12)));
  std::vector<double> term;
  for (const Covariates& each : a.observations.covariates) term.push_back(each.prompt < 200);
  ExpectRegression(a, term);
}

TEST(AddedTermsTest, WithoutClustersEveryRowIsAUnit) {
  Simulation simulation = NoisyRuns(0);
  simulation.per_model = 8;
  const Case a(Simulate(simulation));
  std::vector<double> term;
  for (const Covariates& each : a.observations.covariates) term.push_back(std::log(each.prompt / 1000));
  ExpectRegression(a, term);
}

TEST(AddedTermsTest, ATermThatFittedCoordinatesAbsorbCannotBeTested) {
  const Case a(Simulate(NoisyRuns(12)));
  const AddedTerms terms = a.Terms();
  const auto z = [&](std::size_t k) { return 2 * terms.Gradient(k, kLogContextCoefficient); };
  const TermSums sums = terms.Sum(z, TermMetric::kResidual);
  EXPECT_FALSE(terms.SizeOf(sums).has_value());
  EXPECT_FALSE(terms.Test(z, sums, ErrorModel::kByUnit).has_value());
}

TEST(AddedTermsTest, OneMoreUnitThanFittedCoordinatesIsTooFew) {
  for (const int clusters : {5, 6}) {
    const Case a(Simulate(NoisyRuns(clusters)));
    const AddedTerms terms = a.Terms();
    const auto z = [&](std::size_t k) { return a.observations.covariates[k].compute > 1e22 ? 1.0 : 0.0; };
    EXPECT_EQ(terms.Test(z, terms.Sum(z, TermMetric::kResidual), ErrorModel::kByUnit).has_value(), clusters == 6);
  }
}

// With two keys, here clusters and models, the key that shows less counts: one model alone shows nothing.
TEST(AddedTermsTest, ATermOfOneModelCannotBeTestedWhereModelsAreUnits) {
  Simulation simulation = NoisyRuns(30);
  simulation.models = 8;
  const Case a(Simulate(simulation), Resampling::kTwoWay);
  const AddedTerms terms = a.Terms();
  const double first = a.observations.levels.compute.front();
  const auto one_model = [&](std::size_t k) { return a.observations.covariates[k].compute == first ? 1.0 : 0.0; };
  const auto short_prompts = [&](std::size_t k) { return a.observations.covariates[k].prompt < 200 ? 1.0 : 0.0; };
  const auto tested = [&](const AddedTerms::Term& z) {
    return terms.Test(z, terms.Sum(z, TermMetric::kResidual), ErrorModel::kByUnit).has_value();
  };
  EXPECT_FALSE(tested(one_model));
  EXPECT_TRUE(tested(short_prompts));
}

// Means of 100 scores each, about a law without free coordinates: the sum of 100 r over its standard deviation,
// sqrt(sum of 100 P (1 - P)), P by Laplace's rule.
TEST(AddedTermsTest, BinomialErrorsFollowFromTheCounts) {
  Case a(Simulate(NoisyRuns(0)));
  a.observations.weight.assign(a.observations.size(), 100);
  const bool fixed[kCoordinateCount]{};
  const AddedTerms terms(a.observations, a.fit.law, a.expected, {}, fixed);
  double sum = 0;
  double variance = 0;
  for (std::size_t k = 0; k < a.expected.size(); ++k) {
    const double p = (100 * a.expected[k] + 1) / 102;
    for (std::size_t row = a.observations.row_begin[k]; row < a.observations.row_begin[k + 1]; ++row) {
      sum += 100 * (a.observations.score[row] - a.expected[k]);
      variance += 100 * p * (1 - p);
    }
  }
  const auto z = [](std::size_t) { return 1.0; };
  const TermTest test = terms.Test(z, terms.Sum(z, TermMetric::kResidual), ErrorModel::kBinomial).value();
  EXPECT_NEAR(test.statistic, sum / std::sqrt(variance), 1e-10);
  EXPECT_EQ(test.degrees_of_freedom, std::numeric_limits<double>::infinity());
  EXPECT_NEAR(test.p_value, 2 * NormalProbability(-std::abs(test.statistic)), 1e-15);
}

}  // namespace
}  // namespace ctxfit

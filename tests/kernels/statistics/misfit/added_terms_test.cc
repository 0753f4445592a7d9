#include "kernels/statistics/misfit/added_terms.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "kernels/statistics/numerics/distributions.h"
#include "tests/kernels/simulated_data.h"
#include "tests/kernels/statistics/misfit/added_term_regression.h"

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

// The test of a term of 1 on rows that are means of `count` scores each, about a law without free coordinates.
struct BinomialCase {
  double statistic = 0;   // the sum of w r over its standard deviation, sqrt(sum of w P (1 - P)), P by Laplace's rule
  double chi_square = 0;  // the sum of w r^2 / (P (1 - P))
  double rows = 0;
  TermTest test;
};

BinomialCase TestMeansOf(double count) {
  Case a(Simulate(NoisyRuns(0)));
  a.observations.weight.assign(a.observations.size(), count);
  const bool fixed[kCoordinateCount]{};
  const AddedTerms terms(a.observations, a.fit.law, a.expected, {}, fixed);
  const auto z = [](std::size_t) { return 1.0; };
  BinomialCase result;
  result.test = terms.Test(z, terms.Sum(z, TermMetric::kResidual), ErrorModel::kBinomial).value();
  double variance = 0;
  for (std::size_t k = 0; k < a.expected.size(); ++k) {
    const double p = (count * a.expected[k] + 1) / (count + 2);
    for (std::size_t row = a.observations.row_begin[k]; row < a.observations.row_begin[k + 1]; ++row) {
      const double residual = a.observations.score[row] - a.expected[k];
      result.statistic += count * residual;
      result.chi_square += count * residual * residual / (p * (1 - p));
      variance += count * p * (1 - p);
      ++result.rows;
    }
  }
  result.statistic /= std::sqrt(variance);
  return result;
}

TEST(AddedTermsTest, BinomialErrorsFollowFromTheCounts) {
  const BinomialCase few = TestMeansOf(20);
  ASSERT_LT(few.chi_square, few.rows);
  EXPECT_NEAR(few.test.statistic, few.statistic, 1e-10);
  EXPECT_EQ(few.test.degrees_of_freedom, std::numeric_limits<double>::infinity());
  EXPECT_NEAR(few.test.p_value, 2 * NormalProbability(-std::abs(few.test.statistic)), 1e-15);
}

TEST(AddedTermsTest, RowsThatScatterMoreThanTheirCountsAllowAreTestedAgainstTheirScatter) {
  const BinomialCase many = TestMeansOf(100);
  ASSERT_GT(many.chi_square, 2 * many.rows);
  const double freedom = many.rows - 1;
  const double dispersion = (many.chi_square - many.statistic * many.statistic) / freedom;
  EXPECT_NEAR(many.test.statistic, many.statistic / std::sqrt(dispersion), 1e-10);
  EXPECT_EQ(many.test.degrees_of_freedom, freedom);
}

}  // namespace
}  // namespace ctxfit

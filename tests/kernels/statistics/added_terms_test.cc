#include "kernels/statistics/added_terms.h"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>
#include <limits>
#include <map>
#include <vector>

#include "kernels/data/split_tasks.h"
#include "kernels/fit/fit.h"
#include "kernels/law/fitted_law.h"
#include "kernels/law/options.h"
#include "kernels/statistics/distributions.h"
#include "kernels/statistics/drift_test.h"
#include "kernels/statistics/goodness.h"
#include "tests/kernels/simulated_data.h"

namespace ctxfit {
namespace {

constexpr bool kFree[kCoordinateCount] = {true, true, true, true};

// A fit with what terms are tested against.
struct Case {
  explicit Case(const ObservationTable& table, Resampling resampling = Resampling::kAuto)
      : observations(OnlyTask(table, resampling)) {
    FitOptions options;
    options.bootstrap.replicates = 0;
    options.bootstrap.resampling = resampling;
    fit = FitTask(*MakeCpuBackend(1), observations, options, StopSignal()).value();
    expected = ExpectedScores(observations, fit.law);
  }
  AddedTerms Terms() const { return {observations, fit.law, expected, {}, kFree}; }

  Observations observations;
  TaskFit fit;
  std::vector<double> expected;
};

Simulation NoisyRuns(int clusters) {
  Simulation simulation;
  simulation.clusters = clusters;
  simulation.noise = 0.05;
  return simulation;
}

// The law with `gamma` in the exponent of its context factor.
double PredictDrifting(const Law& law, const Covariates& at, double gamma) {
  Law drifting = law;
  drifting.point.at[kContextExponent] += gamma * std::log(at.compute / law.references.compute_flops);
  return Predict(drifting, at.compute, at.prompt, at.limit);
}

double DerivativeByGamma(const Law& law, const Covariates& at) {
  constexpr double kStep = 1e-5;
  return (PredictDrifting(law, at, kStep) - PredictDrifting(law, at, -kStep)) / (2 * kStep);
}

// The derivative of the expected score by a coordinate, by central differences.
double Derivative(const Law& law, const Covariates& at, int coordinate) {
  constexpr double kStep = 1e-5;
  Law up = law;
  Law down = law;
  up.point.at[coordinate] += kStep;
  down.point.at[coordinate] -= kStep;
  return (Predict(up, at.compute, at.prompt, at.limit) - Predict(down, at.compute, at.prompt, at.limit)) / (2 * kStep);
}

// The regression of the residuals on the derivatives and a term, row by row, and the statistic of the term with the
// variance of AddedTerms, from matrices of all rows.
struct Regression {
  double estimate;
  double statistic;
  double degrees_of_freedom;
};

Regression Regress(const Case& a, const std::vector<double>& term) {
  const auto rows = static_cast<Eigen::Index>(a.observations.size());
  Eigen::MatrixXd jacobian(rows, 4);
  Eigen::VectorXd z(rows);
  Eigen::VectorXd residual(rows);
  for (std::size_t k = 0; k < term.size(); ++k) {
    for (std::size_t row = a.observations.row_begin[k]; row < a.observations.row_begin[k + 1]; ++row) {
      const auto i = static_cast<Eigen::Index>(row);
      for (int c = 0; c < 4; ++c) jacobian(i, c) = Derivative(a.fit.law, a.observations.covariates[k], c);
      z(i) = term[k];
      residual(i) = a.observations.score[row] - a.expected[k];
    }
  }
  const Eigen::MatrixXd hat = jacobian * (jacobian.transpose() * jacobian).inverse() * jacobian.transpose();
  const Eigen::VectorXd left = z - hat * z;
  const double estimate = left.dot(residual) / left.squaredNorm();
  std::map<int, double> part;
  std::map<int, double> share;
  for (Eigen::Index i = 0; i < rows; ++i) {
    part[a.observations.unit[i]] += left(i) * (residual(i) - estimate * left(i)) / (1 - hat(i, i));
    share[a.observations.unit[i]] += left(i) * left(i) / left.squaredNorm();
  }
  double variance = 0;
  double squared_shares = 0;
  for (const auto& [unit, sum] : part) {
    variance += std::pow(sum / (1 - share[unit]), 2);
    squared_shares += share[unit] * share[unit];
  }
  return {estimate, estimate * left.squaredNorm() / std::sqrt(variance), 1 / squared_shares - 1};
}

// Derivatives by central differences are good to about 1e-10 of themselves, and the regression multiplies that by the
// condition number of the normal equations, up to 1e3.
constexpr double kTolerance = 1e-6;

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

TEST(ContextDriftTest, TheDriftIsTestedByTheDerivativeOfTheScoreByIt) {
  const Case a(Simulate(NoisyRuns(20)));
  std::vector<double> term;
  for (const Covariates& each : a.observations.covariates) term.push_back(DerivativeByGamma(a.fit.law, each));
  const Regression expected = Regress(a, term);
  const DriftTest drift = TestContextDrift(a.Terms(), a.observations, a.fit.law, kFree).value();
  EXPECT_NEAR(drift.per_decade / (expected.estimate * std::log(10)), 1, kTolerance);
  EXPECT_NEAR(drift.statistic / expected.statistic, 1, kTolerance);
  EXPECT_NEAR(drift.degrees_of_freedom / expected.degrees_of_freedom, 1, kTolerance);
  EXPECT_EQ(drift.p_value, a.fit.drift->p_value);
}

ObservationTable DriftingScores(double per_decade) {
  Simulation simulation = NoisyRuns(40);
  simulation.noise = 0.01;
  ObservationTable table = Simulate(simulation);
  for (std::size_t row = 0; row < table.score.size(); ++row) {
    const Covariates at = {table.training_compute_flops[row], table.prompt_tokens[row],
                           table.context_limit_tokens[row]};
    table.score[row] +=
        PredictDrifting(simulation.law, at, per_decade / std::log(10)) - PredictDrifting(simulation.law, at, 0);
    table.score[row] = std::fmin(1, std::fmax(0, table.score[row]));
  }
  return table;
}

// One step from 0 finds the drift up to its error, of which three are allowed, and the curvature of the law: a tenth.
TEST(ContextDriftTest, ADriftIsFoundWithItsSignAndSizeAndNoneWhereThereIsNone) {
  for (const double drift : {0.1, -0.1}) {
    const DriftTest test = *Case(DriftingScores(drift)).fit.drift;
    EXPECT_TRUE(Drifts(test.p_value));
    const double error = test.per_decade / test.statistic;
    EXPECT_LT(error, 0.03);
    EXPECT_NEAR(test.per_decade, drift, 3 * error + 0.1 * std::abs(drift));
  }
  EXPECT_FALSE(Drifts(Case(DriftingScores(0)).fit.drift->p_value));
  EXPECT_FALSE(Drifts(std::nullopt));
}

TEST(ContextDriftTest, AFixedExponentAndComputesThatHardlyDifferHaveNoTest) {
  const Case a(Simulate(NoisyRuns(20)));
  const bool fixed[kCoordinateCount] = {true, true, true, false};
  EXPECT_FALSE(TestContextDrift(a.Terms(), a.observations, a.fit.law, fixed).has_value());
  Simulation close = NoisyRuns(20);
  close.compute_step = 1.02;  // 1.02^4 = 1.08
  EXPECT_FALSE(Case(Simulate(close)).fit.drift.has_value());
}

}  // namespace
}  // namespace ctxfit

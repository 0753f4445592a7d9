#include "kernels/statistics/misfit/drift_test.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <optional>
#include <vector>

#include "kernels/data/observations.h"
#include "kernels/law/fitted_law.h"
#include "tests/kernels/simulated_data.h"
#include "tests/kernels/statistics/misfit/added_term_regression.h"

namespace ctxfit {
namespace {

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

TEST(ContextDriftTest, ScoresThatTheLawMeetsExactlyTestNothing) {
  Simulation simulation;
  simulation.noise = 0;
  EXPECT_EQ(Case(Simulate(simulation)).fit.drift, std::nullopt);
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

// No other warning may say the opposite: "Add longer prompts" stands beside it.
TEST(ContextDriftTest, TheWarningSaysHowMuchAndAdvisesToAddRecords) {
  EXPECT_THAT(DriftWarning({-0.05, -3, 20, 0.007}),
              testing::AllOf(testing::HasSubstr("it falls by about 0.05 per factor of ten (p = 0.007)"),
                             testing::HasSubstr("have no band: add records near those that you predict")));
}

}  // namespace
}  // namespace ctxfit

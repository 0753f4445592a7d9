#include "kernels/predict/solve.h"

#include <gtest/gtest.h>

#include <cmath>

#include "kernels/base/stop_signal.h"
#include "kernels/law/coordinate.h"
#include "kernels/predict/predictions.h"
#include "kernels/statistics/intervals/effective_units.h"
#include "tests/kernels/predict/some_source.h"

namespace ctxfit {
namespace {

Solution SolveOne(const PredictionSource& source, Variable unknown, const SolveQuery& query) {
  return Solve(source, unknown, {query}, 0.9, StopSignal()).value().at(0);
}

TEST(SolveTest, IntervalsOfComputeArePercentilesOfTheReplicates) {
  const Solution solution = SolveOne(SomeSource(), Variable::kCompute, {0.5, 1500, 4096, {}});
  ASSERT_EQ(solution.outcome, SolveOutcome::kReached);
  // f = 0.5 / g, and C = 1e22 (-ln(1 - f) / A)^(1 / 0.4). The 5th and the 95th of 101 replicates have ln A +- 0.45,
  // which is ln C -+ 0.45 / 0.4. Some roundings of ln C, 1e-15 of 50 each.
  const double g = 1 - std::exp(-1.1 * std::pow(1.5, 0.6));
  const double expected = 1e22 * std::pow(-std::log(1 - 0.5 / g) / 0.9, 1 / 0.4);
  EXPECT_NEAR(solution.least->value / expected, 1, 1e-12);
  EXPECT_NEAR(*solution.least->lower / expected, std::exp(-0.45 / 0.4), 1e-12);
  EXPECT_NEAR(*solution.least->upper / expected, std::exp(0.45 / 0.4), 1e-12);
  EXPECT_FALSE(solution.most.has_value());
  EXPECT_EQ(solution.never_reached_share, 0);
  EXPECT_FALSE(solution.budget_probability.has_value());
  EXPECT_FALSE(solution.extrapolated);
}

TEST(SolveTest, TheProbabilityIsTheShareOfReplicatesThatReachTheTargetWithTheBudget) {
  const SolveQuery query = {0.5, 1500, 4096, {}};
  const double least = SolveOne(SomeSource(), Variable::kCompute, query).least->value;
  SolveQuery with_budget = query;
  // Replicates from ln A - 0.3 on reach the target with exp(0.305 / 0.4) times the compute: 81 of 101.
  with_budget.budget = least * std::exp(0.305 / 0.4);
  EXPECT_DOUBLE_EQ(*SolveOne(SomeSource(), Variable::kCompute, with_budget).budget_probability, 81 / 101.0);
}

TEST(SolveTest, AnUpperEndThatReplicatesNeverReachIsUnbounded) {
  PredictionSource source = SomeSource();
  // Ten replicates of 101 have a context factor that stays below the target.
  for (int b = 0; b < 10; ++b) source.replicates[b].at[kLogContextCoefficient] = std::log(0.1);
  const Solution solution = SolveOne(source, Variable::kCompute, {0.5, 1500, 4096, {}});
  EXPECT_EQ(solution.outcome, SolveOutcome::kReached);
  EXPECT_TRUE(solution.least->lower.has_value());
  EXPECT_FALSE(solution.least->upper.has_value());
  EXPECT_TRUE(solution.least->upper_unbounded);
  EXPECT_DOUBLE_EQ(*solution.never_reached_share, 10 / 101.0);
}

TEST(SolveTest, AnAnswerWhereThePenaltyIsNotKnownIsNotDetermined) {
  PredictionSource source = SomeSource();
  source.observed.limit_share = {0.1, 0.9};
  source.identified[kLogPenaltyWidth] = false;
  EXPECT_EQ(SolveOne(source, Variable::kCompute, {0.5, 1500, 4096, {}}).outcome, SolveOutcome::kReached);
  const Solution beyond = SolveOne(source, Variable::kCompute, {0.5, 1500, 1024, {}});
  EXPECT_EQ(beyond.outcome, SolveOutcome::kNotDetermined);
}

TEST(SolveTest, AShortestPromptIsAnsweredWhereTheLongestIsNotDetermined) {
  PredictionSource source = SomeSource();
  const Solution known = SolveOne(source, Variable::kPrompt, {0.5, 1e23, 4096, {}});
  ASSERT_TRUE(known.most.has_value());
  EXPECT_FALSE(known.most_undetermined);
  source.observed.limit_share = {0.1, 0.9};
  source.identified[kLogPenaltyWidth] = false;
  // The longest prompt that reaches the target lies at the limit; the shortest, of some 500 tokens, at 0.12 of it.
  const Solution solution = SolveOne(source, Variable::kPrompt, {0.5, 1e23, 4096, 5000});
  EXPECT_EQ(solution.outcome, SolveOutcome::kReached);
  ASSERT_TRUE(solution.least.has_value());
  EXPECT_EQ(solution.least->value, known.least->value);
  EXPECT_EQ(solution.least->upper, known.least->upper);
  EXPECT_TRUE(solution.most_undetermined);
  EXPECT_FALSE(solution.most.has_value());
  EXPECT_FALSE(solution.highest_score.has_value());
  EXPECT_FALSE(solution.budget_probability.has_value()) << "the budget lies beyond the observed shares";
  // A shortest prompt outside the observed shares is not determined itself.
  EXPECT_EQ(SolveOne(source, Variable::kPrompt, {0.5, 1e23, 131072, {}}).outcome, SolveOutcome::kNotDetermined);
}

TEST(SolveTest, AnUnreachableTargetHasTheHighestScoreOfTheLaw) {
  PredictionSource source = SomeSource();
  for (int b = 0; b <= 100; ++b) source.replicates[b].at[kLogContextCoefficient] += 0.001 * (b - 50);
  const Solution solution = SolveOne(source, Variable::kCompute, {0.9, 1500, 4096, 1e23});
  EXPECT_EQ(solution.outcome, SolveOutcome::kNotReachable);
  EXPECT_FALSE(solution.least.has_value());
  const auto highest = [](double factor) { return 1 - std::exp(-1.1 * factor * std::pow(1.5, 0.6)); };
  EXPECT_NEAR(solution.highest_score->value, highest(1), 1e-14);
  EXPECT_NEAR(*solution.highest_score->lower, highest(std::exp(-0.045)), 1e-14);
  EXPECT_NEAR(*solution.highest_score->upper, highest(std::exp(0.045)), 1e-14);
  EXPECT_EQ(solution.never_reached_share, 1);
  EXPECT_EQ(solution.budget_probability, 0);
}

TEST(SolveTest, PromptsHaveAShortestAndALongestLength) {
  const Solution solution = SolveOne(SomeSource(), Variable::kPrompt, {0.5, 5e22, 4096, 1000});
  ASSERT_EQ(solution.outcome, SolveOutcome::kReached);
  EXPECT_LT(*solution.least->lower, solution.least->value);
  EXPECT_LT(solution.least->value, *solution.least->upper);
  EXPECT_LT(solution.least->value, 4096);
  EXPECT_GT(solution.most->value, 4090);
  EXPECT_LE(*solution.most->lower, solution.most->value);
  EXPECT_LE(solution.most->value, *solution.most->upper);
  EXPECT_GT(*solution.budget_probability, 0);
  EXPECT_LT(*solution.budget_probability, 1);
}

TEST(SolveTest, UnidentifiedFactorsAreDeterminedOnlyWhereObserved) {
  PredictionSource source = SomeSource();
  source.identified[kComputeExponent] = false;
  source.observed.compute_flops = {{1e22, 1e22}};
  const Solution elsewhere = SolveOne(source, Variable::kCompute, {0.5, 1500, 4096, 1e22});
  EXPECT_EQ(elsewhere.outcome, SolveOutcome::kNotDetermined);
  EXPECT_FALSE(elsewhere.least.has_value());
  EXPECT_FALSE(elsewhere.highest_score.has_value());
  EXPECT_TRUE(elsewhere.budget_probability.has_value()) << "the score is known at the compute that was observed";
  EXPECT_FALSE(SolveOne(source, Variable::kCompute, {0.5, 1500, 4096, 5e22}).budget_probability.has_value());
  EXPECT_EQ(SolveOne(source, Variable::kPrompt, {0.3, 1e22, 4096, {}}).outcome, SolveOutcome::kReached);
  EXPECT_EQ(SolveOne(source, Variable::kPrompt, {0.3, 5e22, 4096, {}}).outcome, SolveOutcome::kNotDetermined);
  // The answer lies inside the observed range; without spread, the ends of its interval do, too.
  source.observed.compute_flops = {{5e21, 5e22}};
  source.replicates.assign(3, source.law.point);
  EXPECT_EQ(SolveOne(source, Variable::kCompute, {0.5, 1500, 4096, {}}).outcome, SolveOutcome::kReached);
  EXPECT_EQ(SolveOne(source, Variable::kCompute, {0.9, 1500, 4096, {}}).outcome, SolveOutcome::kNotDetermined);
  EXPECT_TRUE(SolveOne(source, Variable::kCompute, {0.5, 1500, 4096, {}}).interpolated);
  source.observed.compute_flops.informative = source.observed.compute_flops;
  source.observed.compute_flops.level_count = 2;
  EXPECT_EQ(SolveOne(source, Variable::kCompute, {0.5, 1500, 4096, {}}).outcome, SolveOutcome::kNotDetermined);
}

TEST(SolveTest, WithoutReplicatesThereAreNoIntervals) {
  PredictionSource source = SomeSource();
  source.replicates.clear();
  const Solution solution = SolveOne(source, Variable::kCompute, {0.5, 1500, 4096, 1e23});
  EXPECT_EQ(solution.outcome, SolveOutcome::kReached);
  EXPECT_FALSE(solution.least->lower.has_value());
  EXPECT_FALSE(solution.least->upper_unbounded);
  EXPECT_FALSE(solution.never_reached_share.has_value());
  EXPECT_FALSE(solution.budget_probability.has_value());
}

TEST(SolveTest, SolveEndsWhenCancelled) {
  StopSignal stop;
  stop.Cancel();
  EXPECT_EQ(Solve(SomeSource(), Variable::kCompute, {{0.5, 1500, 4096, {}}}, 0.9, stop).status().code(),
            absl::StatusCode::kCancelled);
}

// The observed computes end at 1e23, the observed prompts at 10,000 tokens.
TEST(SolveTest, WhereTheExponentDriftsExtrapolatedAnswersHaveNoInterval) {
  PredictionSource source = SomeSource();
  SolveQuery query = {0.5, 1500, 4096, 5e22};
  const double within = SolveOne(source, Variable::kCompute, query).least->value;
  ASSERT_LT(within, 1e23 / std::exp(0.45 / 0.4));  // the upper end is within, too
  source.drift_p_value = 0.04;
  const Solution observed = SolveOne(source, Variable::kCompute, query);
  EXPECT_FALSE(observed.IsWithheld());
  EXPECT_TRUE(observed.least->lower.has_value());
  EXPECT_TRUE(observed.budget_probability.has_value());
  EXPECT_FALSE(observed.highest_score->lower.has_value());  // that of endless compute
  query.budget = 5e23;
  EXPECT_FALSE(SolveOne(source, Variable::kCompute, query).budget_probability.has_value());
  query.target = 0.7;
  const Solution beyond = SolveOne(source, Variable::kCompute, query);
  ASSERT_EQ(beyond.outcome, SolveOutcome::kReached);
  EXPECT_TRUE(beyond.withheld_by_drift);
  EXPECT_GT(beyond.least->value, 1e23);
  EXPECT_FALSE(beyond.least->lower.has_value());
  EXPECT_FALSE(beyond.least->upper.has_value());
  EXPECT_FALSE(beyond.least->upper_unbounded);
  EXPECT_FALSE(beyond.never_reached_share.has_value());
}

// A longest prompt beyond the observed ones leaves the shortest one its interval.
TEST(SolveTest, WhereTheExponentDriftsEachPromptIsJudgedByItself) {
  PredictionSource source = SomeSource();
  source.drift_p_value = 0.04;
  const Solution solution = SolveOne(source, Variable::kPrompt, {0.5, 5e22, 32768, {}});
  ASSERT_EQ(solution.outcome, SolveOutcome::kReached);
  EXPECT_TRUE(solution.IsWithheld());
  EXPECT_TRUE(solution.least->lower.has_value());
  EXPECT_TRUE(solution.never_reached_share.has_value());
  ASSERT_TRUE(solution.most.has_value());
  EXPECT_GT(solution.most->value, 32000);
  EXPECT_FALSE(solution.most->lower.has_value());
  EXPECT_FALSE(solution.most->upper.has_value());
}

TEST(SolveTest, AChosenPenaltyThatWasNotObservedTakesTheIntervalOfTheLongestPromptAlone) {
  PredictionSource source = SomeSource();
  source.observed.limit_share = {0.01, 0.9};
  const SolveQuery query = {0.5, 5e22, 4096, 4200};
  const Solution chosen = SolveOne(source, Variable::kPrompt, query);
  EXPECT_TRUE(chosen.least->lower.has_value());
  EXPECT_TRUE(chosen.most.has_value());
  EXPECT_FALSE(chosen.most->lower.has_value());
  EXPECT_TRUE(chosen.withheld_by_penalty);
  EXPECT_FALSE(chosen.withheld_by_drift);
  EXPECT_FALSE(chosen.budget_probability.has_value());
  source.fits_penalty = true;
  const Solution fitted = SolveOne(source, Variable::kPrompt, query);
  EXPECT_TRUE(fitted.most->lower.has_value());
  EXPECT_TRUE(fitted.penalty_extrapolated);
  EXPECT_FALSE(fitted.IsWithheld());
}

TEST(SolveTest, AComputeForAPromptBeyondWhatWasObservedOfAChosenPenaltyHasNoInterval) {
  PredictionSource source = SomeSource();
  source.law.penalty = {Penalty::Form::kRatio, 0.1, 1};
  source.observed.limit_share = {0.01, 0.9};
  const Solution solution = SolveOne(source, Variable::kCompute, {0.3, 4300, 4096, 1e23});
  ASSERT_EQ(solution.outcome, SolveOutcome::kReached);
  EXPECT_TRUE(solution.withheld_by_penalty);
  EXPECT_TRUE(solution.extrapolated);
  EXPECT_FALSE(solution.least->lower.has_value());
  EXPECT_FALSE(solution.highest_score->lower.has_value());
  EXPECT_FALSE(solution.budget_probability.has_value());
}

// A floor above the target in one replicate of 101: there no prompt is too long.
TEST(SolveTest, AReplicateThatNeverFallsBelowTheTargetLeavesTheLongestPromptBothEnds) {
  PredictionSource source = SomeSource();
  source.law.penalty = {Penalty::Form::kRatio, 0.1, 1};
  source.replicates[100].at[kFloor] = 0.6;
  const Solution solution = SolveOne(source, Variable::kPrompt, {0.5, 5e22, 4096, {}});
  ASSERT_TRUE(solution.most.has_value());
  EXPECT_TRUE(solution.most->lower.has_value());
  EXPECT_TRUE(solution.most->upper.has_value());
  for (int b = 80; b < 100; ++b) source.replicates[b].at[kFloor] = 0.6;
  const Solution unbounded = SolveOne(source, Variable::kPrompt, {0.5, 5e22, 4096, {}});
  EXPECT_TRUE(unbounded.most->lower.has_value());
  EXPECT_TRUE(unbounded.most->upper_unbounded);
}

TEST(SolveTest, ProbabilitiesOfFewUnitsAreDrawnTowardsOneHalf) {
  PredictionSource source = SomeSource();
  const double least = SolveOne(source, Variable::kCompute, {0.5, 1500, 4096, {}}).least->value;
  const SolveQuery query = {0.5, 1500, 4096, least * std::exp(0.305 / 0.4)};  // 81 of 101 replicates
  source.units = {8, 4};
  const double few = *SolveOne(source, Variable::kCompute, query).budget_probability;
  EXPECT_DOUBLE_EQ(few, ExpandedShare(81 / 101.0, {8, 4}, 101));
  EXPECT_LT(few, 0.75);
}

TEST(SolveTest, AnAnswerOutsideAllReplicatesEndsItsInterval) {
  PredictionSource source = SomeSource();
  for (Point& point : source.replicates) point.at[kLogComputeCoefficient] += 1;
  const Solution solution = SolveOne(source, Variable::kCompute, {0.5, 1500, 4096, {}});
  EXPECT_EQ(solution.least->upper, solution.least->value);
  EXPECT_LT(*solution.least->lower, solution.least->value);
}

}  // namespace
}  // namespace ctxfit

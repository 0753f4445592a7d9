#include "kernels/predict/caveats.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kernels/predict/predictions.h"
#include "kernels/predict/solve.h"

namespace ctxfit {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

PredictionSource SomeSource() {
  PredictionSource source;
  source.replicates.resize(3);
  source.observed.limit_share = {0.01, 0.5};
  source.fits_exponent = true;
  return source;
}

TEST(CaveatsTest, NothingIsSaidOfAnswersWithinWhatWasObserved) {
  EXPECT_THAT(ExtrapolationCaveats(SomeSource(), {3}, "answers", "interval"), IsEmpty());
}

TEST(CaveatsTest, ADriftThatCannotBeTestedIsReportedWhereSomethingIsExtrapolated) {
  PredictionSource source = SomeSource();
  const auto untested = Contains(HasSubstr("a drift of the context exponent with compute cannot be tested"));
  EXPECT_THAT(ExtrapolationCaveats(source, {3, 1}, "answers", "interval"), untested);
  source.drift_p_value = 0.5;
  EXPECT_THAT(ExtrapolationCaveats(source, {3, 1}, "answers", "interval"), Not(untested));
  source.drift_p_value.reset();
  source.fits_exponent = false;
  EXPECT_THAT(ExtrapolationCaveats(source, {3, 1}, "answers", "interval"), Not(untested));
}

TEST(CaveatsTest, AnExtrapolatedPenaltyIsSaidToBeChosenOrFitted) {
  PredictionSource source = SomeSource();
  source.drift_p_value = 0.5;
  ExtrapolationCounts counts;
  counts.all = 3;
  counts.extrapolated = counts.penalty_extrapolated = counts.withheld_by_penalty = 2;
  EXPECT_THAT(
      ExtrapolationCaveats(source, counts, "predictions", "band"),
      ElementsAre(HasSubstr("2 of 3 predictions lie outside"),
                  AllOf(HasSubstr("(outside 0.01 to 0.5)"), HasSubstr("the choice of the penalty's width and onset"),
                        HasSubstr("and 2 have no band"))));
  source.fits_penalty = true;
  counts.withheld_by_penalty = 0;
  EXPECT_THAT(ExtrapolationCaveats(source, counts, "predictions", "band"),
              Contains(AllOf(HasSubstr("the fit of the penalty's width and onset"), Not(HasSubstr("have no band")))));
}

TEST(CaveatsTest, SolutionsAreCountedByWhatTheyRestOn) {
  std::vector<Solution> solutions(3);
  solutions[0].outcome = SolveOutcome::kReached;
  solutions[0].extrapolated = solutions[0].withheld_by_drift = true;
  solutions[1].extrapolated = true;  // not determined: no answer that could be extrapolated
  solutions[2].interpolated = solutions[2].penalty_extrapolated = solutions[2].withheld_by_penalty = true;
  const ExtrapolationCounts counts = CountExtrapolations(solutions);
  EXPECT_EQ(counts.all, 3);
  EXPECT_EQ(counts.extrapolated, 1);
  EXPECT_EQ(counts.interpolated, 1);
  EXPECT_EQ(counts.penalty_extrapolated, 1);
  EXPECT_EQ(counts.withheld_by_drift, 1);
  EXPECT_EQ(counts.withheld_by_penalty, 1);
}

// The compute factor is not identified, and rises from 0.33 to 0.88 over the observed computes.
TEST(CaveatsTest, PointsBetweenTheEndsOfAFactorThatIsNotIdentifiedAreCounted) {
  PredictionSource source = SomeSource();
  source.law = {{{0, 0.4, 0, 0.6}}, {1e22, 1000}, {}};
  source.observed = {{{1e21, 1e23}}, {{100, 10000}}};
  for (bool& identified : source.identified) identified = true;
  const PredictionPoints points = {{1e21, 1e22, 1e23, 1e24}, {500, 500, 500, 500}, {4096, 4096, 4096, 4096}};
  Predictions predictions;
  predictions.determined.assign(points.size(), true);
  EXPECT_EQ(CountExtrapolations(source, points, predictions).interpolated, 0);
  source.identified[kComputeExponent] = false;
  EXPECT_EQ(CountExtrapolations(source, points, predictions).interpolated, 1);
  predictions.determined[1] = false;
  EXPECT_EQ(CountExtrapolations(source, points, predictions).interpolated, 0) << "said otherwise";
  predictions.determined[1] = true;
  source.law.point.at[kLogComputeCoefficient] = 4;
  EXPECT_EQ(CountExtrapolations(source, points, predictions).interpolated, 0) << "a factor of 1 everywhere";
  EXPECT_THAT(ExtrapolationCaveats(source, {.all = 4, .interpolated = 1}, "predictions", "band"),
              Contains(HasSubstr("1 of 4 predictions lie between the ends of the observed computes")));
}

TEST(IsDeterminedTest, AFactorThatIsNotIdentifiedIsUnknownBetweenItsOnlyTwoLevels) {
  PredictionSource source = SomeSource();
  source.law = {{{0, 0.4, 0, 0.6}}, {1e22, 1000}, {}};
  for (bool& identified : source.identified) identified = true;
  source.observed = {{{1e21, 1e23}, Range{1e21, 1e23}, 2}, {{100, 10000}, Range{100, 10000}, 5}};
  EXPECT_TRUE(IsFactorDetermined(source, Variable::kCompute, 1e22));
  source.identified[kComputeExponent] = false;
  EXPECT_TRUE(IsFactorDetermined(source, Variable::kCompute, 1e21));
  EXPECT_FALSE(IsFactorDetermined(source, Variable::kCompute, 1e22));
  EXPECT_TRUE(IsFactorDetermined(source, Variable::kCompute, 1e23));
  EXPECT_FALSE(IsFactorDetermined(source, Variable::kCompute, 1e24));
  source.observed.compute_flops.lower = 1e20;
  EXPECT_TRUE(IsFactorDetermined(source, Variable::kCompute, 1e20)) << "rows at the floor show it";
  EXPECT_FALSE(IsFactorDetermined(source, Variable::kCompute, 1e22));
  source.observed.compute_flops.level_count = 3;
  EXPECT_TRUE(IsFactorDetermined(source, Variable::kCompute, 1e22));
  source.identified[kContextExponent] = false;
  EXPECT_TRUE(IsFactorDetermined(source, Variable::kPrompt, 1000));
  source.observed.prompt_tokens.level_count = 2;
  EXPECT_FALSE(IsFactorDetermined(source, Variable::kPrompt, 1000));
  source.law.point.at[kLogContextCoefficient] = 4;
  EXPECT_TRUE(IsFactorDetermined(source, Variable::kPrompt, 1000)) << "a factor of 1 everywhere";
}

}  // namespace
}  // namespace ctxfit

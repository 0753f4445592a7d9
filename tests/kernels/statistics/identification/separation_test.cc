#include "kernels/statistics/identification/separation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "kernels/data/observations.h"
#include "kernels/law/loss_rule.h"

namespace ctxfit {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

const LossRule kBernoulli = {Loss::kBernoulli};

// The reason for two rows at each of three combinations, at which the law expects 0.2, 0.5 and 0.9.
std::string Reason(const std::vector<double>& scores, const LossRule& loss = kBernoulli,
                   const std::vector<double>& expected = {0.2, 0.5, 0.9}) {
  Observations observations;
  observations.score = scores;
  observations.row_begin = {0, 2, 4, 6};
  return SeparationReason(observations, expected, loss);
}

TEST(SeparationTest, ScoresThatTheLawOrdersAreSeparated) {
  EXPECT_THAT(Reason({0, 0, 0, 0, 1, 1}), HasSubstr("separates the scores of 0 from those of 1"));
}

TEST(SeparationTest, OneMixedCombinationBetweenTheTwoIsQuasiCompleteSeparation) {
  EXPECT_THAT(Reason({0, 0, 0, 1, 1, 1}), HasSubstr("separates"));
  EXPECT_THAT(Reason({0, 0, 0.5, 0.5, 1, 1}), HasSubstr("separates"));
}

TEST(SeparationTest, ScoresThatOverlapAreNot) {
  EXPECT_THAT(Reason({0, 1, 0, 1, 1, 1}), IsEmpty());
  EXPECT_THAT(Reason({0, 0, 1, 1, 0, 1}), IsEmpty());
  EXPECT_THAT(Reason({0.1, 0.1, 0.5, 0.5, 0.9, 0.9}), IsEmpty());
}

TEST(SeparationTest, AFlatLawOrdersNothing) {
  EXPECT_THAT(Reason({0, 1, 0, 1, 1, 1}, kBernoulli, {0.7, 0.7, 0.7}), IsEmpty());
}

TEST(SeparationTest, EqualScoresHaveAReasonOfTheirOwn) {
  EXPECT_THAT(Reason({1, 1, 1, 1, 1, 1}), HasSubstr("all scores are equal"));
}

TEST(SeparationTest, OnlyALikelihoodRisesWithoutEnd) { EXPECT_THAT(Reason({0, 0, 0, 0, 1, 1}, {}), IsEmpty()); }

}  // namespace
}  // namespace ctxfit

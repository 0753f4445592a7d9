#include "kernels/predict/inverse.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/law/coordinate.h"
#include "kernels/law/fitted_law.h"
#include "kernels/law/penalty.h"

namespace ctxfit {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

Law SomeLaw(const Penalty& penalty = {}) { return {{{std::log(0.9), 0.4, std::log(1.1), 0.6}}, {1e22, 1000}, penalty}; }

TEST(InverseTest, TheLeastComputeReachesTheTarget) {
  for (const double target : {1e-6, 0.1, 0.5, 0.74}) {
    const double log_compute = LogLeastCompute(SomeLaw(), target, 1500, 4096);
    // ln C is some 50, so that its last bit is a relative 7e-15 of C; the score moves by less.
    EXPECT_NEAR(Predict(SomeLaw(), std::exp(log_compute), 1500, 4096), target, 1e-13 * target);
  }
}

TEST(InverseTest, NoComputeReachesMoreThanTheOtherFactorsAllow) {
  const double highest = HighestScoreOverCompute(SomeLaw(), 1500, 4096);
  EXPECT_NEAR(highest, 1 - std::exp(-1.1 * std::pow(1.5, 0.6)), 1e-14);
  EXPECT_LT(LogLeastCompute(SomeLaw(), highest - 1e-9, 1500, 4096), kInfinity);
  EXPECT_EQ(LogLeastCompute(SomeLaw(), highest + 1e-9, 1500, 4096), kInfinity);
}

TEST(InverseTest, WhereComputeHasNoInfluenceEveryOrNoComputeReachesTheTarget) {
  Law law = SomeLaw();
  law.point.at[kComputeExponent] = 0;
  const double score = Predict(law, 1e22, 1500, 4096);
  EXPECT_EQ(LogLeastCompute(law, score - 0.01, 1500, 4096), -kInfinity);
  EXPECT_EQ(LogLeastCompute(law, score + 0.01, 1500, 4096), kInfinity);
  EXPECT_NEAR(HighestScoreOverCompute(law, 1500, 4096), score, 1e-15);
}

TEST(InverseTest, BothEndsOfThePromptWindowReachTheTargetAndNothingBeyondThemDoes) {
  for (const Penalty& penalty : {Penalty(), kStepPenalty, Penalty{Penalty::Form::kTokens, 300, 1},
                                 Penalty{Penalty::Form::kRatio, 0.1, 1.3}, Penalty{Penalty::Form::kRatio, 5, 0.5}}) {
    const Law law = SomeLaw(penalty);
    const double highest = FindPromptWindow(law, 0.01, 3e22, 4096).highest_score;
    for (const double share : {0.1, 0.5, 0.9, 0.999}) {
      const double target = share * highest;
      const PromptWindow window = FindPromptWindow(law, target, 3e22, 4096);
      const auto score = [&](double log_prompt) { return Predict(law, 3e22, std::exp(log_prompt), 4096); };
      ASSERT_LT(window.log_shortest, window.log_longest);
      // ln n is found to 1e-12; the steepest score, behind a penalty of one token, moves by n / (4 w) = 1,000 per ln n.
      EXPECT_NEAR(score(window.log_shortest), target, 1e-9) << share;
      EXPECT_NEAR(score(window.log_longest), target, 1e-9) << share;
      EXPECT_LT(score(window.log_shortest - 1e-4), target);
      EXPECT_LT(score(window.log_longest + 1e-4), target);
      EXPECT_GT(score(window.log_shortest + 1e-7), target);
      EXPECT_GT(score(window.log_longest - 1e-7), target);
    }
  }
}

TEST(InverseTest, TheHighestScoreIsThatOfAScan) {
  for (const Penalty& penalty : {Penalty(), kStepPenalty, Penalty{Penalty::Form::kRatio, 0.1, 1.3}}) {
    const Law law = SomeLaw(penalty);
    double scanned = 0;
    for (double prompt = 3000; prompt < 6000; prompt += 0.25) {
      scanned = std::max(scanned, Predict(law, 3e22, prompt, 4096));
    }
    const PromptWindow window = FindPromptWindow(law, 0.5, 3e22, 4096);
    EXPECT_GE(window.highest_score, scanned - 1e-12);
    // The scan passes the maximum within half a step of 0.125 tokens, where the score has fallen by at most
    // 0.125^2 / 2 times the curvature, which is at most 0.0963 / w^2 for the logistic: 7.6e-4.
    EXPECT_NEAR(window.highest_score, scanned, 1e-3);
    const PromptWindow above = FindPromptWindow(law, window.highest_score + 1e-9, 3e22, 4096);
    EXPECT_EQ(above.log_shortest, kInfinity);
    EXPECT_EQ(above.log_longest, -kInfinity);
  }
}

TEST(InverseTest, WithoutPenaltyNoPromptIsTooLong) {
  const Law law = SomeLaw({Penalty::Form::kNone, 1, 1});
  const PromptWindow window = FindPromptWindow(law, 0.5, 3e22, 4096);
  EXPECT_NEAR(Predict(law, 3e22, std::exp(window.log_shortest), 4096), 0.5, 1e-13);
  EXPECT_EQ(window.log_longest, kInfinity);
  EXPECT_NEAR(window.highest_score, 1 - std::exp(-0.9 * std::pow(3, 0.4)), 1e-14);
  EXPECT_EQ(FindPromptWindow(law, window.highest_score, 3e22, 4096).log_shortest, kInfinity);
}

TEST(InverseTest, WhereLengthHasNoInfluenceOnlyThePenaltyEndsTheWindow) {
  Law law = SomeLaw();
  law.point.at[kContextExponent] = 0;
  const double score = Predict(law, 3e22, 100, 4096);
  const PromptWindow window = FindPromptWindow(law, score / 2, 3e22, 4096);
  EXPECT_EQ(window.log_shortest, -kInfinity);
  // Half of the score is left at the onset. The root is found to 1e-12.
  EXPECT_NEAR(window.log_longest, std::log(4096), 1e-11);
  EXPECT_EQ(FindPromptWindow(law, score + 0.01, 3e22, 4096).log_shortest, kInfinity);
}

// A law with a floor, a ceiling, and a penalty whose width and onset have moved from their scales.
Law FullLaw() {
  Law law = SomeLaw({Penalty::Form::kRatio, 0.05, 1});
  law.point.at[kLogPenaltyWidth] = 0.4;
  law.point.at[kLogPenaltyOnset] = 0.2;
  law.point.at[kFloor] = 0.25;
  law.point.at[kHeadroom] = 0.1;
  return law;
}

TEST(InverseTest, TargetsOfTheFullLawAreReachedToo) {
  const Law law = FullLaw();
  EXPECT_NEAR(Predict(law, std::exp(LogLeastCompute(law, 0.5, 1500, 4096)), 1500, 4096), 0.5, 1e-13);
  const PromptWindow window = FindPromptWindow(law, 0.5, 3e22, 4096);
  EXPECT_LT(window.log_shortest, window.log_longest);
  // ln n to 1e-12, and a slope of at most n / (4 w) < 10.
  EXPECT_NEAR(Predict(law, 3e22, std::exp(window.log_shortest), 4096), 0.5, 1e-11);
  EXPECT_NEAR(Predict(law, 3e22, std::exp(window.log_longest), 4096), 0.5, 1e-11);
  EXPECT_GT(std::exp(window.log_longest), 4096) << "the onset has moved";
}

TEST(InverseTest, TheCeilingIsNotReachedAndTheFloorNeedsNothing) {
  const Law law = FullLaw();
  EXPECT_LT(HighestScoreOverCompute(law, 1500, 4096), 0.9);
  EXPECT_EQ(LogLeastCompute(law, 0.9, 1500, 4096), kInfinity);
  EXPECT_EQ(FindPromptWindow(law, 0.9, 3e22, 4096).log_shortest, kInfinity);
  EXPECT_EQ(LogLeastCompute(law, 0.25, 1500, 4096), -kInfinity);
  EXPECT_EQ(FindPromptWindow(law, 0.2, 3e22, 4096).log_shortest, -kInfinity);
  EXPECT_EQ(FindPromptWindow(law, 0.2, 3e22, 4096).log_longest, kInfinity);
}

}  // namespace
}  // namespace ctxfit

#include "kernels/fit/observed_ranges.h"

#include <gtest/gtest.h>

#include <vector>

#include "kernels/data/compute_levels.h"
#include "kernels/data/observations.h"
#include "kernels/law/fitted_law.h"
#include "kernels/law/law_options.h"
#include "kernels/predict/predictions.h"

namespace ctxfit {
namespace {

// Returns what a fit of a penalty of the ratio form, centred at r = 1.2 with a width of w n_ctx, observed on prompts of
// these shares of one limit.
ObservedRanges ObservedOn(const std::vector<double>& shares, double width) {
  Observations observations;
  for (const double share : shares) observations.covariates.push_back({1e22, share * 8192, 8192});
  observations.levels = FindComputeLevels(observations.covariates);
  LawOptions options;
  options.penalty = {Penalty::Form::kRatio, width, 1.2};
  options.fit_penalty_width = options.fit_penalty_onset = true;
  const Law law = {{}, {1e22, 1000}, options.penalty};
  return ObservedRangesOf(observations, std::vector<bool>(shares.size(), true), options, law);
}

TEST(ObservedRangesTest, AStepFallsBetweenTheSharesOnEitherSide) {
  const ObservedRanges observed = ObservedOn({0.25, 0.5, 1, 2, 3}, 0.01);
  EXPECT_EQ(observed.limit_share.lower, 0.25);
  EXPECT_EQ(observed.limit_share.upper, 3);
  EXPECT_EQ(observed.penalty_fall.lower, 1);
  EXPECT_EQ(observed.penalty_fall.upper, 2);
}

// With w = 0.5 neighbouring shares differ by at most 1 / (1 + exp(-0.4)) - 1 / (1 + exp(0.6)) = 0.24.
TEST(ObservedRangesTest, AGradualFallIsObserved) {
  const ObservedRanges observed = ObservedOn({0.5, 1, 1.5, 2, 2.5}, 0.5);
  EXPECT_EQ(observed.penalty_fall.lower, observed.penalty_fall.upper);
}

TEST(ObservedRangesTest, NeighbouringComputesWithinOnePercentAreOneLevel) {
  EXPECT_EQ(CountLevels({1e22, 1.005e22, 1.009e22, 3e22}), 2);
}

}  // namespace
}  // namespace ctxfit

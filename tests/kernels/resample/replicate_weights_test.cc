#include "kernels/resample/replicate_weights.h"

#include <gtest/gtest.h>

#include <cmath>

namespace ctxfit {
namespace {

TEST(ReplicateWeightTest, WeightsHaveTheMeanAndVarianceOfAnExponential) {
  const int count = 100000;
  double sum = 0;
  double squares = 0;
  for (int unit = 0; unit < count; ++unit) {
    const double weight = ReplicateWeight(3, 17, unit);
    EXPECT_GT(weight, 0);
    sum += weight;
    squares += weight * weight;
  }
  // The standard error of the mean is 1 / sqrt(n), that of the mean square, 2, is sqrt(20 / n). The bounds are five
  // each.
  EXPECT_NEAR(sum / count, 1, 5 / std::sqrt(count));
  EXPECT_NEAR(squares / count, 2, 5 * std::sqrt(20.0 / count));
}

TEST(ReplicateWeightTest, WeightsDifferBetweenUnitsReplicatesAndSeeds) {
  const double weight = ReplicateWeight(3, 17, 4);
  EXPECT_EQ(ReplicateWeight(3, 17, 4), weight);
  EXPECT_NE(ReplicateWeight(3, 17, 5), weight);
  EXPECT_NE(ReplicateWeight(3, 17, 8), weight);
  EXPECT_NE(ReplicateWeight(3, 18, 4), weight);
  EXPECT_NE(ReplicateWeight(4, 17, 4), weight);
}

}  // namespace
}  // namespace ctxfit

#include "kernels/backend/cuda/compensated_sum.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace ctxfit {
namespace {

TEST(CompensatedSumTest, IsZeroBeforeAnythingIsAdded) { EXPECT_EQ(CompensatedSum().value(), 0.0); }

TEST(CompensatedSumTest, KeepsTermsThatRoundingWouldLose) {
  CompensatedSum sum;
  sum.Add(1);
  // Each is below half a unit in the last place of 1: a plain sum would stay at 1.
  for (int i = 0; i < 1000000; ++i) sum.Add(0x1p-25f);
  // 2^-24 relative is one rounding of the last term against the sum.
  EXPECT_NEAR(sum.value(), 1 + 1000000 * 0x1p-25, 0x1p-24 * 1.03);
}

TEST(CompensatedSumTest, StaysWithinItsBoundForAnyNumberOfTerms) {
  std::mt19937 random(1);
  std::lognormal_distribution<float> term(0, 4);
  CompensatedSum sum;
  double exact = 0;
  for (int i = 1; i <= 3000000; ++i) {
    const float value = term(random);
    sum.Add(value);
    exact += value;  // rounding 3e6 2^-53 = 3e-10, far below the bound
  }
  // |error| <= (2u + O(n u^2)) sum |terms| with u = 2^-24 (Higham 2002, section 4.3): 2^-23 for non-negative terms, and
  // n u^2 = 1e-8 for these.
  EXPECT_LE(std::abs(sum.value() - exact), (0x1p-23 + 2e-8) * exact);
}

}  // namespace
}  // namespace ctxfit

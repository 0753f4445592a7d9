#include "kernels/backend/cuda/binary_law.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "kernels/law/domain.h"
#include "tests/kernels/backend/cuda/objective_bound.h"
#include "tests/kernels/defaults.h"

namespace ctxfit {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

double Exact(float log_coefficient, float exponent, double log_ratio) {
  return Saturate(LogRate<double>(log_coefficient, exponent, log_ratio));
}

// One factor anywhere in the domain of the default options, at ratios from 1e-9 to 1e9.
TEST(BinaryLawTest, FactorsFollowTheLawWithinTheirBoundOverTheWholeDomain) {
  const Domain domain = DefaultDomain();
  std::mt19937 random(1);
  const auto draw = [&](Coordinate i) {
    return static_cast<float>(std::uniform_real_distribution<double>(domain.lower.at[i], domain.upper.at[i])(random));
  };
  std::uniform_real_distribution<double> log_ratios(-20.7, 20.7);
  for (int i = 0; i < 2'000'000; ++i) {
    const float a = draw(kLogComputeCoefficient);
    const float b = draw(kComputeExponent);
    const double log_ratio = log_ratios(random);
    const float value = Saturate(ToBinary(a, b), static_cast<float>(log_ratio));
    ASSERT_NEAR(value, Exact(a, b, log_ratio), FactorBound(a, b, log_ratio)) << a << ", " << b << " at " << log_ratio;
  }
}

TEST(BinaryLawTest, RatesThatVanishOrOverflowGiveTheEnds) {
  EXPECT_EQ(Saturate(ToBinary(0, 10), 20), 1);
  EXPECT_EQ(Saturate(ToBinary(0, 10), -20), 0);
  EXPECT_EQ(Saturate(ToBinary(kInfinity, 0), 0), 1);
  EXPECT_EQ(Saturate(ToBinary(-kInfinity, 0), 0), 0);
}

TEST(BinaryLawTest, NotANumberStaysOne) {
  EXPECT_TRUE(std::isnan(Saturate(ToBinary(std::nanf(""), 1), 1)));
  EXPECT_TRUE(std::isnan(Saturate(ToBinary(1, std::nanf("")), 1)));
  EXPECT_TRUE(std::isnan(AddSquare(0, 1, 1, std::nanf(""), 0)));
  EXPECT_TRUE(std::isnan(AddSquare(0, 0, 0, 1, std::nanf(""))));
}

TEST(BinaryLawTest, ACellWithoutWeightAddsNothing) { EXPECT_EQ(AddSquare(0.75f, 0, 0, 0.5f, 0.25f), 0.75f); }

}  // namespace
}  // namespace ctxfit

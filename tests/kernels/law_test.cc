#include "kernels/law.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace ctxfit {
namespace {

constexpr double kEpsilon = std::numeric_limits<double>::epsilon();

long double ExactSaturation(long double log_rate) { return -std::expm1(-std::exp(log_rate)); }

long double ExactSlope(long double log_rate) { return std::exp(log_rate - std::exp(log_rate)); }

TEST(LawTest, SaturationFollowsLongDoublePrecisionWhereItIsANormalNumber) {
  for (double x = -700; x <= 700; x += 0.0137) {
    const double exact = static_cast<double>(ExactSaturation(x));
    // Two units of the rate, which its factor passes on at most once, and three of expm1.
    EXPECT_NEAR(Saturate(x), exact, 5 * kEpsilon * exact) << x;
  }
}

TEST(LawTest, SaturationFollowsDoublePrecisionInSinglePrecision) {
  for (float x = -86; x <= 86; x += 0.00137f) {
    const double exact = static_cast<double>(ExactSaturation(x));
    EXPECT_NEAR(Saturate(x), exact, 5 * 0x1p-23 * exact) << x;
  }
}

template <class T>
void ExpectSaturationInRange(T x) {
  const Saturation<T> both = SaturateWithSlope(x);
  for (const T value : {Saturate(x), both.value}) {
    EXPECT_GE(value, T(0)) << x;
    EXPECT_LE(value, T(1)) << x;
  }
  EXPECT_GE(both.slope, T(0)) << x;
  EXPECT_LE(both.slope, T(0.368)) << x;  // 1 / e, at rate 1
}

TEST(LawTest, SaturationStaysInItsRangeWhereItUnderflowsOrOverflows) {
  const double ends[] = {-std::numeric_limits<double>::infinity(), -1e300, -745, -708, 6.6, 88, 709, 710, 1e300,
                         std::numeric_limits<double>::infinity()};
  for (const double x : ends) {
    ExpectSaturationInRange(x);
    ExpectSaturationInRange(static_cast<float>(x));
    EXPECT_EQ(Saturate(x) > 0.5, x > 0);
    EXPECT_EQ(Saturate(static_cast<float>(x)) > 0.5f, x > 0);
  }
  EXPECT_EQ(Saturate(1e300), 1.0);
  EXPECT_LT(Saturate(-1e300), 1e-300);
  EXPECT_EQ(SaturateWithSlope(1e300).slope, 0.0);
}

TEST(LawTest, SlopeFollowsLongDoublePrecision) {
  for (double x = -700; x <= 700; x += 0.0137) {
    const double rate = std::exp(x);
    const Saturation<double> factor = SaturateWithSlope(x);
    EXPECT_EQ(factor.value, Saturate(x)) << x;
    // Below a rate of one, units as above; beyond it 1 - value cancels, and leaves units of one times the rate. From a
    // rate of 40 on either is 0 to rounding.
    const double scale = static_cast<double>(ExactSlope(x)) + (rate > 0.5 ? std::fmin(rate, 40) : 0);
    EXPECT_NEAR(factor.slope, static_cast<double>(ExactSlope(x)), 8 * kEpsilon * scale) << x;
  }
}

TEST(LawTest, SlopeIsTheCentralDifferenceOfTheValue) {
  const double h = 1e-5;
  for (double x = -20; x <= 5; x += 0.013) {
    const double difference = (Saturate(x + h) - Saturate(x - h)) / (2 * h);
    // Truncation: h^2 / 6 times a third derivative of less than 2. Rounding: five units of 1 over 2 h.
    EXPECT_NEAR(SaturateWithSlope(x).slope, difference, h * h / 3 + 5 * kEpsilon / h) << x;
  }
}

TEST(LawTest, PenaltyIsTheLogistic) {
  for (double z = -700; z <= 700; z += 0.0137) {
    const long double exact = 1 / (1 + std::exp(static_cast<long double>(z)));
    const double value = Penalize(4096 + 8 * z, 4096.0, 8.0);
    // The argument is off by its rounding: 9696 epsilon / 8; then two units of the exponential and two more roundings.
    EXPECT_NEAR(value, static_cast<double>(exact), (9696.0 / 8 + 4) * kEpsilon * static_cast<double>(exact)) << z;
  }
}

TEST(LawTest, PenaltyIsHalfAtItsOnsetAndStaysInRangeFarFromIt) {
  EXPECT_EQ(Penalize(4096.0, 4096.0, 1.0), 0.5);
  EXPECT_EQ(Penalize(1.0, 4096.0, 1e-3), 1.0);
  EXPECT_GE(Penalize(1e300, 4096.0, 1e-3), 0.0);
  EXPECT_LT(Penalize(1e300, 4096.0, 1e-3), 1e-300);
}

}  // namespace
}  // namespace ctxfit

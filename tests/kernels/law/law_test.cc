#include "kernels/law/law.h"

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

TEST(LawTest, PenaltyIsTheLogisticDownToNothing) {
  for (double z = -700; z <= 700; z += 0.0137) {
    const double exact = static_cast<double>(1 / (1 + std::exp(static_cast<long double>(z))));
    // Two units of the exponential and two more roundings.
    EXPECT_NEAR(Penalize(z), exact < 1e-20 ? 0 : exact, 4 * kEpsilon * exact) << z;
  }
}

TEST(LawTest, PenaltyIsHalfAtItsOnsetAndStaysInRangeFarFromIt) {
  EXPECT_EQ(Penalize(0.0), 0.5);
  EXPECT_EQ(Penalize(-1e300), 1.0);
  EXPECT_EQ(Penalize(1e300), 0.0);
  EXPECT_EQ(Penalize(std::numeric_limits<float>::infinity()), 0.0f);
}

TEST(LawTest, SlopesOfThePenaltyAreItsCentralDifferences) {
  const double h = 1e-6;
  for (const double prompt : {0.1, 3.0, 4.0, 4.9}) {
    const Excess record = {prompt, 4};
    for (const double log_onset : {-0.3, 0.0, 0.2}) {
      for (const double log_width : {-0.5, 0.0, 1.0}) {
        const auto at = [&](double by_width, double by_onset) {
          return PenalizeWithSlopes(record, std::exp(log_onset + by_onset), std::exp(-log_width - by_width));
        };
        // Truncation: h^2 / 6 times third derivatives below 1e3. Rounding: a few units of 1 over 2 h.
        const double tolerance = 1e3 * h * h + 4 * kEpsilon / h;
        EXPECT_NEAR(at(0, 0).by_log_width, (at(h, 0).value - at(-h, 0).value) / (2 * h), tolerance);
        EXPECT_NEAR(at(0, 0).by_log_onset, (at(0, h).value - at(0, -h).value) / (2 * h), tolerance);
      }
    }
  }
  const PenaltySlopes<double> far = PenalizeWithSlopes(Excess{1e308, 1}, 1.0, 1e3);
  EXPECT_EQ(far.value, 0);
  EXPECT_EQ(far.by_log_width, 0);
}

// A law with floor and ceiling at a point where every derivative is far from 0.
struct Place {
  double log_compute = 0.7;
  double log_prompt = -0.4;
  Excess excess = {4.2, 4};

  double ScoreAt(const Point& point) const {
    const double penalty = Penalize((excess.prompt - std::exp(point.at[kLogPenaltyOnset]) * excess.onset) *
                                    std::exp(-point.at[kLogPenaltyWidth]));
    const double floor = point.at[kFloor];
    return Score(ComputeFactor(point, log_compute), ContextFactor(point, log_prompt), penalty, floor,
                 1 - point.at[kHeadroom] - floor);
  }
};

TEST(LawTest, ScoreIsTheLawAsThePaperStatesIt) {
  const Point point = {{0.2, 0.5, -0.1, 0.7, 0, 0, 0.05, 0.1}};
  const Place place;
  const double f = 1 - std::exp(-std::exp(0.2 + 0.5 * place.log_compute));
  const double g = 1 - std::exp(-std::exp(-0.1 + 0.7 * place.log_prompt));
  const double s = 1 / (1 + std::exp(place.excess.prompt - place.excess.onset));
  // A few roundings of numbers below 1.
  EXPECT_NEAR(place.ScoreAt(point), 0.05 + (0.9 - 0.05) * f * g * s, 10 * kEpsilon);
}

TEST(LawTest, GradientOfTheScoreIsItsCentralDifferences) {
  const Point point = {{0.2, 0.5, -0.1, 0.7, 0.3, 0.1, 0.05, 0.1}};
  const Place place;
  double gradient[kCoordinateCount];
  const double score = ScoreWithGradient(
      ComputeFactorWithSlope(point, place.log_compute), ContextFactorWithSlope(point, place.log_prompt),
      PenalizeWithSlopes(place.excess, std::exp(point.at[kLogPenaltyOnset]), std::exp(-point.at[kLogPenaltyWidth])),
      point.at[kFloor], 1 - point.at[kHeadroom] - point.at[kFloor], gradient);
  gradient[kComputeExponent] = gradient[kLogComputeCoefficient] * place.log_compute;
  gradient[kContextExponent] = gradient[kLogContextCoefficient] * place.log_prompt;
  EXPECT_NEAR(score, place.ScoreAt(point), 10 * kEpsilon);
  constexpr double kStep = 1e-5;
  for (int i = 0; i < kCoordinateCount; ++i) {
    Point above = point;
    Point below = point;
    above.at[i] += kStep;
    below.at[i] -= kStep;
    const double difference = (place.ScoreAt(above) - place.ScoreAt(below)) / (2 * kStep);
    // Truncation: h^2 / 6 times third derivatives below 100 (the penalty's by the onset). Rounding: 10 units over 2 h.
    EXPECT_NEAR(gradient[i], difference, 20 * kStep * kStep + 5 * kEpsilon / kStep) << "coordinate " << i;
  }
}

TEST(LawTest, FactorsAtAPointAreThoseOfItsCoefficientsAndExponents) {
  const Point point = {{0.2, 0.5, -0.1, 0.7}};
  EXPECT_EQ(ComputeFactor(point, 1.5), Saturate(LogRate(0.2, 0.5, 1.5)));
  EXPECT_EQ(ContextFactor(point, 1.5), Saturate(LogRate(-0.1, 0.7, 1.5)));
  EXPECT_EQ(ComputeFactorWithSlope(point, 1.5).slope, SaturateWithSlope(LogRate(0.2, 0.5, 1.5)).slope);
  EXPECT_EQ(ContextFactorWithSlope(point, 1.5).slope, SaturateWithSlope(LogRate(-0.1, 0.7, 1.5)).slope);
}

}  // namespace
}  // namespace ctxfit

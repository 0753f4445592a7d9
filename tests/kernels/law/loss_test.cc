#include "kernels/law/loss.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace ctxfit {
namespace {

constexpr double kThreshold = 0.1;

template <Loss kLoss>
void ExpectHalfGradientIsTheDerivative() {
  constexpr double kStep = 1e-6;
  for (double y = 0; y <= 1; y += 0.125) {
    for (double p = 0.02; p < 1; p += 0.03) {
      const double above = MeasureLoss<kLoss>(y, p + kStep, kThreshold).cost;
      const double below = MeasureLoss<kLoss>(y, p - kStep, kThreshold).cost;
      // Truncation: h^2 / 6 times a third derivative of at most 4 / 0.02^3; rounding: 8 * 1e-16 / h.
      EXPECT_NEAR(MeasureLoss<kLoss>(y, p, kThreshold).half_gradient, -0.5 * (above - below) / (2 * kStep), 1e-6)
          << "y " << y << ", P " << p;
    }
  }
}

TEST(LossTest, HalfGradientIsTheDerivativeOfTheCost) {
  ExpectHalfGradientIsTheDerivative<Loss::kSquared>();
  ExpectHalfGradientIsTheDerivative<Loss::kHuber>();
  ExpectHalfGradientIsTheDerivative<Loss::kBernoulli>();
}

TEST(LossTest, HuberLiesBelowTheParabolaThatItsCurvatureDescribes) {
  for (double y = 0; y <= 1; y += 0.125) {
    for (double p = 0.005; p < 1; p += 0.01) {
      const LossTerms<double> at = MeasureLoss<Loss::kHuber>(y, p, kThreshold);
      for (double q = 0; q <= 1; q += 0.01) {
        const double parabola = at.cost - 2 * at.half_gradient * (q - p) + at.curvature * (q - p) * (q - p);
        EXPECT_LE(MeasureLoss<Loss::kHuber>(y, q, kThreshold).cost, parabola + 1e-15);
      }
    }
  }
}

TEST(LossTest, BernoulliCurvatureIsTheExpectedSecondDerivative) {
  constexpr double kStep = 1e-4;
  for (double p = 0.05; p < 1; p += 0.05) {
    const auto cost = [p](double at) { return MeasureLoss<Loss::kBernoulli>(p, at, 0.0).cost; };
    const double second = (cost(p + kStep) - 2 * cost(p) + cost(p - kStep)) / (kStep * kStep);
    // Truncation: h^2 / 12 times a fourth derivative of at most 12 / 0.05^3 is 8e-5; rounding: 4e-16 / h^2.
    EXPECT_NEAR(MeasureLoss<Loss::kBernoulli>(0.3, p, 0.0).curvature, second / 2, 1e-4);
  }
}

TEST(LossTest, DevianceIsZeroWhereThePredictionIsTheScore) {
  for (const double y : {0.001, 0.25, 0.5, 0.75, 0.999}) {
    EXPECT_NEAR(MeasureLoss<Loss::kBernoulli>(y, y, 0.0).cost + SaturatedCost(y), 0, 1e-14);
    EXPECT_GT(MeasureLoss<Loss::kBernoulli>(y, 0.6, 0.0).cost + SaturatedCost(y), 0);
  }
  EXPECT_EQ(SaturatedCost(0), 0);
  EXPECT_EQ(SaturatedCost(1), 0);
}

TEST(LossTest, NoRowCostsMoreThanTwentyEight) {
  const LossTerms<double> impossible = MeasureLoss<Loss::kBernoulli>(1.0, 0.0, 0.0);
  EXPECT_NEAR(impossible.cost, -2 * std::log(1e-6), 1e-5);
  EXPECT_EQ(impossible.half_gradient, 0);
  EXPECT_EQ(impossible.curvature, 0);
  EXPECT_NEAR(MeasureLoss<Loss::kBernoulli>(0.0f, 1.0f, 0.0f).cost, -2 * std::log(1e-6), 1);
}

TEST(LossTest, NanHasACostOfNan) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(std::isnan(MeasureLoss<Loss::kSquared>(0.5, nan, kThreshold).cost));
  EXPECT_TRUE(std::isnan(MeasureLoss<Loss::kHuber>(0.5, nan, kThreshold).cost));
  EXPECT_TRUE(std::isnan(MeasureLoss<Loss::kBernoulli>(0.5, nan, kThreshold).cost));
}

TEST(LossTest, DispatchCallsTheFunctionOfTheLoss) {
  for (const Loss loss : kLosses) EXPECT_EQ(DispatchLoss(loss, []<Loss kLoss>() { return kLoss; }), loss);
}

TEST(LossTraitsTest, MeansCollapseWhereMergingChangesTheCostByAConstant) {
  for (const Loss loss : kLosses) {
    const auto excess = [loss](double p) {
      const auto cost = [&](double y) { return MeasureFullLoss({loss, kThreshold}, y, p).cost; };
      return cost(0.2) + cost(0.6) - 2 * cost(0.4);
    };
    // Costs below 10 leave rounding of a few of their units.
    const bool is_constant = std::abs(excess(0.3) - excess(0.7)) < 1e-14;
    EXPECT_EQ(TraitsOf(loss).collapses_means, is_constant) << static_cast<int>(loss);
  }
}

TEST(LossTraitsTest, SumOfSquaresIsTheSquaredResidual) {
  for (const Loss loss : kLosses) {
    const double residual = 0.3;
    const double cost = MeasureFullLoss({loss, kThreshold}, 0.5 + residual, 0.5).cost;
    EXPECT_EQ(TraitsOf(loss).is_sum_of_squares, std::abs(cost - residual * residual) < 1e-15) << static_cast<int>(loss);
  }
}

TEST(LossTest, FullLossIsZeroWhereThePredictionIsTheScore) {
  for (const Loss loss : kLosses) {
    const LossTerms<double> terms = MeasureFullLoss({loss, kThreshold}, 0.3, 0.3);
    EXPECT_NEAR(terms.cost, 0, 1e-15);
    EXPECT_EQ(terms.half_gradient, 0);
  }
}

TEST(LossTest, FisherCurvatureIsTheDescentsExceptBeyondHubersThreshold) {
  const LossTerms<double> near = MeasureLoss<Loss::kHuber>(0.5, 0.45, kThreshold);
  const LossTerms<double> far = MeasureLoss<Loss::kHuber>(0.9, 0.1, kThreshold);
  EXPECT_EQ(FisherCurvature(Loss::kHuber, near), 1);
  EXPECT_EQ(FisherCurvature(Loss::kHuber, far), 0);
  const LossTerms<double> bernoulli = MeasureLoss<Loss::kBernoulli>(0.9, 0.1, kThreshold);
  EXPECT_EQ(FisherCurvature(Loss::kBernoulli, bernoulli), bernoulli.curvature);
}

}  // namespace
}  // namespace ctxfit

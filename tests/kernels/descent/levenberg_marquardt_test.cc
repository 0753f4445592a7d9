#include "kernels/descent/levenberg_marquardt.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "kernels/law/domain.h"

namespace ctxfit {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

Domain Unbounded() {
  Domain domain{};
  for (int i = 0; i < kCoordinateCount; ++i) {
    domain.lower.at[i] = -kInfinity;
    domain.upper.at[i] = kInfinity;
    domain.free[i] = true;
  }
  return domain;
}

// The normal equations of one residual per coordinate, each of which depends on that coordinate alone: r_i = target_i -
// h(x_i).
template <class Function, class Derivative>
NormalEquations Separable(const Point& point, const Point& target, const Function& h, const Derivative& slope) {
  NormalEquations equations{};
  for (int i = 0; i < kCoordinateCount; ++i) {
    const double residual = target.at[i] - h(point.at[i]);
    equations.jtj[PackedIndex(i, i)] = slope(point.at[i]) * slope(point.at[i]);
    equations.jtr[i] = slope(point.at[i]) * residual;
    equations.cost += residual * residual;
  }
  return equations;
}

NormalEquations Linear(const Point& point, const Point& target) {
  return Separable(
      point, target, [](double x) { return x; }, [](double) { return 1.0; });
}

template <class Equations>
LmState Refit(const Domain& domain, const LmCriteria& criteria, const Point& start, const Equations& equations) {
  LmState state = StartLm(start);
  while (!state.finished) AdvanceLm(domain, criteria, equations(state.trial), state);
  return state;
}

TEST(LevenbergMarquardtTest, SolvesALinearProblemByOneGaussNewtonStep) {
  const Point target = {{1, -2, 3, 0.5}};
  const LmState state = Refit(Unbounded(), {}, Point{}, [&](const Point& point) { return Linear(point, target); });
  EXPECT_TRUE(state.converged);
  EXPECT_EQ(state.iterations, 2);  // at the start, and at the optimum
  for (int i = 0; i < kCoordinateCount; ++i) EXPECT_EQ(state.best.at[i], target.at[i]);
}

TEST(LevenbergMarquardtTest, DampsWhereFullStepsOvershoot) {
  // Newton's method on atan diverges from starts beyond 1.39.
  const auto equations = [](const Point& point) {
    return Separable(
        point, Point{}, [](double x) { return std::atan(x); }, [](double x) { return 1 / (1 + x * x); });
  };
  const LmState state = Refit(Unbounded(), {1e-20, 1, 50}, {{3, -3, 2, 2.5}}, equations);
  EXPECT_TRUE(state.converged);
  // Converged within sqrt(1e-20) standard errors, which are 1 here.
  for (int i = 0; i < kCoordinateCount; ++i) EXPECT_NEAR(state.best.at[i], 0, 1e-10);
}

TEST(LevenbergMarquardtTest, NeverKeepsAWorsePoint) {
  const auto equations = [](const Point& point) {
    return Separable(
        point, Point{}, [](double x) { return std::atan(x); }, [](double x) { return 1 / (1 + x * x); });
  };
  LmState state = StartLm({{3, -3, 2, 2.5}});
  double cost = kInfinity;
  while (!state.finished) {
    AdvanceLm(Unbounded(), {}, equations(state.trial), state);
    EXPECT_LE(state.equations.cost, cost);
    cost = state.equations.cost;
  }
}

TEST(LevenbergMarquardtTest, StopsOnABoundThatTheDescentWouldCross) {
  Domain domain = Unbounded();
  domain.upper.at[0] = 0.25;
  domain.lower.at[1] = -0.5;
  const Point target = {{1, -2, 3, 0.5}};
  const LmState state = Refit(domain, {}, Point{}, [&](const Point& point) { return Linear(point, target); });
  EXPECT_TRUE(state.converged);
  EXPECT_EQ(state.best.at[0], 0.25);
  EXPECT_EQ(state.best.at[1], -0.5);
  EXPECT_EQ(state.best.at[2], 3);
}

TEST(LevenbergMarquardtTest, LeavesFixedCoordinatesAlone) {
  Domain domain = Unbounded();
  domain.free[2] = false;
  const Point target = {{1, -2, 3, 0.5}};
  const LmState state = Refit(domain, {}, {{0, 0, 7, 0}}, [&](const Point& point) { return Linear(point, target); });
  EXPECT_TRUE(state.converged);
  EXPECT_EQ(state.best.at[2], 7);
  EXPECT_EQ(state.best.at[3], 0.5);
}

TEST(LevenbergMarquardtTest, ConvergesByStandardErrorsOfTheVarianceGiven) {
  const Point target = {{0.01, 0, 0, 0}};
  const auto equations = [&](const Point& point) { return Linear(point, target); };
  // The start is off by 1e-4 = g' H^-1 g: as much as 1e-6 times a variance of 100 allows, more than one of 99 does.
  EXPECT_EQ(Refit(Unbounded(), {1e-6, 101, 50}, Point{}, equations).iterations, 1);
  EXPECT_EQ(Refit(Unbounded(), {1e-6, 99, 50}, Point{}, equations).iterations, 2);
}

TEST(LevenbergMarquardtTest, GivesUpAtTheLimitOfIterations) {
  const auto equations = [](const Point& point) {
    return Separable(
        point, Point{}, [](double x) { return x * x; }, [](double x) { return 2 * x; });
  };
  const LmState state = Refit(Unbounded(), {1e-30, 1, 5}, {{1, 1, 1, 1, 1, 1, 1, 1}}, equations);
  EXPECT_FALSE(state.converged);
  EXPECT_EQ(state.iterations, 5);
}

TEST(LevenbergMarquardtTest, LeavesACoordinateWithoutEffectWhereItIs) {
  const auto equations = [](const Point& point) {
    NormalEquations flat = Linear(point, {{1, 1, 1, 0}});
    for (int i = 0; i <= 3; ++i) flat.jtj[PackedIndex(3, i)] = 0;
    flat.jtr[3] = 0;
    return flat;
  };
  const LmState state = Refit(Unbounded(), {}, {{0, 0, 0, 0.25}}, equations);
  EXPECT_TRUE(state.converged);
  EXPECT_EQ(state.best.at[3], 0.25);
  for (int i = 0; i < 3; ++i) EXPECT_NEAR(state.best.at[i], 1, 1e-6);
}

}  // namespace
}  // namespace ctxfit

#include "kernels/objective/normal_equations.h"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

namespace ctxfit {
namespace {

using Matrix = Eigen::Matrix<double, kCoordinateCount, kCoordinateCount>;
using Vector = Eigen::Matrix<double, kCoordinateCount, 1>;

// Returns J'J and J'r for a fixed, well-conditioned J of thirteen rows.
NormalEquations SomeEquations() {
  Eigen::Matrix<double, 13, kCoordinateCount> jacobian;
  Eigen::Matrix<double, 13, 1> residuals;
  for (int row = 0; row < 13; ++row) {
    residuals(row) = std::sin(5.0 + row);
    for (int i = 0; i < kCoordinateCount; ++i) jacobian(row, i) = std::cos(1.0 + row * (i + 1));
  }
  const Matrix jtj = jacobian.transpose() * jacobian;
  const Vector jtr = jacobian.transpose() * residuals;
  NormalEquations equations{};
  for (int i = 0; i < kCoordinateCount; ++i) {
    equations.jtr[i] = jtr(i);
    for (int j = 0; j <= i; ++j) equations.jtj[PackedIndex(i, j)] = jtj(i, j);
  }
  equations.cost = residuals.squaredNorm();
  return equations;
}

// Returns the damped dense matrix of the free coordinates; rows and columns of the others are those of the identity.
Matrix Dense(const NormalEquations& equations, const bool* free, double damping) {
  Matrix matrix = Matrix::Identity();
  for (int i = 0; i < kCoordinateCount; ++i) {
    for (int j = 0; j < kCoordinateCount; ++j) {
      if (!free[i] || !free[j]) continue;
      const double element = equations.jtj[PackedIndex(std::max(i, j), std::min(i, j))];
      matrix(i, j) = i == j ? element * (1 + damping) : element;
    }
  }
  return matrix;
}

TEST(NormalEquationsTest, SolveAgreesWithADenseSolverOnEverySubsetOfCoordinates) {
  const NormalEquations equations = SomeEquations();
  for (unsigned subset = 0; subset < 256; ++subset) {
    bool free[kCoordinateCount];
    Vector right_side;
    for (int i = 0; i < kCoordinateCount; ++i) {
      free[i] = subset >> i & 1;
      right_side(i) = free[i] ? equations.jtr[i] : 0;
    }
    for (const double damping : {0.0, 1e-3, 10.0}) {
      double step[kCoordinateCount];
      ASSERT_TRUE(SolveNormalEquations(equations, free, damping, step));
      const Vector expected = Dense(equations, free, damping).fullPivLu().solve(right_side);
      // Condition number below 100 times some tens of roundings.
      for (int i = 0; i < kCoordinateCount; ++i) EXPECT_NEAR(step[i], expected(i), 1e-12);
    }
  }
}

TEST(NormalEquationsTest, SolveRejectsASingularMatrixWithAZeroStep) {
  NormalEquations equations = SomeEquations();
  // Coordinate 2 becomes a copy of coordinate 1.
  equations.jtj[PackedIndex(2, 0)] = equations.jtj[PackedIndex(1, 0)];
  equations.jtj[PackedIndex(2, 1)] = equations.jtj[PackedIndex(1, 1)];
  equations.jtj[PackedIndex(2, 2)] = equations.jtj[PackedIndex(1, 1)];
  const bool free[kCoordinateCount] = {true, true, true};
  double step[kCoordinateCount];
  std::fill_n(step, kCoordinateCount, 9);
  EXPECT_FALSE(SolveNormalEquations(equations, free, 0, step));
  for (const double element : step) EXPECT_EQ(element, 0);
  EXPECT_TRUE(SolveNormalEquations(equations, free, 1e-3, step));
}

TEST(NormalEquationsTest, SolveRejectsNan) {
  NormalEquations equations = SomeEquations();
  equations.jtj[PackedIndex(1, 1)] = std::nan("");
  const bool free[kCoordinateCount] = {true, true, true, true};
  double step[kCoordinateCount];
  EXPECT_FALSE(SolveNormalEquations(equations, free, 0, step));
}

TEST(NormalEquationsTest, WidenAddsZerosForTheOtherCoordinates) {
  const NormalEquations all = SomeEquations();
  FactorEquations factors;
  std::copy_n(all.jtj, FactorEquations::kPackedCount, factors.jtj);
  std::copy_n(all.jtr, kFactorCoordinateCount, factors.jtr);
  factors.cost = all.cost;
  const NormalEquations widened = Widen(factors);
  for (int i = 0; i < kCoordinateCount; ++i) {
    EXPECT_EQ(widened.jtr[i], i < kFactorCoordinateCount ? all.jtr[i] : 0);
    for (int j = 0; j <= i; ++j) {
      EXPECT_EQ(widened.jtj[PackedIndex(i, j)], i < kFactorCoordinateCount ? all.jtj[PackedIndex(i, j)] : 0);
    }
  }
}

}  // namespace
}  // namespace ctxfit

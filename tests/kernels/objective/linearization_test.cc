#include "kernels/objective/linearization.h"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>

#include "kernels/data/cells.h"
#include "tests/kernels/defaults.h"
#include "tests/kernels/simulated_data.h"

namespace ctxfit {
namespace {

constexpr Penalty kGradual = {Penalty::Form::kRatio, 0.2, 1.2};
constexpr Point kSomePoint = {{-0.2, 0.4, 0.3, 0.6, 0.1, -0.1, 0.15, 0.05}};

Cells SomeCells(bool full) {
  const Observations observations = OnlyTask(Simulate({}));
  return Collapse(observations, DefaultReferences(observations), kGradual, Units::kMerge, {.full = full});
}

// The parameter is Cells::full(): each case runs in the factors' form and in the full form.
class LinearizationTest : public testing::TestWithParam<bool> {};

TEST_P(LinearizationTest, JacobianAgreesWithCentralDifferences) {
  const Cells cells = SomeCells(GetParam());
  const Point point = kSomePoint;
  const std::size_t count = cells.size();
  const int columns = cells.coordinate_count();
  ASSERT_EQ(columns, GetParam() ? 8 : 4);
  std::vector<double> residuals(count), above(count), below(count), jacobian(count * columns);
  WeightedResiduals(cells, point, residuals.data(), jacobian.data());
  const double h = 1e-5;
  for (int c = 0; c < columns; ++c) {
    Point moved = point;
    moved.at[c] = point.at[c] + h;
    WeightedResiduals(cells, moved, above.data(), nullptr);
    moved.at[c] = point.at[c] - h;
    WeightedResiduals(cells, moved, below.data(), nullptr);
    for (std::size_t i = 0; i < count; ++i) {
      // Truncation: h^2 / 6 times a third derivative of at most about 100 (|log ratio| <= 5); rounding: 1e-16 / h.
      EXPECT_NEAR(jacobian[i * columns + c], (above[i] - below[i]) / (2 * h), 3e-9) << "coordinate " << c;
    }
  }
}

TEST_P(LinearizationTest, NormalEquationsAreTheProductsOfTheJacobian) {
  const Cells cells = SomeCells(GetParam());
  const Eigen::Index columns = cells.coordinate_count();
  Eigen::VectorXd residuals(cells.size());
  Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> jacobian(cells.size(), columns);
  WeightedResiduals(cells, kSomePoint, residuals.data(), jacobian.data());
  const NormalEquations equations = Linearize(cells, kSomePoint);
  const Eigen::MatrixXd jtj = jacobian.transpose() * jacobian;
  const Eigen::VectorXd jtr = -jacobian.transpose() * residuals;
  const double cost = residuals.squaredNorm();
  EXPECT_NEAR(equations.cost, cost, 1e-12 * cost);
  EXPECT_NEAR(equations.cost, WeightedCost(cells, kSomePoint) - cells.within_cost, 1e-12 * cost);
  for (int row = 0; row < kCoordinateCount; ++row) {
    const bool is_fitted = row < columns;
    EXPECT_NEAR(equations.jtr[row], is_fitted ? jtr(row) : 0, 1e-11);
    for (int column = 0; column <= row; ++column) {
      EXPECT_NEAR(equations.jtj[PackedIndex(row, column)], is_fitted ? jtj(row, column) : 0, 1e-10);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(, LinearizationTest, testing::Bool(),
                         [](const auto& full) { return full.param ? "FullLaw" : "Factors"; });

TEST(GradientInStandardErrorsTest, GradientOfAQuadraticIsTheSquaredDistanceToItsOptimum) {
  // A quadratic with H = [[4, 1], [1, 2]] on coordinates 0 and 2, its optimum (1, -2) away: d' H d = 4 - 4 + 8.
  NormalEquations equations{};
  equations.jtj[PackedIndex(0, 0)] = 4;
  equations.jtj[PackedIndex(2, 0)] = 1;
  equations.jtj[PackedIndex(2, 2)] = 2;
  equations.jtr[0] = 4 * 1 + 1 * -2;
  equations.jtr[2] = 1 * 1 + 2 * -2;
  const bool free_set[kCoordinateCount] = {true, true, true, false};  // coordinate 1 has no influence at all
  EXPECT_NEAR(GradientInStandardErrors(equations, free_set, 0.5), 8 / 0.5, 1e-12);
}

}  // namespace
}  // namespace ctxfit

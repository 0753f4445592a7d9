#include "kernels/linearization.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/kernels/simulated_data.h"

namespace ctxfit {
namespace {

Cells SomeCells() {
  const Observations observations = OnlyTask(Simulate({}));
  return Collapse(observations, ChooseReferences(observations, {}), {}, Units::kMerge);
}

TEST(LinearizationTest, JacobianAgreesWithCentralDifferences) {
  const Cells cells = SomeCells();
  const Point point = {{-0.2, 0.4, 0.3, 0.6}};
  const std::size_t count = cells.size();
  std::vector<double> residuals(count), above(count), below(count), jacobian(count * kCoordinateCount);
  WeightedResiduals(cells, point, residuals.data(), jacobian.data());
  const double h = 1e-5;
  for (int c = 0; c < kCoordinateCount; ++c) {
    Point moved = point;
    moved.at[c] = point.at[c] + h;
    WeightedResiduals(cells, moved, above.data(), nullptr);
    moved.at[c] = point.at[c] - h;
    WeightedResiduals(cells, moved, below.data(), nullptr);
    for (std::size_t i = 0; i < count; ++i) {
      // Truncation: h^2 / 6 times a third derivative of at most about 100 (|log ratio| <= 5); rounding: 1e-16 / h.
      EXPECT_NEAR(jacobian[i * kCoordinateCount + c], (above[i] - below[i]) / (2 * h), 3e-9);
    }
  }
}

TEST(LinearizationTest, NormalEquationsAreTheProductsOfTheJacobian) {
  const Cells cells = SomeCells();
  const Point point = {{-0.2, 0.4, 0.3, 0.6}};
  std::vector<double> residuals(cells.size()), jacobian(cells.size() * kCoordinateCount);
  WeightedResiduals(cells, point, residuals.data(), jacobian.data());
  const NormalEquations equations = Linearize(cells, point);
  double cost = 0;
  double element = 0;
  double descent = 0;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    cost += residuals[i] * residuals[i];
    element += jacobian[i * kCoordinateCount + 3] * jacobian[i * kCoordinateCount + 1];
    descent -= jacobian[i * kCoordinateCount + 2] * residuals[i];
  }
  EXPECT_NEAR(equations.cost, cost, 1e-12 * cost);
  EXPECT_NEAR(equations.cost, WeightedSse(cells, point) - cells.within_sse, 1e-12 * cost);
  EXPECT_NEAR(equations.jtj[PackedIndex(3, 1)], element, 1e-11);
  EXPECT_NEAR(equations.jtr[2], descent, 1e-11);
}

TEST(LinearizationTest, GradientInStandardErrorsIsTheSquaredDistanceToTheOptimum) {
  // A quadratic with H = [[4, 1], [1, 2]] on coordinates 0 and 2, its optimum (1, -2) away: d' H d = 4 - 4 + 8.
  NormalEquations equations{};
  equations.jtj[PackedIndex(0, 0)] = 4;
  equations.jtj[PackedIndex(2, 0)] = 1;
  equations.jtj[PackedIndex(2, 2)] = 2;
  equations.jtr[0] = 4 * 1 + 1 * -2;
  equations.jtr[2] = 1 * 1 + 2 * -2;
  const bool movable[kCoordinateCount] = {true, true, true, false};  // coordinate 1 has no influence at all
  EXPECT_NEAR(GradientInStandardErrors(equations, movable, 0.5), 8 / 0.5, 1e-12);
}

}  // namespace
}  // namespace ctxfit

#include "kernels/statistics/numerics/symmetric_matrix.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "absl/types/span.h"
#include "kernels/law/coordinate.h"
#include "kernels/objective/normal_equations.h"

namespace ctxfit {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Roundings of a few sums and products of numbers below 20, and a condition number below 10.
constexpr double kRounding = 1e-13;

const std::vector<double> kMatrix = {4, 1, 2, 1, 3, 0, 2, 0, 5};

TEST(SymmetricMatrixTest, FreeCoordinatesAreInAscendingOrder) {
  bool free_set[kCoordinateCount] = {};
  EXPECT_THAT(FreeCoordinates(free_set), IsEmpty());
  free_set[kFloor] = free_set[kComputeExponent] = true;
  EXPECT_THAT(FreeCoordinates(free_set), ElementsAre(kComputeExponent, kFloor));
}

TEST(SymmetricMatrixTest, DenseMatrixHoldsTheChosenRowsAndColumns) {
  NormalEquations equations{};
  for (int i = 0; i < kPackedCount; ++i) equations.jtj[i] = i;
  // Elements (1, 1), (3, 1) and (3, 3) of the packed lower triangle.
  EXPECT_THAT(DenseMatrix(equations, {1, 3}), ElementsAre(2, 7, 7, 9));
}

TEST(SymmetricMatrixTest, LdltFactorSolvesByColumnsAndByRows) {
  const LdltFactor factor(kMatrix, 3);
  ASSERT_TRUE(factor.is_invertible());
  // The matrix times (1, 2, 3) and (-1, 0, 2).
  std::vector<double> columns = {12, 7, 17, 0, -1, 8};
  factor.SolveColumnMajor(absl::MakeSpan(columns));
  const std::vector<double> solutions = {1, 2, 3, -1, 0, 2};
  for (std::size_t i = 0; i < solutions.size(); ++i) EXPECT_NEAR(columns[i], solutions[i], kRounding) << i;
  std::vector<double> rows = {12, 0, 7, -1, 17, 8};
  factor.SolveRowMajor(absl::MakeSpan(rows));
  for (std::size_t i = 0; i < solutions.size(); ++i) EXPECT_NEAR(rows[i % 3 * 2 + i / 3], solutions[i], kRounding) << i;
}

TEST(SymmetricMatrixTest, NearlySingularMatricesAreNotInvertible) {
  EXPECT_FALSE(LdltFactor(std::vector<double>{1, 2, 2, 4 + 1e-14}, 2).is_invertible());
  EXPECT_FALSE(LdltFactor(std::vector<double>{1, 0, 0, 1e-15}, 2).is_invertible());
  EXPECT_TRUE(LdltFactor(std::vector<double>{1, 0, 0, 1e-13}, 2).is_invertible());
}

TEST(SymmetricMatrixTest, EigenvectorsAreScaledByTheirEigenvalues) {
  const EigenDecomposition eigen = DecomposeSymmetric(kMatrix, 3);
  ASSERT_EQ(eigen.values.size(), 3u);
  EXPECT_LT(eigen.values[0], eigen.values[1]);
  EXPECT_LT(eigen.values[1], eigen.values[2]);
  EXPECT_NEAR(eigen.values[0] + eigen.values[1] + eigen.values[2], 12, kRounding) << "the trace";
  for (int k = 0; k < 3; ++k) {
    const double* vector = eigen.vectors.data() + 3 * k;
    EXPECT_NEAR(std::hypot(vector[0], vector[1], vector[2]), 1, kRounding);
    for (int i = 0; i < 3; ++i) {
      const double product =
          kMatrix[3 * i] * vector[0] + kMatrix[3 * i + 1] * vector[1] + kMatrix[3 * i + 2] * vector[2];
      EXPECT_NEAR(product, eigen.values[k] * vector[i], kRounding) << k << ", " << i;
    }
  }
}

}  // namespace
}  // namespace ctxfit

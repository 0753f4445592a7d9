#include "kernels/statistics/numerics/symmetric_matrix.h"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <cstddef>

#include "kernels/law/coordinate.h"

namespace ctxfit {

std::vector<int> FreeCoordinates(const bool* free_set) {
  std::vector<int> coordinates;
  for (int i = 0; i < kCoordinateCount; ++i) {
    if (free_set[i]) coordinates.push_back(i);
  }
  return coordinates;
}

std::vector<double> DenseMatrix(const NormalEquations& equations, const std::vector<int>& coordinates) {
  const std::size_t size = coordinates.size();
  std::vector<double> matrix(size * size);
  for (std::size_t i = 0; i < size; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      matrix[i * size + j] = matrix[j * size + i] = equations.jtj[PackedIndex(coordinates[i], coordinates[j])];
    }
  }
  return matrix;
}

struct LdltFactor::Factored {
  Eigen::LDLT<Eigen::MatrixXd> ldlt;
};

LdltFactor::LdltFactor(absl::Span<const double> matrix, int size)
    : size_(size),
      factored_(
          new Factored{Eigen::LDLT<Eigen::MatrixXd>(Eigen::Map<const Eigen::MatrixXd>(matrix.data(), size, size))}) {}

LdltFactor::~LdltFactor() = default;

bool LdltFactor::is_invertible() const {
  return factored_->ldlt.info() == Eigen::Success && factored_->ldlt.rcond() > 1e-14;
}

void LdltFactor::SolveColumnMajor(absl::Span<double> b) const {
  Eigen::Map<Eigen::MatrixXd> solutions(b.data(), size_, static_cast<Eigen::Index>(b.size()) / size_);
  factored_->ldlt.solveInPlace(solutions);
}

void LdltFactor::SolveRowMajor(absl::Span<double> b) const {
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  Eigen::Map<RowMajor> solutions(b.data(), size_, static_cast<Eigen::Index>(b.size()) / size_);
  factored_->ldlt.solveInPlace(solutions);
}

std::vector<double> LdltFactor::Inverse() const {
  const auto size = static_cast<std::size_t>(size_);
  std::vector<double> inverse(size * size);
  for (std::size_t i = 0; i < size; ++i) inverse[i * size + i] = 1;
  SolveColumnMajor(absl::MakeSpan(inverse));
  return inverse;
}

EigenDecomposition DecomposeSymmetric(absl::Span<const double> matrix, int size) {
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(
      Eigen::Map<const Eigen::MatrixXd>(matrix.data(), size, size));
  const Eigen::VectorXd& values = eigen.eigenvalues();
  const Eigen::MatrixXd& vectors = eigen.eigenvectors();
  return {{values.data(), values.data() + values.size()}, {vectors.data(), vectors.data() + vectors.size()}};
}

}  // namespace ctxfit

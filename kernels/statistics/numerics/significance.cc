#include "kernels/statistics/numerics/significance.h"

#include <Eigen/Core>
#include <algorithm>
#include <cstddef>

#include "kernels/statistics/numerics/distributions.h"
#include "kernels/statistics/numerics/symmetric_matrix.h"

namespace ctxfit {

FTest MakeFTest(double statistic, double numerator_degrees, double denominator_degrees) {
  return {statistic, numerator_degrees, denominator_degrees,
          FTailProbability(statistic, numerator_degrees, denominator_degrees)};
}

FTest CompareSse(double restricted_sse, double sse, int numerator_degrees, double denominator_degrees) {
  // Two fits of the same law may end within rounding of each other, in either order.
  const double rise = std::max(0.0, restricted_sse - sse);
  return MakeFTest(rise / numerator_degrees / (sse / denominator_degrees), numerator_degrees, denominator_degrees);
}

std::optional<FTest> TestIsZero(const std::vector<double>& estimate, const std::vector<std::vector<double>>& replicates,
                                double degrees_of_freedom, double inflation) {
  const int size = static_cast<int>(estimate.size());
  const double freedom = std::min(degrees_of_freedom, static_cast<double>(replicates.size()) - 1);
  if (size == 0 || freedom < size) return std::nullopt;
  Eigen::MatrixXd rows(static_cast<Eigen::Index>(replicates.size()), size);
  for (std::size_t b = 0; b < replicates.size(); ++b) {
    rows.row(static_cast<Eigen::Index>(b)) = Eigen::Map<const Eigen::RowVectorXd>(replicates[b].data(), size);
  }
  rows.rowwise() -= rows.colwise().mean().eval();
  const Eigen::MatrixXd covariance = rows.transpose() * rows / static_cast<double>(rows.rows() - 1);

  // The correlation is singular where the covariance is, whatever the scales of the coordinates.
  const Eigen::VectorXd scale = covariance.diagonal().cwiseSqrt();
  if (!(scale.minCoeff() > 0)) return std::nullopt;
  const Eigen::MatrixXd correlation =
      scale.cwiseInverse().asDiagonal() * covariance * scale.cwiseInverse().asDiagonal();
  const EigenDecomposition eigen =
      DecomposeSymmetric({correlation.data(), static_cast<std::size_t>(correlation.size())}, size);
  const Eigen::VectorXd eigenvalues = Eigen::Map<const Eigen::VectorXd>(eigen.values.data(), size);
  const Eigen::MatrixXd eigenvectors = Eigen::Map<const Eigen::MatrixXd>(eigen.vectors.data(), size, size);
  constexpr double kSingular = 1e-10;
  if (!(eigenvalues.minCoeff() > kSingular)) return std::nullopt;
  const Eigen::VectorXd scaled = Eigen::Map<const Eigen::VectorXd>(estimate.data(), size).cwiseQuotient(scale);
  const Eigen::VectorXd rotated = eigenvectors.transpose() * scaled;
  const double t_squared = rotated.cwiseAbs2().cwiseQuotient(eigenvalues).sum() / inflation;
  const double denominator = freedom - size + 1;
  return MakeFTest(t_squared * denominator / (size * freedom), size, denominator);
}

}  // namespace ctxfit

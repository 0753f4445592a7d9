#include "kernels/linearization.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace ctxfit {
namespace {

// Calls visit(cell, prediction, gradient) for every cell, gradient being dP by each coordinate.
template <class Visit>
void VisitCells(const Cells& cells, const Point& point, const Visit& visit) {
  std::vector<Saturation<double>> compute_factors(cells.log_compute.size());
  for (std::size_t j = 0; j < compute_factors.size(); ++j) {
    compute_factors[j] =
        SaturateWithSlope(LogRate(point.at[kLogComputeCoefficient], point.at[kComputeExponent], cells.log_compute[j]));
  }
  for (std::size_t k = 0; k < cells.log_prompt.size(); ++k) {
    const double log_prompt = cells.log_prompt[k];
    const Saturation<double> g =
        SaturateWithSlope(LogRate(point.at[kLogContextCoefficient], point.at[kContextExponent], log_prompt));
    for (std::int32_t i = cells.prompt_begin[k]; i < cells.prompt_begin[k + 1]; ++i) {
      const Saturation<double>& f = compute_factors[cells.compute[i]];
      const double s = cells.penalty[i];
      const double by_log_a = f.slope * g.value * s;
      const double by_log_b = f.value * g.slope * s;
      const double gradient[kCoordinateCount] = {by_log_a, by_log_a * cells.log_compute[cells.compute[i]], by_log_b,
                                                 by_log_b * log_prompt};
      visit(i, f.value * g.value * s, gradient);
    }
  }
}

}  // namespace

void WeightedResiduals(const Cells& cells, const Point& point, double* residuals, double* jacobian) {
  VisitCells(cells, point, [&](std::int32_t i, double prediction, const double* gradient) {
    const double root_weight = std::sqrt(cells.weight[i]);
    residuals[i] = root_weight * (cells.score[i] - prediction);
    if (jacobian == nullptr) return;
    for (int c = 0; c < kCoordinateCount; ++c) jacobian[i * kCoordinateCount + c] = -root_weight * gradient[c];
  });
}

NormalEquations Linearize(const Cells& cells, const Point& point) {
  NormalEquations equations{};
  VisitCells(cells, point, [&](std::int32_t i, double prediction, const double* gradient) {
    const double residual = cells.score[i] - prediction;
    for (int row = 0; row < kCoordinateCount; ++row) {
      const double weighted = cells.weight[i] * gradient[row];
      equations.jtr[row] += weighted * residual;
      for (int column = 0; column <= row; ++column) {
        equations.jtj[PackedIndex(row, column)] += weighted * gradient[column];
      }
    }
    equations.cost += cells.weight[i] * residual * residual;
  });
  return equations;
}

double ResidualVariance(const Cells& cells, double sse, int fitted_count) {
  const double total_weight = std::accumulate(cells.weight.begin(), cells.weight.end(), 0.0);
  const double degrees_of_freedom = std::max(1.0, static_cast<double>(cells.record_count) - fitted_count);
  return std::max(sse, 1e-24 * total_weight) / degrees_of_freedom;
}

double GradientInStandardErrors(const NormalEquations& equations, const bool* movable, double variance) {
  std::vector<int> used;
  for (int i = 0; i < kCoordinateCount; ++i) {
    if (movable[i] && equations.jtj[PackedIndex(i, i)] > 0) used.push_back(i);
  }
  if (used.empty()) return 0;
  const auto count = static_cast<Eigen::Index>(used.size());
  Eigen::MatrixXd scaled(count, count);
  Eigen::VectorXd gradient(count);
  for (Eigen::Index i = 0; i < count; ++i) {
    const double scale_i = std::sqrt(equations.jtj[PackedIndex(used[i], used[i])]);
    gradient(i) = equations.jtr[used[i]] / scale_i;
    for (Eigen::Index j = 0; j <= i; ++j) {
      const double scale_j = std::sqrt(equations.jtj[PackedIndex(used[j], used[j])]);
      scaled(i, j) = scaled(j, i) = equations.jtj[PackedIndex(used[i], used[j])] / (scale_i * scale_j);
    }
  }
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(scaled);
  const Eigen::VectorXd projected = eigen.eigenvectors().transpose() * gradient;
  double sum = 0;
  for (Eigen::Index i = 0; i < count; ++i) {
    const double eigenvalue = eigen.eigenvalues()(i);
    if (eigenvalue > 1e-12 * eigen.eigenvalues()(count - 1)) sum += projected(i) * projected(i) / eigenvalue;
  }
  return sum / variance;
}

}  // namespace ctxfit

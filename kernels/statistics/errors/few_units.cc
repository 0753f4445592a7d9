#include "kernels/statistics/errors/few_units.h"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <cstddef>

#include "kernels/data/cells.h"
#include "kernels/objective/linearization.h"
#include "kernels/statistics/errors/variance_components.h"
#include "kernels/statistics/numerics/symmetric_matrix.h"

namespace ctxfit {
namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using ConstMatrixMap = Eigen::Map<const Matrix>;
using ConstVectorMap = Eigen::Map<const Eigen::VectorXd>;

constexpr std::size_t kMaxScores = 64;

// The height at which expansions are compared.
constexpr double kHeight = 2;

// With less than two degrees of freedom t knows no scale: they count as two, as in ExpansionOf().
double HeightOf(const Expansion& expansion) {
  return HeightUnder({std::max(expansion.freedom, 2.0), expansion.inflation}, kHeight);
}

double EffectShare(const VarianceComponents& variance) {
  const double sum = variance.between_clusters + variance.within;
  return sum > 0 ? variance.between_clusters / sum : 0;
}

}  // namespace

FewUnits::FewUnits(const Cells& cells, const bool* free_set, const Point& point, const VarianceComponents& variance)
    : chosen_(FreeCoordinates(free_set)), effect_share_(EffectShare(variance)) {
  const std::size_t size = chosen_.size();
  if (chosen_.empty()) return;
  const auto units = static_cast<std::size_t>(cells.unit_count);
  const auto stride = static_cast<std::int32_t>(cells.size() / kMaxScores + 1);
  information_.resize(units * size * size);
  effects_.resize(units * size);
  VisitWeightedResiduals(cells, point, [&](std::int32_t cell, double, const double* jacobian) {
    double* information = information_.data() + cells.unit[cell] * size * size;
    double* effect = effects_.data() + cells.unit[cell] * size;
    const double root = std::sqrt(cells.weight[cell]);
    for (std::size_t i = 0; i < size; ++i) {
      for (std::size_t j = 0; j < size; ++j) information[i * size + j] += jacobian[chosen_[i]] * jacobian[chosen_[j]];
      effect[i] += root * jacobian[chosen_[i]];
      if (cell % stride == 0) score_gradients_.push_back(jacobian[chosen_[i]]);
    }
  });

  const auto dimension = static_cast<Eigen::Index>(size);
  const ConstMatrixMap parts(information_.data(), cells.unit_count, dimension * dimension);
  const ConstMatrixMap effects(effects_.data(), cells.unit_count, dimension);
  const Eigen::RowVectorXd hessian = parts.colwise().sum();
  const LdltFactor factor({hessian.data(), size * size}, static_cast<int>(size));
  if (!factor.is_invertible()) return;
  inverse_ = factor.Inverse();
  const Matrix total = (1 - effect_share_) * ConstMatrixMap(hessian.data(), dimension, dimension) +
                       effect_share_ * effects.transpose() * effects;
  total_.assign(total.data(), total.data() + total.size());
}

std::optional<Expansion> FewUnits::ExpansionAlong(const double* gradient) const {
  if (inverse_.empty()) return std::nullopt;
  const auto size = static_cast<Eigen::Index>(chosen_.size());
  const auto units = static_cast<Eigen::Index>(effects_.size()) / size;
  const ConstMatrixMap inverse(inverse_.data(), size, size);
  const ConstMatrixMap total(total_.data(), size, size);
  const ConstMatrixMap effects(effects_.data(), units, size);
  const Eigen::VectorXd x = inverse * ConstVectorMap(gradient, size);

  // M = D - X Y' - Y X' + Y Q Y', where the rows of X are x' Q_u, those of Y are y_u, and D holds x' Q_u x.
  const Eigen::VectorXd along = ConstMatrixMap(information_.data(), units * size, size) * x;  // H_u x of every unit
  const ConstMatrixMap information(along.data(), units, size);
  const Matrix both = (1 - effect_share_) * information + effect_share_ * (effects * x).asDiagonal() * effects;
  const Matrix taken = information * inverse;
  const Eigen::VectorXd diagonal = both * x;
  const Matrix spread = taken * total;
  const Eigen::VectorXd low_rank = (spread - 2 * both).cwiseProduct(taken).rowwise().sum();
  // tr M^2 = tr D^2 + 2 tr D L + tr L^2, with L = U S U', U = [X Y] and S = [0 -1; -1 Q].
  Matrix factors(units, 2 * size);
  factors << both, taken;
  Matrix middle = Matrix::Zero(2 * size, 2 * size);
  middle.topRightCorner(size, size) = middle.bottomLeftCorner(size, size) = -Matrix::Identity(size, size);
  middle.bottomRightCorner(size, size) = total;
  const Matrix product = middle * (factors.transpose() * factors);

  const double trace = diagonal.sum() + low_rank.sum();
  const double squares =
      diagonal.squaredNorm() + 2 * diagonal.dot(low_rank) + product.cwiseProduct(product.transpose()).sum();
  const double variance = x.dot(total * x);
  const Expansion expansion = {trace * trace / squares, variance / trace};
  if (!(trace > 0 && squares > 0 && std::isfinite(expansion.inflation))) return std::nullopt;
  return expansion;
}

std::optional<Expansion> FewUnits::ExpansionFor(const double (&gradient)[kCoordinateCount]) const {
  std::vector<double> chosen;
  for (const int coordinate : chosen_) chosen.push_back(gradient[coordinate]);
  return ExpansionAlong(chosen.data());
}

std::optional<Expansion> FewUnits::ExpansionForScores() const {
  std::optional<Expansion> widest;
  for (std::size_t begin = 0; begin < score_gradients_.size(); begin += chosen_.size()) {
    const std::optional<Expansion> expansion = ExpansionAlong(score_gradients_.data() + begin);
    if (expansion && (!widest || HeightOf(*expansion) > HeightOf(*widest))) widest = expansion;
  }
  return widest;
}

EffectiveUnits UnitsWithExpansion(double n, const Expansion& expansion) {
  const double height = HeightOf(expansion);
  double low = 0;
  double high = std::max(n - 2, 0.0);
  constexpr int kHalvings = 50;
  for (int i = 0; i < kHalvings; ++i) {
    const double middle = (low + high) / 2;
    (ExpandedHeight(kHeight, {n, middle}) < height ? low : high) = middle;
  }
  return {n, high};
}

}  // namespace ctxfit

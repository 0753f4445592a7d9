#include "kernels/statistics/errors/sandwich.h"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "kernels/data/cells.h"
#include "kernels/law/coordinate.h"
#include "kernels/statistics/errors/unit_scores.h"
#include "kernels/statistics/numerics/symmetric_matrix.h"

namespace ctxfit {
namespace {

using RowMajorMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// The sum of s s' over units [begin, begin + count), with its correction for their number.
Eigen::MatrixXd Meat(const UnitScores& unit_scores, std::size_t begin, std::size_t unit_count) {
  const RowMajorMatrix scores = Eigen::Map<const RowMajorMatrix>(unit_scores.Units(begin, unit_count).data(),
                                                                 static_cast<Eigen::Index>(unit_count),
                                                                 static_cast<Eigen::Index>(unit_scores.size));
  const auto count = static_cast<double>(unit_count);
  return count / (count - 1) * scores.transpose() * scores;
}

// The sum of s s' over all units.
Eigen::MatrixXd Meat(const UnitScores& scores) { return Meat(scores, 0, scores.unit_count()); }

// The sum of s s' over strata, each about its mean: strata do not vary. A stratum of one unit shows no spread.
Eigen::MatrixXd StratifiedMeat(UnitScores scores, const std::vector<std::int32_t>& stratum_begin) {
  CentreWithinStrata(stratum_begin, scores);
  const auto size = static_cast<Eigen::Index>(scores.size);
  Eigen::MatrixXd sum = Eigen::MatrixXd::Zero(size, size);
  for (std::size_t s = 0; s + 1 < stratum_begin.size(); ++s) {
    const std::int32_t count = stratum_begin[s + 1] - stratum_begin[s];
    if (count < 2) continue;
    sum += Meat(scores, stratum_begin[s], count);
  }
  return sum;
}

// Numbers the pairs of units that occur, in the order of the cells, and sets `count` to the number of pairs.
std::vector<std::int32_t> RankPairs(const Cells& cells, std::size_t& count) {
  std::unordered_map<std::int64_t, std::int32_t> rank;
  std::vector<std::int32_t> ranks(cells.size());
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::int64_t pair = std::int64_t{cells.unit[i]} * cells.unit_2_count + cells.unit_2[i];
    ranks[i] = rank.emplace(pair, static_cast<std::int32_t>(rank.size())).first->second;
  }
  count = rank.size();
  return ranks;
}

// Sets negative eigenvalues to 0, which V_1 + V_2 - V_12 may have where units are few.
Eigen::MatrixXd NearestPositive(const Eigen::MatrixXd& matrix) {
  const Eigen::Index size = matrix.rows();
  const EigenDecomposition eigen =
      DecomposeSymmetric({matrix.data(), static_cast<std::size_t>(matrix.size())}, static_cast<int>(size));
  const Eigen::VectorXd values = Eigen::Map<const Eigen::VectorXd>(eigen.values.data(), size);
  const Eigen::MatrixXd vectors = Eigen::Map<const Eigen::MatrixXd>(eigen.vectors.data(), size, size);
  return vectors * values.cwiseMax(0).asDiagonal() * vectors.transpose();
}

// The sum of s s' over one key, within strata or over two keys, as the cells have them, and the units of the smaller
// key: one more than the degrees of freedom.
std::pair<Eigen::MatrixXd, std::int32_t> MeatOf(const Cells& cells, const Point& point,
                                                const std::vector<int>& chosen) {
  const auto sum_by = [&](const std::vector<std::int32_t>& unit, std::size_t count) {
    return SumUnitScores(cells, point, chosen, count, [&unit](std::int32_t cell) { return unit[cell]; });
  };
  const UnitScores scores = sum_by(cells.unit, cells.unit_count);
  if (!cells.stratum_begin.empty()) {
    const auto strata = static_cast<std::int32_t>(cells.stratum_begin.size()) - 1;
    return {StratifiedMeat(scores, cells.stratum_begin), cells.unit_count - strata + 1};
  }
  const Eigen::MatrixXd first = Meat(scores);
  if (cells.unit_2.empty()) return {first, cells.unit_count};
  if (cells.unit_2_count < 2) return {first, cells.unit_2_count};
  const Eigen::MatrixXd second = Meat(sum_by(cells.unit_2, cells.unit_2_count));
  std::size_t pair_count = 0;
  const std::vector<std::int32_t> pairs = RankPairs(cells, pair_count);
  const Eigen::MatrixXd both = Meat(sum_by(pairs, pair_count));
  return {NearestPositive(first + second - both), std::min(cells.unit_count, cells.unit_2_count)};
}

}  // namespace

double Sandwich::StandardError(const double (&gradient)[kCoordinateCount]) const {
  double variance = 0;
  for (int i = 0; i < kCoordinateCount; ++i) {
    for (int j = 0; j < kCoordinateCount; ++j) {
      variance += gradient[i] * covariance[i * kCoordinateCount + j] * gradient[j];
    }
  }
  return std::sqrt(std::max(0.0, variance));
}

std::optional<Sandwich> ClusterSandwich(const Cells& cells, const NormalEquations& curvature, const bool* free_set,
                                        const Point& point) {
  const std::vector<int> chosen = FreeCoordinates(free_set);
  const auto size = static_cast<Eigen::Index>(chosen.size());
  if (chosen.empty() || cells.unit_count < 2) return std::nullopt;
  auto [product, units] = MeatOf(cells, point, chosen);
  if (units < 2) return std::nullopt;

  const LdltFactor hessian(DenseMatrix(curvature, chosen), static_cast<int>(size));
  if (!hessian.is_invertible()) return std::nullopt;
  const absl::Span<double> elements(product.data(), static_cast<std::size_t>(product.size()));
  hessian.SolveColumnMajor(elements);
  hessian.SolveRowMajor(elements);  // the columns of H^-1 meat are the rows of its transpose
  const auto records = static_cast<double>(cells.record_count);
  const double correction =
      records > static_cast<double>(size) ? (records - 1) / (records - static_cast<double>(size)) : 1;

  Sandwich sandwich{};
  sandwich.degrees_of_freedom = units - 1;
  for (Eigen::Index i = 0; i < size; ++i) {
    for (Eigen::Index j = 0; j < size; ++j) {
      sandwich.covariance[chosen[i] * kCoordinateCount + chosen[j]] = correction * elements[i * size + j];
    }
  }
  return sandwich;
}

}  // namespace ctxfit

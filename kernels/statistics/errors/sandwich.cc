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
#include "kernels/statistics/errors/contribution.h"
#include "kernels/statistics/errors/unit_scores.h"
#include "kernels/statistics/numerics/symmetric_matrix.h"

namespace ctxfit {
namespace {

using RowMajorMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// The sum of s s' over units [begin, begin + unit_count), with its correction for the number of those that contribute.
// Fewer than two of them show no spread.
Eigen::MatrixXd Meat(const UnitScores& unit_scores, std::size_t begin, std::size_t unit_count,
                     std::int32_t contributing) {
  const auto size = static_cast<Eigen::Index>(unit_scores.size);
  if (contributing < 2) return Eigen::MatrixXd::Zero(size, size);
  const RowMajorMatrix scores = Eigen::Map<const RowMajorMatrix>(unit_scores.Units(begin, unit_count).data(),
                                                                 static_cast<Eigen::Index>(unit_count), size);
  const double count = contributing;
  return count / (count - 1) * scores.transpose() * scores;
}

// The number of units [begin, end) that contribute.
std::int32_t Count(const std::vector<bool>& contributing, std::int32_t begin, std::int32_t end) {
  return static_cast<std::int32_t>(std::count(contributing.begin() + begin, contributing.begin() + end, true));
}

std::int32_t Count(const std::vector<bool>& contributing) {
  return Count(contributing, 0, static_cast<std::int32_t>(contributing.size()));
}

// The sum of s s' over strata, each about its mean: strata do not vary.
Eigen::MatrixXd StratifiedMeat(UnitScores scores, const std::vector<std::int32_t>& stratum_begin,
                               const std::vector<bool>& contributing) {
  CentreWithinStrata(stratum_begin, scores);
  const auto size = static_cast<Eigen::Index>(scores.size);
  Eigen::MatrixXd sum = Eigen::MatrixXd::Zero(size, size);
  for (std::size_t s = 0; s + 1 < stratum_begin.size(); ++s) {
    const std::int32_t begin = stratum_begin[s];
    const std::int32_t end = stratum_begin[s + 1];
    sum += Meat(scores, begin, end - begin, Count(contributing, begin, end));
  }
  return sum;
}

// The strata that have units which contribute.
std::int32_t CountStrata(const std::vector<std::int32_t>& stratum_begin, const std::vector<bool>& contributing) {
  std::int32_t count = 0;
  for (std::size_t s = 0; s + 1 < stratum_begin.size(); ++s) {
    count += Count(contributing, stratum_begin[s], stratum_begin[s + 1]) > 0;
  }
  return count;
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
std::pair<Eigen::MatrixXd, std::int32_t> MeatOf(const Cells& cells, const Point& point, const std::vector<int>& chosen,
                                                const Contribution& contribution) {
  const auto sum_by = [&](const std::vector<std::int32_t>& unit, std::size_t count) {
    return SumUnitScores(cells, point, chosen, count, [&unit](std::int32_t cell) { return unit[cell]; });
  };
  const UnitScores scores = sum_by(cells.unit, cells.unit_count);
  const std::int32_t units = Count(contribution.unit);
  if (!cells.stratum_begin.empty()) {
    return {StratifiedMeat(scores, cells.stratum_begin, contribution.unit),
            units - CountStrata(cells.stratum_begin, contribution.unit) + 1};
  }
  const Eigen::MatrixXd first = Meat(scores, 0, cells.unit_count, units);
  if (cells.unit_2.empty()) return {first, units};
  const std::int32_t units_2 = Count(contribution.unit_2);
  if (units_2 < 2) return {first, units_2};
  const Eigen::MatrixXd second =
      Meat(sum_by(cells.unit_2, cells.unit_2_count), 0, static_cast<std::size_t>(cells.unit_2_count), units_2);
  std::size_t pair_count = 0;
  const std::vector<std::int32_t> pairs = RankPairs(cells, pair_count);
  const Eigen::MatrixXd both = Meat(sum_by(pairs, pair_count), 0, pair_count, static_cast<std::int32_t>(pair_count));
  return {NearestPositive(first + second - both), std::min(units, units_2)};
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
                                        const Point& point, const Contribution& contribution) {
  const std::vector<int> chosen = FreeCoordinates(free_set);
  const auto size = static_cast<Eigen::Index>(chosen.size());
  if (chosen.empty() || cells.unit_count < 2) return std::nullopt;
  auto [product, units] = MeatOf(cells, point, chosen, contribution);
  if (units < 2) return std::nullopt;

  const LdltFactor hessian(DenseMatrix(curvature, chosen), static_cast<int>(size));
  if (!hessian.is_invertible()) return std::nullopt;
  const absl::Span<double> elements(product.data(), static_cast<std::size_t>(product.size()));
  hessian.SolveColumnMajor(elements);
  hessian.SolveRowMajor(elements);  // the columns of H^-1 meat are the rows of its transpose
  const double records = contribution.record_count;
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

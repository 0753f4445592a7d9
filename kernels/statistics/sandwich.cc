#include "kernels/statistics/sandwich.h"

#include <Eigen/Dense>
#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <unordered_map>
#include <utility>
#include <vector>

#include "kernels/data/cells.h"
#include "kernels/law/coordinate.h"
#include "kernels/statistics/unit_scores.h"

namespace ctxfit {
namespace {

// The sum of s s' over units, with its correction for their number.
Eigen::MatrixXd Meat(const UnitScores& scores) {
  const auto count = static_cast<double>(scores.rows());
  return count / (count - 1) * scores.transpose() * scores;
}

// The same within strata, about their means: what lies between strata does not vary. A stratum of one unit shows no
// spread.
Eigen::MatrixXd StratifiedMeat(UnitScores scores, const std::vector<std::int32_t>& stratum_begin) {
  CentreWithinStrata(stratum_begin, scores);
  Eigen::MatrixXd sum = Eigen::MatrixXd::Zero(scores.cols(), scores.cols());
  for (std::size_t s = 0; s + 1 < stratum_begin.size(); ++s) {
    const Eigen::Index count = stratum_begin[s + 1] - stratum_begin[s];
    if (count < 2) continue;
    sum += Meat(scores.middleRows(stratum_begin[s], count));
  }
  return sum;
}

// Numbers the pairs of units that occur.
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

// V_1 + V_2 - V_12 may have negative eigenvalues where units are few: those are set to 0.
Eigen::MatrixXd NearestPositive(const Eigen::MatrixXd& matrix) {
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(matrix);
  return eigen.eigenvectors() * eigen.eigenvalues().cwiseMax(0).asDiagonal() * eigen.eigenvectors().transpose();
}

// The sum of s s' in the way that the cells' units ask for, and the units of the smaller key: one more than the degrees
// of freedom that they leave.
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
  const std::vector<int> chosen = ChosenCoordinates(free_set);
  const auto size = static_cast<Eigen::Index>(chosen.size());
  if (chosen.empty() || cells.unit_count < 2) return std::nullopt;
  const auto [meat, units] = MeatOf(cells, point, chosen);
  if (units < 2) return std::nullopt;

  const auto hessian = FactoredHessian(curvature, chosen);
  if (!hessian) return std::nullopt;
  const Eigen::MatrixXd half = hessian->solve(meat);
  const auto records = static_cast<double>(cells.record_count);
  const double correction =
      records > static_cast<double>(size) ? (records - 1) / (records - static_cast<double>(size)) : 1;
  const Eigen::MatrixXd covariance = correction * hessian->solve(half.transpose());

  Sandwich sandwich{};
  sandwich.degrees_of_freedom = units - 1;
  for (Eigen::Index i = 0; i < size; ++i) {
    for (Eigen::Index j = 0; j < size; ++j) {
      sandwich.covariance[chosen[i] * kCoordinateCount + chosen[j]] = covariance(i, j);
    }
  }
  return sandwich;
}

double StudentQuantile(double confidence, std::int32_t degrees_of_freedom) {
  const boost::math::students_t distribution(degrees_of_freedom);
  return boost::math::quantile(boost::math::complement(distribution, (1 - confidence) / 2));
}

}  // namespace ctxfit

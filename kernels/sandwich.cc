#include "kernels/sandwich.h"

#include <Eigen/Dense>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <map>
#include <utility>
#include <vector>

#include "kernels/linearization.h"

namespace ctxfit {
namespace {

using Scores = std::vector<Eigen::VectorXd>;

// The coordinates that move.
std::vector<int> Chosen(const bool* movable) {
  std::vector<int> chosen;
  for (int i = 0; i < kCoordinateCount; ++i) {
    if (movable[i]) chosen.push_back(i);
  }
  return chosen;
}

// The weighted residuals and their Jacobian, from which scores are summed.
struct WeightedRows {
  Eigen::VectorXd residuals;
  Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> jacobian;

  WeightedRows(const Cells& cells, const Point& point)
      : residuals(static_cast<Eigen::Index>(cells.size())),
        jacobian(static_cast<Eigen::Index>(cells.size()), cells.coordinate_count()) {
    WeightedResiduals(cells, point, residuals.data(), jacobian.data());
  }

  void AddScore(Eigen::Index cell, const std::vector<int>& chosen, Eigen::VectorXd& score) const {
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      score(static_cast<Eigen::Index>(i)) -= residuals(cell) * jacobian(cell, chosen[i]);
    }
  }
};

// The sum of s s' over units, with its correction for their number.
Eigen::MatrixXd Meat(const Scores& scores, Eigen::Index size) {
  Eigen::MatrixXd meat = Eigen::MatrixXd::Zero(size, size);
  for (const Eigen::VectorXd& score : scores) meat += score * score.transpose();
  const auto count = static_cast<double>(scores.size());
  return count / (count - 1) * meat;
}

// The scores of units that `unit_of` gives for each cell.
template <class UnitOf>
Scores SumScores(const WeightedRows& rows, const std::vector<int>& chosen, const UnitOf& unit_of) {
  std::map<decltype(unit_of(Eigen::Index{0})), Eigen::VectorXd> by_unit;
  const auto size = static_cast<Eigen::Index>(chosen.size());
  for (Eigen::Index i = 0; i < rows.residuals.size(); ++i) {
    const auto [entry, is_new] = by_unit.try_emplace(unit_of(i), Eigen::VectorXd::Zero(size));
    rows.AddScore(i, chosen, entry->second);
  }
  Scores scores;
  for (auto& [unused, score] : by_unit) scores.push_back(std::move(score));
  return scores;
}

// V_1 + V_2 - V_12 may have negative eigenvalues where units are few: those are set to 0.
Eigen::MatrixXd NearestPositive(const Eigen::MatrixXd& matrix) {
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(matrix);
  return eigen.eigenvectors() * eigen.eigenvalues().cwiseMax(0).asDiagonal() * eigen.eigenvectors().transpose();
}

// The sum of s s' in the way that the cells' units ask for, and the units of the smaller key.
std::pair<Eigen::MatrixXd, std::size_t> MeatOf(const Cells& cells, const WeightedRows& rows,
                                               const std::vector<int>& chosen) {
  const auto size = static_cast<Eigen::Index>(chosen.size());
  const Scores first = SumScores(rows, chosen, [&](Eigen::Index i) { return cells.unit[i]; });
  if (cells.unit_2.empty()) return {Meat(first, size), first.size()};
  const Scores second = SumScores(rows, chosen, [&](Eigen::Index i) { return cells.unit_2[i]; });
  const Scores both =
      SumScores(rows, chosen, [&](Eigen::Index i) { return std::make_pair(cells.unit[i], cells.unit_2[i]); });
  if (second.size() < 2) return {Meat(first, size), second.size()};
  return {NearestPositive(Meat(first, size) + Meat(second, size) - Meat(both, size)),
          std::min(first.size(), second.size())};
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

std::optional<Sandwich> ClusterSandwich(const Cells& cells, const bool* movable, const Point& point) {
  const std::vector<int> chosen = Chosen(movable);
  const auto size = static_cast<Eigen::Index>(chosen.size());
  if (chosen.empty() || cells.unit_count < 2) return std::nullopt;
  const WeightedRows rows(cells, point);
  const auto [meat, units] = MeatOf(cells, rows, chosen);
  if (units < 2) return std::nullopt;

  const NormalEquations equations = Linearize(cells, point);
  Eigen::MatrixXd hessian(size, size);
  for (Eigen::Index i = 0; i < size; ++i) {
    for (Eigen::Index j = 0; j <= i; ++j) {
      hessian(i, j) = hessian(j, i) = equations.jtj[PackedIndex(chosen[i], chosen[j])];
    }
  }
  const Eigen::LDLT<Eigen::MatrixXd> factored(hessian);
  if (factored.info() != Eigen::Success || !(factored.rcond() > 1e-14)) return std::nullopt;
  const Eigen::MatrixXd half = factored.solve(meat);
  const auto records = static_cast<double>(cells.record_count);
  const double correction =
      records > static_cast<double>(size) ? (records - 1) / (records - static_cast<double>(size)) : 1;
  const Eigen::MatrixXd covariance = correction * factored.solve(half.transpose());

  Sandwich sandwich{};
  sandwich.degrees_of_freedom = static_cast<std::int32_t>(units) - 1;
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

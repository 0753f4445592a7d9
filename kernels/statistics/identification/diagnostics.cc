#include "kernels/statistics/identification/diagnostics.h"

#include <Eigen/Cholesky>
#include <Eigen/QR>
#include <Eigen/SVD>
#include <algorithm>
#include <cmath>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "kernels/data/cells.h"
#include "kernels/data/compute_levels.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/domain.h"
#include "kernels/law/parameters.h"
#include "kernels/law/penalty.h"
#include "kernels/objective/linearization.h"
#include "kernels/statistics/identification/active_bounds.h"
#include "kernels/statistics/identification/penalty_evidence.h"
#include "kernels/statistics/numerics/symmetric_matrix.h"

namespace ctxfit {
namespace {

constexpr double kFlat = 1e-8;             // relative singular value of a direction that changes nothing
constexpr double kWellConditioned = 1e-8;  // relative squared singular value that normal equations hold accurately
constexpr double kTakesPart = 1e-6;        // smallest component by which a coordinate takes part in a flat direction
constexpr double kShareOfRange = 0.25;  // largest standard error of an identified coordinate, in widths of its bounds
constexpr double kNegligibleColumn = 1e-10;  // root-mean-square derivative below which a column is zero

double BoundsWidth(const Domain& domain, Coordinate coordinate) {
  return domain.upper.at[coordinate] - domain.lower.at[coordinate];
}

std::string AsWideAsBounds(Coordinate coordinate, double standard_error) {
  return absl::StrFormat("its standard error (%.2g%s) exceeds a quarter of the range that its bounds allow",
                         standard_error, IsLogarithm(coordinate) ? " in its logarithm" : "");
}

// Returns the triangular factor of the weighted Jacobian over `coordinates`, which has the same singular values. Blocks
// of rows are factored one after the other, each together with the factor of those before it.
Eigen::MatrixXd TriangularFactor(const Cells& cells, const Point& point, const std::vector<Coordinate>& coordinates) {
  constexpr Eigen::Index kRowsPerBlock = 512;
  const auto columns = static_cast<Eigen::Index>(coordinates.size());
  Eigen::MatrixXd block = Eigen::MatrixXd::Zero(columns + kRowsPerBlock, columns);
  Eigen::HouseholderQR<Eigen::MatrixXd> factored(block.rows(), columns);
  Eigen::Index filled = columns;
  const auto factor = [&] {
    factored.compute(block);
    block.setZero();
    block.topRows(columns).triangularView<Eigen::Upper>() = factored.matrixQR().topRows(columns);
    filled = columns;
  };
  VisitWeightedResiduals(cells, point, [&](std::int32_t, double, const double* row) {
    if (filled == block.rows()) factor();
    for (Eigen::Index c = 0; c < columns; ++c) block(filled, c) = row[coordinates[c]];
    ++filled;
  });
  factor();
  return block.topRows(columns);
}

// Returns a triangular factor from the normal equations, without a pass over the cells. They hold the squares of the
// singular values to 1e-16 of the largest: unset unless at least eight digits of the smallest are right.
std::optional<Eigen::MatrixXd> CholeskyFactor(const NormalEquations& equations,
                                              const std::vector<Coordinate>& coordinates) {
  const auto count = static_cast<Eigen::Index>(coordinates.size());
  Eigen::MatrixXd scaled(count, count);
  Eigen::VectorXd scale(count);
  for (Eigen::Index i = 0; i < count; ++i) {
    scale(i) = std::sqrt(equations.jtj[PackedIndex(coordinates[i], coordinates[i])]);
    if (!(scale(i) > 0)) return std::nullopt;
    for (Eigen::Index j = 0; j <= i; ++j) {
      const double product = equations.jtj[PackedIndex(coordinates[i], coordinates[j])] / (scale(i) * scale(j));
      scaled(i, j) = scaled(j, i) = product;
    }
  }
  const std::vector<double> squares =
      DecomposeSymmetric({scaled.data(), static_cast<std::size_t>(scaled.size())}, static_cast<int>(count)).values;
  if (!(squares.front() > kWellConditioned * squares.back())) return std::nullopt;
  return Eigen::MatrixXd(scaled.llt().matrixU()) * scale.asDiagonal();
}

bool IsOneLevel(const std::vector<double>& sorted_logs) { return CountAsOne(sorted_logs.front(), sorted_logs.back()); }

void ExamineLevels(const Cells& cells, const Domain& domain, Diagnostics& diagnostics) {
  if (domain.free[kComputeExponent] && IsOneLevel(cells.log_compute)) {
    diagnostics.held[kComputeExponent] = true;
    MarkUnidentified(diagnostics, kComputeExponent, "all observations have one training compute, within 1 %");
  }
  if (domain.free[kContextExponent] && IsOneLevel(cells.log_prompt)) {
    diagnostics.held[kContextExponent] = true;
    MarkUnidentified(diagnostics, kContextExponent, "all observations have one prompt length, within 1 %");
  }
}

// Marks the fitted parameters of a penalty that the data do not show.
void ExaminePenalty(const Cells& cells, const Domain& domain, const Point& point, double variance,
                    Diagnostics& diagnostics) {
  if (!domain.free[kLogPenaltyWidth] && !domain.free[kLogPenaltyOnset]) return;
  const double deviance = PenaltyDeviance(cells, domain, point, variance);
  if (deviance >= kNearlyTheSame) return;
  for (const Coordinate coordinate : {kLogPenaltyWidth, kLogPenaltyOnset}) {
    if (!domain.free[coordinate]) continue;
    MarkUnidentified(diagnostics, coordinate,
                     absl::StrFormat("without a penalty the data fit nearly as well (%.2g deviance units worse)",
                                     std::max(0.0, deviance)));
  }
}

// Adds to the reasons of the penalty's width and onset that no record, or every record, lies beyond its limit.
void ExplainPenalty(const Cells& cells, const Penalty& scale, Diagnostics& diagnostics) {
  const auto is_beyond = [&](const Excess& excess) { return excess.prompt * scale.onset_ratio > excess.onset; };
  const auto beyond = std::count_if(cells.excess.begin(), cells.excess.end(), is_beyond);
  if (beyond > 0 && beyond < static_cast<std::ptrdiff_t>(cells.excess.size())) return;
  for (const Coordinate coordinate : {kLogPenaltyWidth, kLogPenaltyOnset}) {
    if (diagnostics.identified[coordinate]) continue;
    absl::StrAppend(&diagnostics.reason[coordinate],
                    beyond == 0 ? "; no record lies beyond its context limit" : "; every record lies beyond its limit");
  }
}

// Holds the coordinate with the largest component of a flat direction, and marks all that take part in it.
void MarkFlatDirection(const Eigen::VectorXd& direction, Penalty::Form form, Diagnostics& diagnostics) {
  std::vector<absl::string_view> names;
  Eigen::Index largest = 0;
  direction.cwiseAbs().maxCoeff(&largest);
  for (Eigen::Index i = 0; i < direction.size(); ++i) {
    if (std::abs(direction(i)) > kTakesPart) names.push_back(ParameterName(diagnostics.coordinates[i], form));
  }
  const std::string reason =
      names.size() == 1 ? std::string("no prediction at the observations depends on it")
                        : absl::StrCat("the observations determine only a combination of ", absl::StrJoin(names, ", "));
  diagnostics.held[diagnostics.coordinates[largest]] = true;
  for (Eigen::Index i = 0; i < direction.size(); ++i) {
    if (std::abs(direction(i)) > kTakesPart) MarkUnidentified(diagnostics, diagnostics.coordinates[i], reason);
  }
}

// Derives Gauss-Newton standard errors and correlations from the singular value decomposition of the scaled Jacobian,
// whose columns were divided by `scale`.
void ExamineCovariance(const Eigen::MatrixXd& v, const Eigen::VectorXd& singular_values, const Eigen::VectorXd& scale,
                       const Domain& domain, double variance, Diagnostics& diagnostics) {
  const Eigen::MatrixXd inverse_root = v * singular_values.cwiseInverse().asDiagonal();
  const Eigen::MatrixXd covariance = inverse_root * inverse_root.transpose();
  const Eigen::Index count = covariance.rows();
  for (Eigen::Index i = 0; i < count; ++i) {
    for (Eigen::Index j = 0; j < count; ++j) {
      diagnostics.correlation.push_back(covariance(i, j) / std::sqrt(covariance(i, i) * covariance(j, j)));
    }
    const Coordinate coordinate = diagnostics.coordinates[i];
    const double standard_error = std::sqrt(variance * covariance(i, i)) / scale(i);
    if (standard_error > kShareOfRange * BoundsWidth(domain, coordinate)) {
      MarkUnidentified(diagnostics, coordinate, AsWideAsBounds(coordinate, standard_error));
    }
  }
}

void ExamineJacobian(const Cells& cells, const NormalEquations& equations, const Domain& domain, const Point& point,
                     double variance, Penalty::Form form, Diagnostics& diagnostics) {
  const std::optional<Eigen::MatrixXd> cholesky = CholeskyFactor(equations, diagnostics.coordinates);
  Eigen::MatrixXd factor = cholesky ? *cholesky : TriangularFactor(cells, point, diagnostics.coordinates);
  const double total_weight = std::accumulate(cells.weight.begin(), cells.weight.end(), 0.0);
  Eigen::VectorXd scale = factor.colwise().norm();
  for (Eigen::Index i = 0; i < scale.size(); ++i) {
    const bool negligible = scale(i) < kNegligibleColumn * std::sqrt(total_weight);
    // No standard error is smaller than with all other coordinates known.
    const Coordinate coordinate = diagnostics.coordinates[i];
    const double min_error = std::sqrt(variance) / scale(i);
    if (!negligible && min_error > kShareOfRange * BoundsWidth(domain, coordinate)) {
      MarkUnidentified(diagnostics, coordinate, AsWideAsBounds(coordinate, min_error));
    }
    if (negligible) factor.col(i).setZero();
    scale(i) = negligible ? 1 : scale(i);
    factor.col(i) /= scale(i);
  }
  // A square matrix needs no preconditioner.
  const Eigen::JacobiSVD<Eigen::MatrixXd, Eigen::NoQRPreconditioner> svd(factor, Eigen::ComputeFullV);
  const Eigen::VectorXd& singular_values = svd.singularValues();
  const Eigen::Index count = factor.cols();
  diagnostics.singular_values.assign(singular_values.begin(), singular_values.end());
  bool singular = false;
  for (Eigen::Index i = 0; i < count; ++i) {
    const double value = i < singular_values.size() ? singular_values(i) : 0;
    if (value > kFlat * singular_values(0)) continue;
    singular = true;
    MarkFlatDirection(svd.matrixV().col(i), form, diagnostics);
  }
  if (singular) return;
  diagnostics.condition_number = singular_values(0) / singular_values(count - 1);
  ExamineCovariance(svd.matrixV(), singular_values, scale, domain, variance, diagnostics);
}

}  // namespace

void MarkUnidentified(Diagnostics& diagnostics, Coordinate coordinate, std::string reason) {
  if (!diagnostics.identified[coordinate]) return;
  diagnostics.identified[coordinate] = false;
  diagnostics.reason[coordinate] = std::move(reason);
}

bool IsFitted(const Diagnostics& diagnostics, Coordinate coordinate) {
  const std::vector<Coordinate>& fitted = diagnostics.coordinates;
  return std::find(fitted.begin(), fitted.end(), coordinate) != fitted.end();
}

bool IsPenaltyFitted(const Diagnostics& diagnostics) {
  return IsFitted(diagnostics, kLogPenaltyWidth) && IsFitted(diagnostics, kLogPenaltyOnset);
}

Diagnostics ExamineIdentification(const Cells& cells, const NormalEquations& equations, const Domain& domain,
                                  const Point& point, double variance, const Penalty& scale) {
  Diagnostics diagnostics;
  diagnostics.active_bounds = FindActiveBounds(domain, point, scale);
  for (int i = 0; i < kCoordinateCount; ++i) {
    diagnostics.identified[i] = true;
    diagnostics.held[i] = false;
    if (domain.free[i]) diagnostics.coordinates.push_back(static_cast<Coordinate>(i));
  }
  if (diagnostics.coordinates.empty()) return diagnostics;
  ExamineLevels(cells, domain, diagnostics);
  ExamineJacobian(cells, equations, domain, point, variance, scale.form, diagnostics);
  ExaminePenalty(cells, domain, point, variance, diagnostics);
  ExplainPenalty(cells, scale, diagnostics);
  return diagnostics;
}

}  // namespace ctxfit

#include "kernels/statistics/identification/penalty_evidence.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "kernels/data/cells.h"
#include "kernels/law/domain.h"
#include "kernels/law/law.h"
#include "kernels/law/penalty.h"
#include "kernels/law/penalty_at.h"
#include "kernels/objective/linearization.h"
#include "kernels/objective/normal_equations.h"
#include "kernels/statistics/numerics/symmetric_matrix.h"

namespace ctxfit {
namespace {

// The expected score of each cell without a penalty.
std::vector<double> ScoresWithoutPenalty(const Cells& cells, const Point& point) {
  const double floor = point.at[kFloor];
  const double span = SpanOf(point);
  std::vector<double> scores;
  for (std::size_t k = 0; k < cells.log_prompt.size(); ++k) {
    const double g = ContextFactor(point, cells.log_prompt[k]);
    for (std::int32_t cell = cells.prompt_begin[k]; cell < cells.prompt_begin[k + 1]; ++cell) {
      const double f = ComputeFactor(point, cells.log_compute[cells.compute[cell]]);
      scores.push_back(Score(f, g, 1.0, floor, span));
    }
  }
  return scores;
}

// True if the penalty takes more than half of some score.
bool HasPenalizedCell(const Cells& cells, const Point& point) {
  const PenaltyAt penalty(point);
  return std::any_of(cells.excess.begin(), cells.excess.end(),
                     [&penalty](const Excess& excess) { return penalty(excess) < 0.5; });
}

}  // namespace

double PenaltyDeviance(const Cells& cells, const Domain& domain, const Point& point, double variance) {
  if (HasPenalizedCell(cells, point)) return std::numeric_limits<double>::infinity();
  const std::vector<double> without = ScoresWithoutPenalty(cells, point);
  const double floor = point.at[kFloor];
  const double span = SpanOf(point);
  NormalEquations equations{};  // normal equations of z, the change of a score
  double square = 0;
  double pull = 0;
  VisitWeightedResiduals(cells, point, [&](std::int32_t cell, double residual, const double* jacobian) {
    // The derivatives by floor and headroom are 1 - f g s and -f g s, times the root of the weight.
    const double root_weight = jacobian[kFloor] - jacobian[kHeadroom];
    const double z = root_weight * (without[cell] - floor) + span * jacobian[kHeadroom];
    square += z * z;
    pull += residual * z;
    double row[kCoordinateCount];
    std::copy_n(jacobian, kCoordinateCount, row);
    AddGradient(row, z, 1.0, equations);
  });
  std::vector<int> others = FreeCoordinates(domain.free);
  std::erase_if(others, [](int i) { return i == kLogPenaltyWidth || i == kLogPenaltyOnset; });
  if (others.empty()) return (square - 2 * pull) / variance;
  const auto size = static_cast<Eigen::Index>(others.size());
  const std::vector<double> dense = DenseMatrix(equations, others);
  const Eigen::Map<const Eigen::MatrixXd> hessian(dense.data(), size, size);
  Eigen::VectorXd shared(size);
  for (Eigen::Index i = 0; i < size; ++i) shared(i) = equations.jtr[others[i]];
  const double taken_over = shared.dot(hessian.completeOrthogonalDecomposition().solve(shared));
  return (square - taken_over - 2 * pull) / variance;
}

}  // namespace ctxfit

#include "kernels/objective/linearization.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <numeric>
#include <type_traits>
#include <vector>

#include "kernels/data/cells.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/domain.h"
#include "kernels/law/law.h"
#include "kernels/law/loss.h"
#include "kernels/law/loss_rule.h"
#include "kernels/law/penalty.h"

namespace ctxfit {
namespace {

// The law of cells in the factors' form, f g s with s known.
class FactorLaw {
 public:
  static constexpr int kCount = kFactorCoordinateCount;

  FactorLaw(const Cells& cells, const Point&) : penalty_(cells.penalty.data()) {}

  // Returns the prediction of a cell and writes its gradient, except by the exponents, which VisitCells() adds.
  double Evaluate(std::int32_t cell, const Saturation<double>& f, const Saturation<double>& g, double* gradient) const {
    const double s = penalty_[cell];
    gradient[kLogComputeCoefficient] = f.slope * g.value * s;
    gradient[kLogContextCoefficient] = f.value * g.slope * s;
    return f.value * g.value * s;
  }

 private:
  const double* penalty_;
};

// Predictions in the full form: floor + (ceiling - floor) f g s. The gradient is written out here once more, apart from
// ScoreWithGradient(): this is the scalar reference that the loops of the backends are tested against.
class FullLaw {
 public:
  static constexpr int kCount = kCoordinateCount;

  FullLaw(const Cells& cells, const Point& point)
      : excess_(cells.excess.data()),
        onset_ratio_(Exp(point.at[kLogPenaltyOnset])),
        inverse_width_(Exp(-point.at[kLogPenaltyWidth])),
        floor_(point.at[kFloor]),
        span_(SpanOf(point)) {}

  double Evaluate(std::int32_t cell, const Saturation<double>& f, const Saturation<double>& g, double* gradient) const {
    const PenaltySlopes<double> s = PenalizeWithSlopes(excess_[cell], onset_ratio_, inverse_width_);
    const double product = f.value * g.value;
    const double share = product * s.value;
    gradient[kLogComputeCoefficient] = span_ * f.slope * g.value * s.value;
    gradient[kLogContextCoefficient] = span_ * f.value * g.slope * s.value;
    gradient[kLogPenaltyWidth] = span_ * product * s.by_log_width;
    gradient[kLogPenaltyOnset] = span_ * product * s.by_log_onset;
    gradient[kFloor] = 1 - share;
    gradient[kHeadroom] = -share;
    return floor_ + span_ * share;
  }

 private:
  const Excess* excess_;
  const double onset_ratio_;
  const double inverse_width_;
  const double floor_;
  const double span_;
};

// Calls visit(cell, prediction, gradient) for every cell; `gradient` holds dP by each of the law's coordinates.
template <class CellLaw, class Visit>
void VisitCells(const Cells& cells, const Point& point, const Visit& visit) {
  std::vector<Saturation<double>> compute_factors(cells.log_compute.size());
  for (std::size_t j = 0; j < compute_factors.size(); ++j) {
    compute_factors[j] = ComputeFactorWithSlope(point, cells.log_compute[j]);
  }
  const CellLaw law(cells, point);
  double gradient[CellLaw::kCount];
  for (std::size_t k = 0; k < cells.log_prompt.size(); ++k) {
    const double log_prompt = cells.log_prompt[k];
    const Saturation<double> g = ContextFactorWithSlope(point, log_prompt);
    for (std::int32_t i = cells.prompt_begin[k]; i < cells.prompt_begin[k + 1]; ++i) {
      const double prediction = law.Evaluate(i, compute_factors[cells.compute[i]], g, gradient);
      gradient[kComputeExponent] = gradient[kLogComputeCoefficient] * cells.log_compute[cells.compute[i]];
      gradient[kContextExponent] = gradient[kLogContextCoefficient] * log_prompt;
      visit(i, prediction, gradient);
    }
  }
}

// Returns function.operator()<CellLaw>() for the law of the cells' form.
template <class Function>
auto DispatchLaw(const Cells& cells, const Function& function) {
  return cells.full() ? function.template operator()<FullLaw>() : function.template operator()<FactorLaw>();
}

// The loss of a prediction for one cell. Cells in the factors' form have the squared loss.
template <class CellLaw>
LossTerms<double> LossOf(const Cells& cells, std::int32_t cell, double prediction) {
  const LossRule rule = std::is_same_v<CellLaw, FullLaw> ? cells.loss : LossRule{Loss::kSquared};
  return MeasureFullLoss(rule, cells.score[cell], prediction);
}

template <class CellLaw>
BasicNormalEquations<CellLaw::kCount> SumEquations(const Cells& cells, const Point& point, Curvature curvature) {
  BasicNormalEquations<CellLaw::kCount> equations{};
  VisitCells<CellLaw>(cells, point, [&](std::int32_t i, double prediction, const double(&gradient)[CellLaw::kCount]) {
    const LossTerms<double> terms = LossOf<CellLaw>(cells, i, prediction);
    const double by = curvature == Curvature::kIrls ? terms.curvature : FisherCurvature(cells.loss.loss, terms);
    AddGradient(gradient, cells.weight[i] * terms.half_gradient, cells.weight[i] * by, equations);
    equations.cost += cells.weight[i] * terms.cost;
  });
  return equations;
}

}  // namespace

double WeightedCost(const Cells& cells, const Point& point) {
  double sum = 0;
  DispatchLaw(cells, [&]<class CellLaw>() {
    VisitCells<CellLaw>(cells, point, [&](std::int32_t i, double prediction, const double*) {
      sum += cells.weight[i] * LossOf<CellLaw>(cells, i, prediction).cost;
    });
  });
  return sum + cells.within_cost;
}

void WeightedResiduals(const Cells& cells, const Point& point, double* residuals, double* jacobian) {
  const auto count = static_cast<std::size_t>(cells.coordinate_count());
  VisitWeightedResiduals(cells, point, [&](std::int32_t cell, double residual, const double* row) {
    residuals[cell] = residual;
    if (jacobian != nullptr) std::copy_n(row, count, jacobian + static_cast<std::size_t>(cell) * count);
  });
}

void VisitWeightedResiduals(const Cells& cells, const Point& point,
                            absl::FunctionRef<void(std::int32_t, double, const double*)> visit) {
  DispatchLaw(cells, [&]<class CellLaw>() {
    VisitCells<CellLaw>(cells, point, [&](std::int32_t i, double prediction, const double* gradient) {
      const LossTerms<double> terms = LossOf<CellLaw>(cells, i, prediction);
      const double root_weight = std::sqrt(cells.weight[i] * terms.curvature);
      double row[CellLaw::kCount];
      for (int c = 0; c < CellLaw::kCount; ++c) row[c] = -root_weight * gradient[c];
      visit(i, terms.curvature > 0 ? root_weight * terms.half_gradient / terms.curvature : 0, row);
    });
  });
}

void VisitPulls(const Cells& cells, const Point& point,
                absl::FunctionRef<void(std::int32_t, double, const double*)> visit) {
  DispatchLaw(cells, [&]<class CellLaw>() {
    VisitCells<CellLaw>(cells, point, [&](std::int32_t i, double prediction, const double* gradient) {
      visit(i, cells.weight[i] * LossOf<CellLaw>(cells, i, prediction).half_gradient, gradient);
    });
  });
}

NormalEquations Linearize(const Cells& cells, const Point& point, Curvature curvature) {
  return DispatchLaw(cells, [&]<class CellLaw>() { return Widen(SumEquations<CellLaw>(cells, point, curvature)); });
}

double ResidualVariance(const Cells& cells, double cost, int fitted_count) {
  return VarianceRule(cells, fitted_count)(cost);
}

VarianceRule::VarianceRule(const Cells& cells, int fitted_count, double min_variance)
    : cost_is_deviance_(TraitsOf(cells.loss.loss).is_deviance),
      min_cost_(min_variance * std::accumulate(cells.weight.begin(), cells.weight.end(), 0.0)),
      degrees_of_freedom_(std::max(1.0, static_cast<double>(cells.record_count) - fitted_count)) {}

double VarianceRule::operator()(double cost) const {
  return cost_is_deviance_ ? 1 : std::max(cost, min_cost_) / degrees_of_freedom_;
}

double SquaredDistance(const NormalEquations& equations, const Domain& domain, const Point& a, const Point& b) {
  double sum = 0;
  for (int i = 0; i < kCoordinateCount; ++i) {
    for (int j = 0; j < kCoordinateCount; ++j) {
      if (!domain.free[i] || !domain.free[j]) continue;
      sum += equations.jtj[PackedIndex(std::max(i, j), std::min(i, j))] * (a.at[i] - b.at[i]) * (a.at[j] - b.at[j]);
    }
  }
  return sum;
}

double GradientInStandardErrors(const NormalEquations& equations, const bool* free_set, double variance) {
  std::vector<int> used;
  for (int i = 0; i < kCoordinateCount; ++i) {
    if (free_set[i] && equations.jtj[PackedIndex(i, i)] > 0) used.push_back(i);
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

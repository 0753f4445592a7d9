#include "kernels/descent/polish.h"

#include <ceres/ceres.h>

#include <algorithm>
#include <vector>

#include "kernels/data/cells.h"
#include "kernels/descent/levenberg_marquardt.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/domain.h"
#include "kernels/law/loss_rule.h"
#include "kernels/objective/linearization.h"

namespace ctxfit {
namespace {

// Newton steps once the cost no longer falls in double precision. They stop at (1e-13 standard errors)^2, below any
// printed digit.
constexpr int kMaxNewtonSteps = 6;
constexpr double kNewtonTolerance = 1e-26;

// Rise of the cost by a Newton step, in deviance units, that may be rounding.
constexpr double kMaxRise = 1e-6;

// Forward-difference step for the Hessian. Its relative error, 1e-6, is also the error left by one Newton step.
constexpr double kDisplacement = 1e-6;

// The weighted residuals of all cells as one Ceres cost function of the point.
class CellResiduals : public ceres::CostFunction {
 public:
  // `held` gives the coordinates that do not influence the cells' predictions.
  CellResiduals(const Cells& cells, const Point& held) : cells_(cells), held_(held) {
    mutable_parameter_block_sizes()->push_back(cells.coordinate_count());
    set_num_residuals(static_cast<int>(cells.size()));
  }

  bool Evaluate(double const* const* parameters, double* residuals, double** jacobians) const override {
    Point point = held_;
    std::copy_n(parameters[0], cells_.coordinate_count(), point.at);
    WeightedResiduals(cells_, point, residuals, jacobians == nullptr ? nullptr : jacobians[0]);
    return true;
  }

 private:
  const Cells& cells_;
  const Point held_;
};

// Ends a solve between iterations once the signal is set.
class StopBetweenIterations : public ceres::IterationCallback {
 public:
  explicit StopBetweenIterations(const StopSignal& stop) : stop_(stop) {}

  ceres::CallbackReturnType operator()(const ceres::IterationSummary&) override {
    return stop_.Check().ok() ? ceres::SOLVER_CONTINUE : ceres::SOLVER_ABORT;
  }

 private:
  const StopSignal& stop_;
};

// Options that let the solver run until its steps vanish in double precision. Convergence is judged by
// GradientInStandardErrors() instead, and one more iteration costs little.
ceres::Solver::Options SolverOptions(StopBetweenIterations& callback) {
  ceres::Solver::Options options;
  options.linear_solver_type = ceres::DENSE_QR;
  options.logging_type = ceres::SILENT;
  options.max_num_iterations = 200;
  options.function_tolerance = 0;
  options.gradient_tolerance = 0;
  options.parameter_tolerance = 1e-11;
  options.callbacks.push_back(&callback);
  return options;
}

// Runs one bounded solve from `end.point` over the coordinates in `free_set`. Updates `end`, except its equations.
void SolveOver(const Cells& cells, const Domain& domain, const bool* free_set, const StopSignal& stop,
               DescentEnd& end) {
  ceres::Problem problem;
  problem.AddResidualBlock(new CellResiduals(cells, end.point), nullptr, end.point.at);
  std::vector<int> constant;
  const int count = cells.coordinate_count();
  for (int i = 0; i < count; ++i) {
    if (!free_set[i]) {
      constant.push_back(i);
      continue;
    }
    problem.SetParameterLowerBound(end.point.at, i, domain.lower.at[i]);
    problem.SetParameterUpperBound(end.point.at, i, domain.upper.at[i]);
  }
  if (!constant.empty()) problem.SetManifold(end.point.at, new ceres::SubsetManifold(count, constant));

  StopBetweenIterations callback(stop);
  ceres::Solver::Summary summary;
  ceres::Solve(SolverOptions(callback), &problem, &summary);
  end.cost = 2 * summary.final_cost;
  end.iterations += static_cast<int>(summary.iterations.size()) - 1;
}

// Moves `end` to the bounded optimum. Ceres projects its steps onto the box and so crawls along a face; once it has
// ended on one, the next solve holds the active set, until a solve ends with the active set that it was given.
void SolveByCeres(const Cells& cells, const Domain& domain, const StopSignal& stop, DescentEnd& end) {
  bool free_set[kCoordinateCount];
  FindFreeSet(domain, end.point, end.equations.jtr, free_set);
  for (int round = 0; round <= kCoordinateCount; ++round) {
    if (std::none_of(free_set, free_set + kCoordinateCount, [](bool is_free) { return is_free; })) return;
    SolveOver(cells, domain, free_set, stop, end);
    if (!stop.Check().ok()) return;
    end.equations = Linearize(cells, end.point);
    bool free_set_at_end[kCoordinateCount];
    FindFreeSet(domain, end.point, end.equations.jtr, free_set_at_end);
    if (std::equal(free_set, free_set + kCoordinateCount, free_set_at_end)) return;
    std::copy_n(free_set_at_end, kCoordinateCount, free_set);
  }
}

// Returns the normal equations at `end` with the Hessian of the cost, by forward differences of its gradient, in place
// of the Gauss-Newton matrix, which leaves out the second derivatives of the law.
NormalEquations WithCurvature(const Cells& cells, const DescentEnd& end, const bool* free_set, const HostCompute& host,
                              const StopSignal& stop) {
  std::vector<int> coordinates;
  std::vector<Point> displaced;
  for (int i = 0; i < kCoordinateCount; ++i) {
    if (!free_set[i]) continue;
    coordinates.push_back(i);
    displaced.push_back(end.point);
    displaced.back().at[i] += kDisplacement;
  }
  NormalEquations equations = end.equations;
  if (displaced.empty()) return equations;
  const std::vector<NormalEquations> at = EquationsAt(cells, displaced, host, stop);
  const auto slope = [&](std::size_t by, int of) { return (end.equations.jtr[of] - at[by].jtr[of]) / kDisplacement; };
  for (std::size_t a = 0; a < coordinates.size(); ++a) {
    for (std::size_t b = 0; b <= a; ++b) {
      const double mean = (slope(a, coordinates[b]) + slope(b, coordinates[a])) / 2;
      equations.jtj[PackedIndex(coordinates[a], coordinates[b])] = mean;
    }
  }
  return equations;
}

// Takes Newton steps for as long as the gradient becomes smaller in standard errors: it still resolves steps that
// change the cost by less than its rounding. A step that raises the cost by more leads to another stationary point: it
// occurs where the cost has a kink, as the deviance has where a prediction is clamped.
void FollowGradient(const Cells& cells, const Domain& domain, const HostCompute& host, const StopSignal& stop,
                    DescentEnd& end) {
  bool free_set[kCoordinateCount];
  double step[kCoordinateCount];
  FindFreeSet(domain, end.point, end.equations.jtr, free_set);
  const double variance = ResidualVariance(cells, end.cost + cells.within_cost, domain.free_count());
  double gradient = GradientInStandardErrors(end.equations, free_set, variance);
  if (gradient <= kNewtonTolerance) return;
  NormalEquations newton = WithCurvature(cells, end, free_set, host, stop);
  for (int i = 0; i < kMaxNewtonSteps && gradient > kNewtonTolerance && stop.Check().ok(); ++i) {
    std::copy_n(end.equations.jtr, kCoordinateCount, newton.jtr);
    // Where the Hessian is not positive definite, the Gauss-Newton matrix may still be.
    if (!SolveNormalEquations(newton, free_set, 0, step) && !SolveNormalEquations(end.equations, free_set, 0, step))
      return;
    const Point trial = StepWithin(domain, end.point, step);
    const NormalEquations at_trial = EquationsAt(cells, {trial}, host, stop).front();
    FindFreeSet(domain, trial, at_trial.jtr, free_set);
    const double gradient_at_trial = GradientInStandardErrors(at_trial, free_set, variance);
    if (!(gradient_at_trial < gradient) || at_trial.cost - end.cost > kMaxRise * variance) return;
    gradient = gradient_at_trial;
    end.point = trial;
    end.equations = at_trial;
    end.cost = at_trial.cost;
    ++end.iterations;
  }
}

}  // namespace

void Polish(const Cells& cells, const Domain& domain, const HostCompute& host, const StopSignal& stop,
            DescentEnd& end) {
  if (!end.converged && TraitsOf(cells.loss.loss).is_sum_of_squares) SolveByCeres(cells, domain, stop, end);
  FollowGradient(cells, domain, host, stop, end);
}

}  // namespace ctxfit

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

// Newton steps after the last that the cost can tell from none. They end where an end is this near to the optimum, in
// squared standard errors: 1e-13 of them show in no figure.
constexpr int kLastSteps = 6;
constexpr double kNearest = 1e-26;

// By which coordinates are displaced for second derivatives: what it leaves of these, a millionth, is what a step
// leaves of the way to the optimum.
constexpr double kDisplacement = 1e-6;

// All weighted residuals of the cells as one Ceres cost function of the point.
class CellResiduals : public ceres::CostFunction {
 public:
  // `held` gives the coordinates that the cells' law does not move.
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

// Ends a solve between iterations once nobody waits for it.
class StopBetweenIterations : public ceres::IterationCallback {
 public:
  explicit StopBetweenIterations(const StopSignal& stop) : stop_(stop) {}

  ceres::CallbackReturnType operator()(const ceres::IterationSummary&) override {
    return stop_.Check().ok() ? ceres::SOLVER_CONTINUE : ceres::SOLVER_ABORT;
  }

 private:
  const StopSignal& stop_;
};

// The solver goes on until steps vanish in double precision: the rule that says whether the result has converged is
// ours, and one more iteration costs little.
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

// One bounded solve from `end.point` over the coordinates in `free_set`; updates `end`.
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

// Goes on from `end` to the bounded optimum. The solver projects its steps onto the box, which crawls along a face; so
// once it has ended on one, it goes on within that face, until the faces it ends on are those it was given.
void SolveByCeres(const Cells& cells, const Domain& domain, const StopSignal& stop, DescentEnd& end) {
  bool free_set[kCoordinateCount];
  FindFreeSet(domain, end.point, end.equations.jtr, free_set);
  for (int round = 0; round <= kCoordinateCount; ++round) {
    if (std::none_of(free_set, free_set + kCoordinateCount, [](bool is_movable) { return is_movable; })) return;
    SolveOver(cells, domain, free_set, stop, end);
    if (!stop.Check().ok()) return;
    end.equations = Linearize(cells, end.point);
    bool movable_at_end[kCoordinateCount];
    FindFreeSet(domain, end.point, end.equations.jtr, movable_at_end);
    if (std::equal(free_set, free_set + kCoordinateCount, movable_at_end)) return;
    std::copy_n(movable_at_end, kCoordinateCount, free_set);
  }
}

// The normal equations at `end` with the cost's own second derivatives, by differences of its gradient, in place of
// those of Gauss and Newton, which leave out how the law bends.
NormalEquations WithCurvature(const Cells& cells, const DescentEnd& end, const bool* free_set, ThreadPool& pool,
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
  const std::vector<NormalEquations> at = EquationsAt(cells, displaced, pool, stop);
  const auto slope = [&](std::size_t by, int of) { return (end.equations.jtr[of] - at[by].jtr[of]) / kDisplacement; };
  for (std::size_t a = 0; a < coordinates.size(); ++a) {
    for (std::size_t b = 0; b <= a; ++b) {
      const double mean = (slope(a, coordinates[b]) + slope(b, coordinates[a])) / 2;
      equations.jtj[PackedIndex(coordinates[a], coordinates[b])] = mean;
    }
  }
  return equations;
}

// Steps that move the cost by less than its rounding show in the gradient still: goes on while that falls.
void FollowGradient(const Cells& cells, const Domain& domain, ThreadPool& pool, const StopSignal& stop,
                    DescentEnd& end) {
  bool free_set[kCoordinateCount];
  double step[kCoordinateCount];
  FindFreeSet(domain, end.point, end.equations.jtr, free_set);
  const double variance = ResidualVariance(cells, end.cost + cells.within_cost, domain.free_count());
  double gradient = GradientInStandardErrors(end.equations, free_set, variance);
  if (gradient <= kNearest) return;
  NormalEquations newton = WithCurvature(cells, end, free_set, pool, stop);
  for (int i = 0; i < kLastSteps && gradient > kNearest && stop.Check().ok(); ++i) {
    std::copy_n(end.equations.jtr, kCoordinateCount, newton.jtr);
    // Where the cost bends down, or coordinates have no influence, the other matrix may still do.
    if (!SolveNormalEquations(newton, free_set, 0, step) && !SolveNormalEquations(end.equations, free_set, 0, step))
      return;
    const Point trial = StepWithin(domain, end.point, step);
    const NormalEquations at_trial = EquationsAt(cells, {trial}, pool, stop).front();
    FindFreeSet(domain, trial, at_trial.jtr, free_set);
    const double gradient_at_trial = GradientInStandardErrors(at_trial, free_set, variance);
    if (!(gradient_at_trial < gradient)) return;
    gradient = gradient_at_trial;
    end.point = trial;
    end.equations = at_trial;
    end.cost = at_trial.cost;
    ++end.iterations;
  }
}

}  // namespace

void Polish(const Cells& cells, const Domain& domain, ThreadPool& pool, const StopSignal& stop, DescentEnd& end) {
  if (!end.converged && cells.loss.loss == Loss::kSquared) SolveByCeres(cells, domain, stop, end);
  FollowGradient(cells, domain, pool, stop, end);
}

}  // namespace ctxfit

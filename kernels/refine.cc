#include "kernels/refine.h"

#include <ceres/ceres.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "kernels/coarsen.h"
#include "kernels/cpu/available_cpus.h"
#include "kernels/cpu/thread_pool.h"
#include "kernels/descent.h"
#include "kernels/levenberg_marquardt.h"
#include "kernels/linearization.h"

namespace ctxfit {
namespace {

// Ends within this many deviance units of the best agree with it.
constexpr double kAgreement = 0.01;
// Ends whose predictions differ by less than this, root mean square, are one optimum however small the residuals are:
// where these vanish, the solver's last steps are as large as they.
constexpr double kSamePrediction = 1e-9;
// Converged where the squared distance to the optimum, in standard errors, is below this.
constexpr double kGradientTolerance = 1e-6;

// Prompt lengths of the cells on which explorers go down, and the deviance units within which their ends are promising:
// coarse costs are off by far less.
constexpr int kCoarsePrompts = 256;
constexpr double kReach = 20;
// Each solve holds a Jacobian of all cells, of which there may be millions.
constexpr int kMaxThreads = 4;

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

// Where one local optimisation ended. Costs are without within_cost.
struct End {
  Point point;
  double initial_cost;
  double final_cost;
  int iterations;
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

// One bounded solve from `end.point` over the coordinates in `movable`; updates `end`.
void SolveOver(const Cells& cells, const Domain& domain, const bool* movable, const StopSignal& stop, End& end) {
  ceres::Problem problem;
  problem.AddResidualBlock(new CellResiduals(cells, end.point), nullptr, end.point.at);
  std::vector<int> constant;
  const int count = cells.coordinate_count();
  for (int i = 0; i < count; ++i) {
    if (!movable[i]) {
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
  if (end.iterations == 0) end.initial_cost = 2 * summary.initial_cost;
  end.final_cost = 2 * summary.final_cost;
  end.iterations += static_cast<int>(summary.iterations.size()) - 1;
}

// The bounded optimum from `start`. The solver projects its steps onto the box, which crawls along a face; so once it
// has ended on one, it goes on within that face, until the faces it ends on are those it was given.
End Solve(const Cells& cells, const Domain& domain, const Point& start, const StopSignal& stop) {
  if (cells.loss.loss != Loss::kSquared) {
    const DescentEnd descent = Descend(cells, domain, start, stop);
    return {descent.point, WeightedCost(cells, start) - cells.within_cost, descent.cost, descent.iterations};
  }
  End end{start, 0, 0, 0};
  bool movable[kCoordinateCount];
  std::copy_n(domain.free, kCoordinateCount, movable);
  for (int round = 0; round <= kCoordinateCount; ++round) {
    SolveOver(cells, domain, movable, stop, end);
    if (!stop.Check().ok()) break;
    bool movable_at_end[kCoordinateCount];
    FindMovable(domain, end.point, Linearize(cells, end.point).jtr, movable_at_end);
    if (std::equal(movable, movable + kCoordinateCount, movable_at_end)) break;
    std::copy_n(movable_at_end, kCoordinateCount, movable);
    if (std::none_of(movable, movable + kCoordinateCount, [](bool is_movable) { return is_movable; })) break;
  }
  return end;
}

// d' H d: the squared distance of two points, in units of the variance, as the normal equations at one of them see it.
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

// The ends that are apart by more than kAgreement and kSamePrediction, the best first.
std::vector<Basin> FindBasins(const Cells& cells, const Domain& domain, const std::vector<End>& ends, double variance) {
  const double total_weight = std::accumulate(cells.weight.begin(), cells.weight.end(), 0.0);
  const double apart = std::max(kAgreement * variance, kSamePrediction * kSamePrediction * total_weight);
  std::vector<Basin> basins;
  std::vector<NormalEquations> equations;
  for (const End& end : ends) {
    std::size_t same = 0;
    while (same < basins.size() && SquaredDistance(equations[same], domain, end.point, basins[same].point) >= apart) {
      ++same;
    }
    if (same == basins.size()) {
      const double deviance = (end.final_cost - ends.front().final_cost) / variance;
      basins.push_back({end.point, end.final_cost + cells.within_cost, deviance, 0});
      equations.push_back(Linearize(cells, end.point));
    }
    ++basins[same].end_count;
  }
  return basins;
}

// Judges the ends, sorted by cost.
Refinement Judge(const Cells& cells, const Domain& domain, const std::vector<End>& ends) {
  const End& best = ends.front();
  Refinement refinement;
  refinement.point = best.point;
  refinement.start_count = static_cast<int>(ends.size());
  refinement.iteration_count = best.iterations;
  refinement.initial_cost = best.initial_cost + cells.within_cost;
  refinement.final_cost = best.final_cost + cells.within_cost;

  const double variance = ResidualVariance(cells, refinement.final_cost, domain.free_count());
  const NormalEquations equations = Linearize(cells, best.point);
  bool movable[kCoordinateCount];
  FindMovable(domain, best.point, equations.jtr, movable);
  refinement.gradient_in_standard_errors = GradientInStandardErrors(equations, movable, variance);
  refinement.agreeing_count = static_cast<int>(std::count_if(ends.begin(), ends.end(), [&](const End& end) {
    return end.final_cost - best.final_cost <= kAgreement * variance;
  }));
  refinement.basins = FindBasins(cells, domain, ends, variance);
  refinement.converged = refinement.gradient_in_standard_errors < kGradientTolerance && refinement.agreeing_count >= 2;
  refinement.termination_message = absl::StrFormat(
      "g' H^-1 g = %.2g %s %.0e squared standard errors; %d of %d starts agree within %g deviance units",
      refinement.gradient_in_standard_errors,
      refinement.gradient_in_standard_errors < kGradientTolerance ? "<" : ">=", kGradientTolerance,
      refinement.agreeing_count, refinement.start_count, kAgreement);
  return refinement;
}

// The ends from all starts, the best first.
absl::StatusOr<std::vector<End>> SolveAll(const Cells& cells, const Domain& domain, const std::vector<Point>& starts,
                                          ThreadPool& pool, const StopSignal& stop) {
  std::vector<End> ends(starts.size());
  absl::Status status = pool.ParallelFor(starts.size(), stop,
                                         [&](std::size_t i, int) { ends[i] = Solve(cells, domain, starts[i], stop); });
  if (status.ok()) status = stop.Check();
  if (!status.ok()) return status;
  std::stable_sort(ends.begin(), ends.end(), [](const End& a, const End& b) { return a.final_cost < b.final_cost; });
  return ends;
}

// Where the explorers end on coarse cells, as far as that is within reach of the best of them.
absl::StatusOr<std::vector<Point>> Explore(const Cells& cells, const Domain& domain,
                                           const std::vector<Point>& explorers, ThreadPool& pool,
                                           const StopSignal& stop) {
  if (explorers.empty()) return explorers;
  const Cells coarse = Coarsen(cells, kCoarsePrompts);
  const absl::StatusOr<std::vector<End>> ends = SolveAll(coarse, domain, explorers, pool, stop);
  if (!ends.ok()) return ends.status();
  const double best = ends->front().final_cost;
  const double variance = ResidualVariance(coarse, best + coarse.within_cost, domain.free_count());
  std::vector<Point> promising;
  for (const End& end : *ends) {
    if (end.final_cost - best > kReach * variance) break;
    const NormalEquations equations = Linearize(coarse, end.point);
    const auto same = std::count_if(promising.begin(), promising.end(), [&](const Point& other) {
      return SquaredDistance(equations, domain, end.point, other) < kAgreement * variance;
    });
    if (same < 2) promising.push_back(end.point);
  }
  return promising;
}

Refinement NothingToRefine(const Cells& cells, const Point& point) {
  Refinement refinement;
  refinement.point = point;
  refinement.converged = true;
  refinement.termination_message = "every parameter is fixed";
  refinement.initial_cost = refinement.final_cost = WeightedCost(cells, point);
  return refinement;
}

}  // namespace

absl::StatusOr<Refinement> Refine(const Cells& cells, const Domain& domain, const std::vector<Point>& starts,
                                  const std::vector<Point>& explorers, const StopSignal& stop) {
  if (domain.free_count() == 0) return NothingToRefine(cells, starts.front());
  const absl::Time begin = absl::Now();
  ThreadPool pool(std::min(AvailableCpus(), kMaxThreads));
  absl::StatusOr<std::vector<Point>> promising = Explore(cells, domain, explorers, pool, stop);
  if (!promising.ok()) return promising.status();
  promising->insert(promising->begin(), starts.begin(), starts.end());
  const absl::StatusOr<std::vector<End>> ends = SolveAll(cells, domain, *promising, pool, stop);
  if (!ends.ok()) return ends.status();
  Refinement refinement = Judge(cells, domain, *ends);
  refinement.duration = absl::Now() - begin;
  return refinement;
}

}  // namespace ctxfit

#include "kernels/descent/descent.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "kernels/base/status_macros.h"
#include "kernels/base/thread_pool.h"
#include "kernels/data/cells.h"
#include "kernels/descent/lane_equations.h"
#include "kernels/descent/levenberg_marquardt.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/domain.h"
#include "kernels/objective/chunks.h"
#include "kernels/objective/linearization.h"
#include "kernels/objective/vector_kernels.h"

namespace ctxfit {
namespace {

// Descends from starts[0, count), count <= kReplicateLanes, by equations over the cells; writes ends[0, count).
void DescendTogether(const Cells& cells, CellEquations equations, const Domain& domain, const Point* starts, int count,
                     const StopSignal& stop, DescentEnd* ends) {
  LmState states[kReplicateLanes];
  double initial_costs[kReplicateLanes] = {};
  for (int lane = 0; lane < kReplicateLanes; ++lane) states[lane] = StartLm(starts[std::min(lane, count - 1)]);
  const VarianceRule variance_at(cells, domain.free_count());
  constexpr int kMaxSteps = 100;
  const auto criteria_of = [&](int lane, const NormalEquations& at_trial) {
    const LmState& state = states[lane];
    const bool first = state.iterations == 0;
    if (first) initial_costs[lane] = at_trial.cost;
    LmCriteria criteria;
    criteria.tolerance = 1e-9;
    criteria.max_iterations = kMaxSteps;
    // The deviance unit shrinks with the cost.
    criteria.variance = variance_at((first ? at_trial.cost : state.equations.cost) + cells.within_cost);
    return criteria;
  };
  DescendLanes(equations, domain, criteria_of, stop, kMaxSteps, states, count);
  const double constant = ConstantCost(cells);
  for (int lane = 0; lane < count; ++lane) {
    const LmState& state = states[lane];
    ends[lane] = {state.best,       state.equations, initial_costs[lane] + constant, state.equations.cost + constant,
                  state.iterations, state.converged};
  }
}

}  // namespace

DescentEnd Descend(const Cells& cells, const Domain& domain, const Point& start, const VectorKernels& kernels,
                   const StopSignal& stop) {
  DescentEnd end{start, {}, 0, 0, 0, false};
  const absl::StatusOr<Chunks> chunks = CutIntoChunks(cells, stop);
  if (!chunks.ok()) return end;
  DescendTogether(cells, {kernels, cells, *chunks}, domain, &start, 1, stop, &end);
  return end;
}

absl::StatusOr<std::vector<DescentEnd>> DescendFromAll(const Cells& cells, const Domain& domain,
                                                       const std::vector<Point>& starts, const HostCompute& host,
                                                       const StopSignal& stop) {
  CTXFIT_ASSIGN_OR_RETURN(const Chunks chunks, CutIntoChunks(cells, stop));
  std::vector<DescentEnd> ends(starts.size());
  const std::size_t group_count = (starts.size() + kReplicateLanes - 1) / kReplicateLanes;
  const auto descend = [&](std::size_t group, CellEquations equations) {
    const std::size_t first = group * kReplicateLanes;
    const int count = static_cast<int>(std::min<std::size_t>(kReplicateLanes, starts.size() - first));
    DescendTogether(cells, std::move(equations), domain, starts.data() + first, count, stop, ends.data() + first);
  };
  // The threads share out the groups or, if there is only one, its sums.
  if (group_count == 1) {
    descend(0, {host.kernels, cells, chunks, host.pool});
  } else {
    const auto descend_group = [&](std::size_t group, int) { descend(group, {host.kernels, cells, chunks}); };
    host.pool.ParallelFor(group_count, stop, descend_group).IgnoreError();
  }
  CTXFIT_RETURN_IF_ERROR(stop.Check());
  return ends;
}

std::vector<NormalEquations> EquationsAt(const Cells& cells, const std::vector<Point>& points, const HostCompute& host,
                                         const StopSignal& stop) {
  static_assert(int{kCoordinateCount} <= kReplicateLanes);
  std::vector<NormalEquations> at(points.size());
  const absl::StatusOr<Chunks> chunks = CutIntoChunks(cells, stop);
  if (!chunks.ok()) return at;
  LmState states[kReplicateLanes];
  for (std::size_t lane = 0; lane < kReplicateLanes; ++lane) {
    states[lane] = StartLm(points[std::min(lane, points.size() - 1)]);
  }
  CellEquations equations(host.kernels, cells, *chunks, host.pool);
  if (!equations.Sum(states, stop)) return at;
  const double constant = ConstantCost(cells);
  for (std::size_t lane = 0; lane < points.size(); ++lane) {
    at[lane] = equations.At(static_cast<int>(lane));
    at[lane].cost += constant;
  }
  return at;
}

}  // namespace ctxfit

#include "kernels/cpu/replicates.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "kernels/cpu/aligned_vector.h"
#include "kernels/cpu/chunks.h"
#include "kernels/levenberg_marquardt.h"
#include "kernels/normal_equations.h"
#include "kernels/unit_weights.h"

namespace ctxfit {
namespace {

constexpr int kEquationRows = sizeof(NormalEquations) / sizeof(double);

// What every block reads.
struct Problem {
  const VectorKernels& kernels;
  const Cells& cells;
  const Chunks& chunks;
  const Domain& domain;
  const ReplicateRequest& request;
  const StopSignal& stop;
};

// The tables of one thread, as the kernels want them.
struct Workspace {
  AlignedVector<double> coordinates;
  AlignedVector<double> compute_factors;
  AlignedVector<double> unit_weights;
  AlignedVector<double> unit_2_weights;
  AlignedVector<double> sums;

  explicit Workspace(const Cells& cells)
      : coordinates(kCoordinateCount * kReplicateLanes),
        compute_factors(2 * cells.log_compute.size() * kReplicateLanes),
        unit_weights(static_cast<std::size_t>(cells.unit_count) * kReplicateLanes),
        unit_2_weights(static_cast<std::size_t>(cells.unit_2_count) * kReplicateLanes),
        sums(kEquationRows * kReplicateLanes) {}
};

template <int kCount>
NormalEquations EquationsOfLane(const double* sums, int lane) {
  BasicNormalEquations<kCount> equations;
  const double* element = sums + lane;
  for (double& value : equations.jtj) value = *std::exchange(element, element + kReplicateLanes);
  for (double& value : equations.jtr) value = *std::exchange(element, element + kReplicateLanes);
  equations.cost = *element;
  return Widen(equations);
}

// Replicates that are refitted side by side, from `first` on.
class Block {
 public:
  Block(const Problem& problem, Workspace& workspace, std::uint32_t first, int lanes)
      : problem_(problem), tables_(workspace), first_(first), lanes_(lanes) {
    std::fill(std::begin(states_), std::end(states_), StartReplicate(problem.request.start));
  }

  // False where the stop signal came between.
  bool Refit() {
    if (!DrawWeights()) return false;
    while (std::any_of(states_, states_ + lanes_, [](const ReplicateState& state) { return !state.finished; })) {
      if (!SumEquations()) return false;
      for (int lane = 0; lane < lanes_; ++lane) {
        if (states_[lane].finished) continue;
        const double* sums = tables_.sums.data();
        AdvanceReplicate(problem_.domain, problem_.request.rule,
                         problem_.cells.full() ? EquationsOfLane<kCoordinateCount>(sums, lane)
                                               : EquationsOfLane<kFactorCoordinateCount>(sums, lane),
                         states_[lane]);
      }
    }
    return true;
  }

  const ReplicateState* states() const { return states_; }

 private:
  // False where the stop signal came between.
  bool DrawWeights() {
    const Cells& cells = problem_.cells;
    const auto table = [this](AlignedVector<double>& weights) {
      return WeightTable{first_, kReplicateLanes, kReplicateLanes, weights.data()};
    };
    return DrawUnitWeights(problem_.request, Purpose::kReplicateWeight, cells.unit_count, cells.stratum_begin,
                           table(tables_.unit_weights), problem_.stop) &&
           DrawUnitWeights(problem_.request, Purpose::kSecondWeight, cells.unit_2_count, {},
                           table(tables_.unit_2_weights), problem_.stop);
  }

  // The normal equations of every lane at its trial point.
  bool SumEquations() {
    const Cells& cells = problem_.cells;
    for (int i = 0; i < kCoordinateCount; ++i) {
      for (int lane = 0; lane < kReplicateLanes; ++lane) {
        tables_.coordinates[i * kReplicateLanes + lane] = states_[lane].trial.at[i];
      }
    }
    problem_.kernels.compute_factors_with_slopes(tables_.coordinates.data(), cells.log_compute.data(),
                                                 cells.log_compute.size(), tables_.compute_factors.data());
    std::fill(tables_.sums.begin(), tables_.sums.end(), 0.0);
    ReplicateTask task{problem_.chunks.prompts.data(),
                       cells.log_compute.data(),
                       cells.compute.data(),
                       cells.unit.data(),
                       cells.unit_2.empty() ? nullptr : cells.unit_2.data(),
                       cells.weight.data(),
                       cells.score.data(),
                       cells.penalty.data(),
                       cells.full() ? cells.excess.data() : nullptr,
                       0,
                       0,
                       tables_.coordinates.data(),
                       tables_.compute_factors.data(),
                       tables_.unit_weights.data(),
                       tables_.unit_2_weights.data(),
                       cells.loss};
    for (std::size_t chunk = 0; chunk < problem_.chunks.size(); ++chunk) {
      if (!problem_.stop.Check().ok()) return false;
      task.prompt_begin = problem_.chunks.begin[chunk];
      task.prompt_end = problem_.chunks.begin[chunk + 1];
      problem_.kernels.add_normal_equations(task, tables_.sums.data());
    }
    return true;
  }

  const Problem& problem_;
  Workspace& tables_;
  const std::uint32_t first_;
  const int lanes_;
  ReplicateState states_[kReplicateLanes];
};

ReplicateFits Collect(const std::vector<ReplicateState>& states) {
  ReplicateFits fits;
  for (const ReplicateState& state : states) {
    fits.points.push_back(state.best);
    fits.converged.push_back(state.converged);
    fits.max_iteration_count = std::max(fits.max_iteration_count, state.iterations);
  }
  return fits;
}

}  // namespace

absl::StatusOr<ReplicateFits> RefitCpuReplicates(const VectorKernels& kernels, ThreadPool& pool, const Cells& cells,
                                                 const Domain& domain, const ReplicateRequest& request,
                                                 const StopSignal& stop) {
  const absl::StatusOr<Chunks> chunks = CutIntoChunks(cells, stop);
  if (!chunks.ok()) return chunks.status();
  const Problem problem{kernels, cells, *chunks, domain, request, stop};
  const std::size_t block_count = (request.replicates + kReplicateLanes - 1) / kReplicateLanes;
  std::vector<Workspace> workspaces(pool.size(), Workspace(cells));
  std::vector<ReplicateState> states(request.replicates);

  const auto refit_block = [&](std::size_t block, int thread) {
    const int first = static_cast<int>(block) * kReplicateLanes;
    const int lanes = std::min(kReplicateLanes, request.replicates - first);
    Block replicates(problem, workspaces[thread], first, lanes);
    if (replicates.Refit()) std::copy_n(replicates.states(), lanes, states.begin() + first);
  };
  if (const absl::Status status = pool.ParallelFor(block_count, stop, refit_block); !status.ok()) return status;
  return Collect(states);
}

}  // namespace ctxfit

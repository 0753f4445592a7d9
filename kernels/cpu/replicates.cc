#include "kernels/cpu/replicates.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "kernels/cpu/chunks.h"
#include "kernels/cpu/lane_equations.h"
#include "kernels/cpu/lane_weights.h"
#include "kernels/levenberg_marquardt.h"
#include "kernels/moments.h"

namespace ctxfit {
namespace {

// What every block reads.
struct Problem {
  const VectorKernels& kernels;
  const Cells& cells;
  const Chunks& chunks;
  const std::optional<Moments>& moments;
  const Domain& domain;
  const ReplicateRequest& request;
  const StopSignal& stop;
};

// One thread's tables, for kReplicateLanes replicates that are refitted side by side.
class Block {
 public:
  explicit Block(const Problem& problem)
      : problem_(problem), weights_(problem.cells), over_cells_(problem.kernels, problem.cells, problem.chunks) {
    if (problem.moments) over_moments_.emplace(problem.kernels, *problem.moments);
  }

  // Refits `lanes` replicates from `first` on. False where the stop signal came between.
  bool Refit(std::uint32_t first, int lanes) {
    if (!weights_.Draw(problem_.cells, problem_.request, first, lanes, problem_.stop)) return false;
    if (over_moments_) {
      if (!RefitOver(*over_moments_, lanes)) return false;
      if (WithinMoments(lanes)) return true;
    }
    return RefitOver(over_cells_, lanes);
  }

  const ReplicateState* states() const { return states_; }

 private:
  template <class Equations>
  bool RefitOver(Equations& equations, int lanes) {
    std::fill(std::begin(states_), std::end(states_), StartReplicate(problem_.request.start));
    equations.Weigh(weights_);
    const auto rule_of = [this](const ReplicateState&, const NormalEquations&) { return problem_.request.rule; };
    return DescendLanes(equations, problem_.domain, rule_of, problem_.stop, states_, lanes);
  }

  // Whether the replicates ended where the moments tell costs as the cells do.
  bool WithinMoments(int lanes) const {
    return std::all_of(states_, states_ + lanes, [this](const ReplicateState& state) {
      return state.best.at[kContextExponent] <= problem_.moments->highest_exponent;
    });
  }

  const Problem& problem_;
  LaneWeights weights_;
  CellEquations over_cells_;
  std::optional<MomentEquations> over_moments_;
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
  const absl::StatusOr<std::optional<Moments>> moments = GatherMoments(cells, request.start, pool, stop);
  if (!moments.ok()) return moments.status();
  const Problem problem{kernels, cells, *chunks, *moments, domain, request, stop};
  const std::size_t block_count = (request.replicates + kReplicateLanes - 1) / kReplicateLanes;
  std::vector<Block> blocks(pool.size(), Block(problem));
  std::vector<ReplicateState> states(request.replicates);

  const auto refit_block = [&](std::size_t index, int thread) {
    const int first = static_cast<int>(index) * kReplicateLanes;
    const int lanes = std::min(kReplicateLanes, request.replicates - first);
    if (blocks[thread].Refit(first, lanes)) std::copy_n(blocks[thread].states(), lanes, states.begin() + first);
  };
  if (const absl::Status status = pool.ParallelFor(block_count, stop, refit_block); !status.ok()) return status;
  return Collect(states);
}

}  // namespace ctxfit

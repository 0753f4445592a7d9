#include "kernels/backend/cpu/replicates.h"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "kernels/base/status_macros.h"
#include "kernels/base/thread_pool.h"
#include "kernels/data/cells.h"
#include "kernels/descent/lane_equations.h"
#include "kernels/descent/levenberg_marquardt.h"
#include "kernels/descent/replicate_fits.h"
#include "kernels/law/domain.h"
#include "kernels/objective/chunks.h"
#include "kernels/objective/moments.h"
#include "kernels/objective/vector_kernels.h"
#include "kernels/resample/lane_weights.h"

namespace ctxfit {
namespace {

// The inputs that every block reads.
struct Problem {
  const VectorKernels& kernels;
  const Cells& cells;
  const Chunks& chunks;
  const std::optional<Moments>& moments;
  const Domain& domain;
  const ReplicateRequest& request;
  const StopSignal& stop;
};

// One thread's tables, with which it refits kReplicateLanes replicates concurrently.
class Block {
 public:
  explicit Block(const Problem& problem)
      : problem_(problem), weights_(problem.cells), over_cells_(problem.kernels, problem.cells, problem.chunks) {
    if (problem.moments) over_moments_.emplace(problem.kernels, *problem.moments);
  }

  // Advances the replicates with these indices, kReplicateLanes at most, by up to `steps` steps each.
  void Advance(absl::Span<const std::uint32_t> indices, bool by_moments, int steps, std::vector<LmState>& states) {
    if (!weights_.Draw(problem_.cells, problem_.request.weights, indices, problem_.stop)) return;
    if (by_moments) {
      AdvanceBy(*over_moments_, indices, steps, states);
    } else {
      AdvanceBy(over_cells_, indices, steps, states);
    }
  }

 private:
  template <class Equations>
  void AdvanceBy(Equations& equations, absl::Span<const std::uint32_t> indices, int steps,
                 std::vector<LmState>& states) {
    LmState lane_states[kReplicateLanes];
    std::fill(std::begin(lane_states), std::end(lane_states), StartLm(problem_.request.start));
    for (std::size_t lane = 0; lane < indices.size(); ++lane) lane_states[lane] = states[indices[lane]];
    equations.Weigh(weights_);
    const auto criteria_of = [this](int, const NormalEquations&) { return problem_.request.criteria; };
    DescendLanes(equations, problem_.domain, criteria_of, problem_.stop, steps, lane_states,
                 static_cast<int>(indices.size()));
    for (std::size_t lane = 0; lane < indices.size(); ++lane) states[indices[lane]] = lane_states[lane];
  }

  const Problem& problem_;
  LaneWeights weights_;
  CellEquations over_cells_;
  std::optional<MomentEquations> over_moments_;
};

// Refits replicates with one block per thread. Most replicates finish after a few steps; the unfinished ones are
// regrouped every kStepsPerRound steps, so that finished ones do not occupy lanes.
class Refitter {
 public:
  Refitter(const Problem& problem, ThreadPool& pool)
      : problem_(problem), pool_(pool), blocks_(pool.size(), Block(problem)), states_(problem.request.replicates) {}

  // Refits the replicates with these indices from their warm start. Errors: those of the stop signal.
  absl::Status Refit(std::vector<std::uint32_t> indices, bool by_moments) {
    constexpr int kStepsPerRound = 8;
    for (const std::uint32_t index : indices) states_[index] = StartLm(problem_.request.start);
    while (!indices.empty()) {
      const auto advance = [&](std::size_t block, int thread) {
        const auto of_block = absl::MakeConstSpan(indices).subspan(block * kReplicateLanes, kReplicateLanes);
        blocks_[thread].Advance(of_block, by_moments, kStepsPerRound, states_);
      };
      const std::size_t block_count = (indices.size() + kReplicateLanes - 1) / kReplicateLanes;
      CTXFIT_RETURN_IF_ERROR(pool_.ParallelFor(block_count, problem_.stop, advance));
      std::erase_if(indices, [this](std::uint32_t index) { return states_[index].finished; });
    }
    return absl::OkStatus();
  }

  const std::vector<LmState>& states() const { return states_; }

 private:
  const Problem& problem_;
  ThreadPool& pool_;
  std::vector<Block> blocks_;
  std::vector<LmState> states_;
};

}  // namespace

absl::StatusOr<ReplicateFits> RefitCpuReplicates(const HostCompute& host, const Cells& cells, const Domain& domain,
                                                 const ReplicateRequest& request, const StopSignal& stop) {
  CTXFIT_ASSIGN_OR_RETURN(const Chunks chunks, CutIntoChunks(cells, stop));
  CTXFIT_ASSIGN_OR_RETURN(const std::optional<Moments> moments, GatherMoments(cells, request.start, host, stop));
  const Problem problem{host.kernels, cells, chunks, moments, domain, request, stop};
  Refitter refitter(problem, host.pool);
  std::vector<std::uint32_t> replicates(request.replicates);
  std::iota(replicates.begin(), replicates.end(), 0);
  if (moments) {
    CTXFIT_RETURN_IF_ERROR(refitter.Refit(std::move(replicates), true));
    replicates = BeyondMoments(refitter.states(), moments->highest_exponent);
  }
  CTXFIT_RETURN_IF_ERROR(refitter.Refit(std::move(replicates), false));
  return CollectReplicates(refitter.states());
}

}  // namespace ctxfit

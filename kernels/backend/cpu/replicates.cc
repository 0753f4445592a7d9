#include "kernels/backend/cpu/replicates.h"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "kernels/data/cells.h"
#include "kernels/descent/lane_equations.h"
#include "kernels/descent/levenberg_marquardt.h"
#include "kernels/law/domain.h"
#include "kernels/objective/chunks.h"
#include "kernels/objective/moments.h"
#include "kernels/resample/lane_weights.h"

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

  // Advances the replicates of these numbers, kReplicateLanes at most, by up to `steps` steps each.
  void Advance(absl::Span<const std::uint32_t> numbers, bool by_moments, int steps, std::vector<LmState>& states) {
    if (!weights_.Draw(problem_.cells, problem_.request.weights, numbers, problem_.stop)) return;
    if (by_moments) {
      AdvanceBy(*over_moments_, numbers, steps, states);
    } else {
      AdvanceBy(over_cells_, numbers, steps, states);
    }
  }

 private:
  template <class Equations>
  void AdvanceBy(Equations& equations, absl::Span<const std::uint32_t> numbers, int steps,
                 std::vector<LmState>& states) {
    LmState of_lane[kReplicateLanes];
    std::fill(std::begin(of_lane), std::end(of_lane), StartLm(problem_.request.start));
    for (std::size_t lane = 0; lane < numbers.size(); ++lane) of_lane[lane] = states[numbers[lane]];
    equations.Weigh(weights_);
    const auto rule_of = [this](const LmState&, const NormalEquations&) { return problem_.request.rule; };
    DescendLanes(equations, problem_.domain, rule_of, problem_.stop, steps, of_lane, static_cast<int>(numbers.size()));
    for (std::size_t lane = 0; lane < numbers.size(); ++lane) states[numbers[lane]] = of_lane[lane];
  }

  const Problem& problem_;
  LaneWeights weights_;
  CellEquations over_cells_;
  std::optional<MomentEquations> over_moments_;
};

// Refits replicates with the threads' blocks. Most end after a few steps: those that do not are put together anew from
// time to time, so that they do not keep the lanes of others waiting.
class Refitter {
 public:
  Refitter(const Problem& problem, ThreadPool& pool)
      : problem_(problem), pool_(pool), blocks_(pool.size(), Block(problem)), states_(problem.request.replicates) {}

  // Refits the replicates of these numbers from the start. Errors: those of the stop signal.
  absl::Status Refit(std::vector<std::uint32_t> numbers, bool by_moments) {
    constexpr int kSteps = 8;
    for (const std::uint32_t number : numbers) states_[number] = StartLm(problem_.request.start);
    while (!numbers.empty()) {
      const auto advance = [&](std::size_t block, int thread) {
        const auto of_block = absl::MakeConstSpan(numbers).subspan(block * kReplicateLanes, kReplicateLanes);
        blocks_[thread].Advance(of_block, by_moments, kSteps, states_);
      };
      const std::size_t block_count = (numbers.size() + kReplicateLanes - 1) / kReplicateLanes;
      if (absl::Status status = pool_.ParallelFor(block_count, problem_.stop, advance); !status.ok()) return status;
      std::erase_if(numbers, [this](std::uint32_t number) { return states_[number].finished; });
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

// The replicates that did not end where the moments tell costs as the cells do.
std::vector<std::uint32_t> BeyondMoments(const std::vector<LmState>& states, const Moments& moments) {
  std::vector<std::uint32_t> numbers;
  for (std::size_t b = 0; b < states.size(); ++b) {
    if (!moments.HoldAt(states[b].best)) numbers.push_back(static_cast<std::uint32_t>(b));
  }
  return numbers;
}

ReplicateFits Collect(const std::vector<LmState>& states) {
  ReplicateFits fits;
  for (const LmState& state : states) {
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
  Refitter refitter(problem, pool);
  std::vector<std::uint32_t> numbers(request.replicates);
  std::iota(numbers.begin(), numbers.end(), 0);
  if (*moments) {
    if (absl::Status status = refitter.Refit(std::move(numbers), true); !status.ok()) return status;
    numbers = BeyondMoments(refitter.states(), **moments);
  }
  if (absl::Status status = refitter.Refit(std::move(numbers), false); !status.ok()) return status;
  return Collect(refitter.states());
}

}  // namespace ctxfit

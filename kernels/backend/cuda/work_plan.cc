#include "kernels/backend/cuda/work_plan.h"

#include <algorithm>
#include <cstddef>

namespace ctxfit {
namespace {

// Blocks that keep a large GPU busy, of the objective and of the replicates: so many for each of 100 to 150
// multiprocessors that it matters little that some have one more than others.
constexpr std::int32_t kObjectiveBlocks = 2048;
constexpr std::int32_t kReplicateBlocks = 1024;

// Limit on the partial sums of a candidate's cost in a slice, which are added up one after the other.
constexpr std::int32_t kMaxSplits = 1024;

std::int32_t CeilDivide(std::int64_t numerator, std::int64_t denominator) {
  return static_cast<std::int32_t>((numerator + denominator - 1) / denominator);
}

std::int32_t CandidatesPerThread(std::int32_t candidates, std::int32_t computes) {
  const bool table = computes <= kObjectiveTableComputes;
  std::int32_t count = kMaxCandidatesPerThread;
  while (count > 1 && (candidates <= kWarpThreads * count / 2 || (table && computes * count > kObjectiveTableComputes)))
    count /= 2;
  return count;
}

std::int32_t BatchCount(std::int32_t cells) { return std::max(CountTiles(cells, kBatchCells), 1); }

// The products of all candidates and the cells of a batch.
std::int64_t BatchWork(const ObjectivePlan& plan, bool full) {
  return std::int64_t{plan.groups} * plan.group_size() * kBatchCells * (full ? kFullFormWork : 1);
}

}  // namespace

ObjectivePlan PlanObjective(std::int32_t candidates, std::int32_t cells, std::int32_t computes, std::int64_t slice_work,
                            bool full) {
  const std::int32_t batches = BatchCount(cells);
  ObjectivePlan plan;
  plan.candidates_per_thread = full ? 1 : CandidatesPerThread(candidates, computes);
  plan.groups = CountTiles(candidates, plan.group_size());
  plan.slices = CeilDivide(BatchWork(plan, full) * batches, slice_work);
  // No more blocks than have a batch for each of their warps.
  const std::int32_t most_splits = std::clamp(batches / plan.slices / kBlockWarps, 1, kMaxSplits);
  plan.splits = std::clamp(CeilDivide(kObjectiveBlocks, plan.groups), 1, most_splits);
  return plan;
}

std::int64_t SliceWork(const ObjectivePlan& plan, std::int32_t cells, bool full) {
  return BatchWork(plan, full) * CountTiles(BatchCount(cells), plan.slices);
}

std::vector<std::vector<SlicePlace>> PlanRounds(absl::Span<const SlicedProblem> problems, std::int64_t round_work) {
  std::vector<std::vector<SlicePlace>> rounds;
  std::int64_t room = 0;  // in the last round
  for (std::size_t problem = 0; problem < problems.size(); ++problem) {
    const auto [slices, slice_work] = problems[problem];
    for (std::int32_t slice = 0; slice < slices; ++slice) {
      if (rounds.empty() || slice > 0 || slice_work > room) {
        rounds.emplace_back();
        room = round_work;
      }
      rounds.back().push_back({static_cast<std::int32_t>(problem), slice});
      room -= slice_work;
    }
  }
  return rounds;
}

std::int32_t SplitReplicates(std::int32_t replicates, std::int32_t cells) {
  return std::clamp(CeilDivide(kReplicateBlocks, std::max(replicates, 1)), 1,
                    std::max(CountTiles(cells, kReplicateTileCells), 1));
}

}  // namespace ctxfit

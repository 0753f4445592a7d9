#include "kernels/backend/cuda/work_plan.h"

#include <algorithm>

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

}  // namespace

ObjectivePlan PlanObjective(std::int32_t candidates, std::int32_t cells, std::int32_t computes, std::int64_t slice_work,
                            bool full) {
  const std::int32_t batches = std::max(CountTiles(cells, kBatchCells), 1);
  ObjectivePlan plan;
  plan.candidates_per_thread = full ? 1 : CandidatesPerThread(candidates, computes);
  plan.groups = CountTiles(candidates, plan.group_size());
  const std::int64_t batch_work =
      std::int64_t{plan.groups} * plan.group_size() * kBatchCells * (full ? kFullFormWork : 1);
  plan.slices = CeilDivide(batch_work * batches, slice_work);
  // No more blocks than have a batch for each of their warps.
  const std::int32_t most_splits = std::clamp(batches / plan.slices / kBlockWarps, 1, kMaxSplits);
  plan.splits = std::clamp(CeilDivide(kObjectiveBlocks, plan.groups), 1, most_splits);
  return plan;
}

std::int32_t SplitReplicates(std::int32_t replicates, std::int32_t cells) {
  return std::clamp(CeilDivide(kReplicateBlocks, std::max(replicates, 1)), 1,
                    std::max(CountTiles(cells, kReplicateTileCells), 1));
}

}  // namespace ctxfit

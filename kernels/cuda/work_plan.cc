#include "kernels/cuda/work_plan.h"

#include <algorithm>

namespace ctxfit {
namespace {

// Products of candidates and cells in one launch: of the order of a millisecond where a GPU evaluates 10^12 of them per
// second, and within the 100 ms of a cancellation where it is thirty times slower.
constexpr std::int64_t kSliceWork = std::int64_t{1} << 31;

// Blocks that keep a large GPU busy: several for each of 100 to 150 multiprocessors.
constexpr std::int32_t kWantedBlocks = 1024;

std::int32_t CeilDivide(std::int64_t numerator, std::int64_t denominator) {
  return static_cast<std::int32_t>((numerator + denominator - 1) / denominator);
}

}  // namespace

ObjectivePlan PlanObjective(std::int32_t candidates, std::int32_t cells) {
  const std::int32_t blocks = CountTiles(candidates, kCandidatesPerBlock);
  const std::int64_t work = std::int64_t{blocks} * kCandidatesPerBlock * std::max(cells, 1);
  ObjectivePlan plan;
  plan.blocks_per_slice = CeilDivide(blocks, std::min(CeilDivide(work, kSliceWork), blocks));
  plan.slices = CeilDivide(blocks, plan.blocks_per_slice);
  plan.splits = std::clamp(CeilDivide(kWantedBlocks, plan.blocks_per_slice), 1,
                           std::max(CountTiles(cells, kObjectiveTileCells), 1));
  return plan;
}

std::int32_t SplitReplicates(std::int32_t replicates, std::int32_t cells) {
  return std::clamp(CeilDivide(kWantedBlocks, std::max(replicates, 1)), 1,
                    std::max(CountTiles(cells, kReplicateTileCells), 1));
}

}  // namespace ctxfit

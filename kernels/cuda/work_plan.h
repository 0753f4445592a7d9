#ifndef CTXFIT_KERNELS_CUDA_WORK_PLAN_H_
#define CTXFIT_KERNELS_CUDA_WORK_PLAN_H_

#include <cstdint>

#include "kernels/host_device.h"

// How sums over cells are cut into blocks. Everything here follows from the sizes of the problem alone, never from the
// device, so that the order of every sum is the same on every GPU.

namespace ctxfit {

// Threads of a block in the kernels that sum over cells.
inline constexpr int kBlockThreads = 256;

inline constexpr int kWarpThreads = 32;
inline constexpr int kBlockWarps = kBlockThreads / kWarpThreads;

// Candidates that a thread of the objective evaluates together, so that one reading of a cell serves them all, and
// those of a block, whose warps share them.
inline constexpr int kCandidatesPerThread = 4;
inline constexpr int kCandidatesPerBlock = kWarpThreads * kCandidatesPerThread;

// Cells that a warp of the objective fetches together, and whose terms it adds up before they go to a compensated sum.
inline constexpr int kBatchCells = 32;

// Computes whose factors the objective keeps in shared memory; of more, every cell computes its own. 32 KiB.
inline constexpr int kObjectiveTableComputes = 64;

// Cells that a block of the replicates works on between two barriers. They bound the table of context factors in shared
// memory: 4 KiB.
inline constexpr int kReplicateTileCells = 256;

// Tables of compute factors and of unit weights that fit into shared memory beside that; what is larger is computed
// again for every cell. 16 KiB each.
inline constexpr int kReplicateTableComputes = 1024;
inline constexpr int kReplicateTableUnits = 2048;

// The half-open range [begin, end).
struct IndexRange {
  std::int32_t begin;
  std::int32_t end;
};

// Number of tiles of `tile_size` that cover `count`.
CTXFIT_HD constexpr std::int32_t CountTiles(std::int32_t count, std::int32_t tile_size) {
  return count / tile_size + (count % tile_size != 0);
}

// The part-th of `parts` contiguous shares of [0, count), which differ in size by at most one.
CTXFIT_HD constexpr IndexRange ShareOf(std::int32_t count, std::int32_t part, std::int32_t parts) {
  return {static_cast<std::int32_t>(std::int64_t{count} * part / parts),
          static_cast<std::int32_t>(std::int64_t{count} * (part + 1) / parts)};
}

// The cells of a tile.
CTXFIT_HD constexpr IndexRange TileCells(std::int32_t tile, std::int32_t tile_size, std::int32_t cell_count) {
  const std::int64_t end = std::int64_t{tile_size} * (tile + 1);
  return {tile * tile_size, end < cell_count ? static_cast<std::int32_t>(end) : cell_count};
}

// How one generation is evaluated: in `slices` launches, each over the next part of the cells, by `groups` of
// kCandidatesPerBlock candidates times `splits` blocks that share out the cells of the slice.
struct ObjectivePlan {
  std::int32_t slices;
  std::int32_t groups;
  std::int32_t splits;
};

// A slice is bounded in work, so that the host can look for a stop between slices; within it, cells are split until
// there are blocks enough to fill a large GPU.
ObjectivePlan PlanObjective(std::int32_t candidates, std::int32_t cells);

// Blocks over which the cells of one bootstrap replicate are shared out.
std::int32_t SplitReplicates(std::int32_t replicates, std::int32_t cells);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_CUDA_WORK_PLAN_H_

#ifndef CTXFIT_KERNELS_BACKEND_CUDA_WORK_PLAN_H_
#define CTXFIT_KERNELS_BACKEND_CUDA_WORK_PLAN_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "kernels/base/host_device.h"

// Plans that divide sums over cells among blocks. They follow from the sizes of the problem alone, never from the
// device, so that the order of every sum is the same on every GPU.

namespace ctxfit {

// Threads of a block in the kernels that sum over cells.
inline constexpr int kBlockThreads = 256;

inline constexpr int kWarpThreads = 32;
inline constexpr int kBlockWarps = kBlockThreads / kWarpThreads;

// Candidates that a thread of the objective evaluates together at most, so that one reading of a cell serves them all.
inline constexpr int kMaxCandidatesPerThread = 4;

// Cells that a warp of the objective fetches together, and whose terms it adds up before they go to a compensated sum.
inline constexpr int kBatchCells = 32;

// Limit on distinct computes whose factors the objective keeps in shared memory, for 32 candidates; half as many for
// 64, and so on. Beyond it, every cell computes its own factor. 32 KiB.
inline constexpr int kObjectiveTableComputes = 256;

// Cells that a block of the replicates works on between two barriers. They bound the table of context factors in shared
// memory: 4 KiB.
inline constexpr int kReplicateTileCells = 256;

// Tables of compute factors and of unit weights that fit into shared memory beside that; what is larger is computed
// again for every cell. 16 KiB each.
inline constexpr int kReplicateTableComputes = 1024;
inline constexpr int kReplicateTableUnits = 2048;

// Products of candidates and cells in one launch of the objective: two milliseconds and a half where a GPU evaluates
// 1.7 10^12 of them per second, and within the 100 ms of a cancellation where it is thirty times slower.
inline constexpr std::int64_t kSliceWork = std::int64_t{1} << 32;

// Weight of such a product in the full form: an exponential, a division and up to two logarithms by sequences of
// instructions, against a handful of instructions.
inline constexpr std::int64_t kFullFormWork = 16;

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

// Returns the range of a ragged batch that `place` lies in, of `count` ranges that follow each other without a gap: the
// i-th begins at begin[i], where the one before ends, and none is empty.
CTXFIT_HD constexpr std::int32_t FindRange(const std::int32_t* begin, std::int32_t count, std::int32_t place) {
  std::int32_t low = 0;
  std::int32_t high = count;
  while (high - low > 1) {
    const std::int32_t middle = low + (high - low) / 2;
    (begin[middle] <= place ? low : high) = middle;
  }
  return low;
}

// The cells of a tile.
CTXFIT_HD constexpr IndexRange TileCells(std::int32_t tile, std::int32_t tile_size, std::int32_t cell_count) {
  const std::int64_t end = std::int64_t{tile_size} * (tile + 1);
  return {tile * tile_size, end < cell_count ? static_cast<std::int32_t>(end) : cell_count};
}

// Plan for one generation: `slices` launches, each over the next part of the cells, by `groups` of candidates times
// `splits` blocks that share the cells of the slice.
struct ObjectivePlan {
  std::int32_t slices;
  std::int32_t groups;
  std::int32_t splits;
  std::int32_t candidates_per_thread;  // 1, 2 or 4; 1 in the full form

  // Candidates of a block: each of its warps has them all.
  constexpr std::int32_t group_size() const { return kWarpThreads * candidates_per_thread; }
};

// Plans for cells of the factors' form, or of the full one if `full`. A slice has `slice_work` products at most, those
// of the full form counted kFullFormWork times, so that the host can look for a stop between slices; within it, cells
// are split until there are blocks enough to fill a large GPU. A thread has fewer candidates where they are few, so
// that lanes do not idle, and where computes are many, so that the table of their factors holds them.
ObjectivePlan PlanObjective(std::int32_t candidates, std::int32_t cells, std::int32_t computes,
                            std::int64_t slice_work = kSliceWork, bool full = false);

// Returns the products in the largest slice of a plan for so many cells, those of the full form counted kFullFormWork
// times.
std::int64_t SliceWork(const ObjectivePlan& plan, std::int32_t cells, bool full);

// A problem among others whose objective is evaluated together.
struct SlicedProblem {
  std::int32_t slices;
  std::int64_t slice_work;
};

// A slice of one of several problems.
struct SlicePlace {
  std::int32_t problem;
  std::int32_t slice;
};

// Puts the slices of all problems into rounds, which are launched one after the other: as many together as have
// `round_work` products, or one that has more. Those of one problem are in rounds of their own, in their order.
std::vector<std::vector<SlicePlace>> PlanRounds(absl::Span<const SlicedProblem> problems, std::int64_t round_work);

// Blocks over which the cells of one bootstrap replicate are shared out.
std::int32_t SplitReplicates(std::int32_t replicates, std::int32_t cells);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BACKEND_CUDA_WORK_PLAN_H_

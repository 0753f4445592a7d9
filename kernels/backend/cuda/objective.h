#ifndef CTXFIT_KERNELS_BACKEND_CUDA_OBJECTIVE_H_
#define CTXFIT_KERNELS_BACKEND_CUDA_OBJECTIVE_H_

#include <cuda_runtime_api.h>

#include <compare>
#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "kernels/backend/cuda/objective_cells.h"
#include "kernels/backend/cuda/packed_cells.h"
#include "kernels/backend/cuda/work_plan.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/loss_rule.h"

namespace ctxfit {

// A slice of a problem: the costs of its candidates over a part of its cells.
struct ObjectiveSlice {
  ObjectiveCellsView cells;
  const BasicPoint<float>* members;
  double* costs;          // by candidate
  double* partials;       // by split, then by candidate of whole groups
  std::int32_t count;     // candidates
  std::int32_t groups;    // of candidates
  std::int32_t splits;    // blocks that share the cells of the slice
  std::int32_t slice;     // its index
  std::int32_t slices;    // of the problem
  std::int32_t capacity;  // candidates of whole groups
};

// A choice of the objective's kernel.
struct ObjectiveVariant {
  bool full;
  Loss loss;
  bool compute_index;
  bool shared_prompts;
  std::int32_t candidates_per_thread;

  auto operator<=>(const ObjectiveVariant&) const = default;
};

// The kernel for cells of a form under a plan. In the full form prompt lengths always count as shared.
ObjectiveVariant VariantFor(const PackedForm& form, const ObjectivePlan& plan);

// Slices of one variant, which one launch evaluates: slice i by the blocks from block_begin[i] on, `blocks` in all. The
// pointers are to device memory.
struct ObjectiveLaunch {
  ObjectiveVariant variant;
  const ObjectiveSlice* slices;
  const std::int32_t* block_begin;
  std::int32_t count;
  std::int32_t blocks;
  std::size_t table_bytes;  // for the factors of all distinct computes, in the shared memory of a block
  double* partials;         // of the first slice; those of the next one follow
};

// Returns the number of partial sums of a slice: one per block and candidate.
constexpr std::size_t PartialCount(const ObjectivePlan& plan) {
  return static_cast<std::size_t>(plan.groups) * plan.splits * plan.group_size();
}

// Enqueues the evaluation of partial sums. Does not wait.
absl::Status LaunchObjective(const ObjectiveLaunch& launch, cudaStream_t stream);

// Enqueues the sum of `count` slices' partial sums, of any variants and of at most `most_candidates` each. After all
// slices of a problem, in their order, costs[i] = the cost of all its cells at members[i], without Cells::within_cost.
// Does not wait.
absl::Status LaunchCombine(const ObjectiveSlice* slices, std::int32_t count, std::int32_t most_candidates,
                           cudaStream_t stream);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BACKEND_CUDA_OBJECTIVE_H_

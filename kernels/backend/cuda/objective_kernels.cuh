#ifndef CTXFIT_KERNELS_BACKEND_CUDA_OBJECTIVE_KERNELS_CUH_
#define CTXFIT_KERNELS_BACKEND_CUDA_OBJECTIVE_KERNELS_CUH_

#include <cuda_pipeline_primitives.h>

#include <type_traits>

#include "kernels/backend/cuda/compensated_sum.h"
#include "kernels/backend/cuda/extensions.h"
#include "kernels/backend/cuda/objective.h"
#include "kernels/backend/cuda/objective_forms.h"
#include "kernels/law/coordinate.h"

// A thread holds kCandidates candidates in registers, and the lanes of a warp hold those of its block: all work on the
// same cell at a time, which one load brings to them all, and no two of them ever add to the same sum. The warps of a
// block have the same candidates, and batches of cells of their own.

namespace ctxfit {

static_assert(kBatchCells == kWarpThreads, "each lane fetches one cell of a batch");

// One number of each candidate of a thread, next to each other so that they are one load.
template <int kCandidates>
struct alignas(kCandidates * sizeof(float)) ThreadFactors {
  float at[kCandidates];
};

// Shared memory of a block, used first for cells on their way to the warps, two batches for each, and then for the
// warps' sums.
template <class Form, int kCandidates>
union BlockMemory {
  typename Form::Cell cells[kBlockWarps][2][kBatchCells];
  double sums[kBlockWarps][kWarpThreads * kCandidates];
};

// The candidates of a thread and the sums of their costs.
template <class Form, int kCandidates>
struct ThreadCandidates {
  typename Form::Candidate laws[kCandidates];
  CompensatedSum sums[kCandidates];
};

__device__ inline int Lane() { return static_cast<int>(threadIdx.x) % kWarpThreads; }
__device__ inline int Warp() { return static_cast<int>(threadIdx.x) / kWarpThreads; }

// The last group may be incomplete: it repeats the last member, whose surplus sums nobody reads.
template <class Form, int kCandidates>
__device__ inline ThreadCandidates<Form, kCandidates> LoadCandidates(const BasicPoint<float>* members,
                                                                     std::int32_t count, std::int32_t group) {
  ThreadCandidates<Form, kCandidates> candidates;
  const std::int32_t first = (group * kWarpThreads + Lane()) * kCandidates;
#pragma unroll
  for (int c = 0; c < kCandidates; ++c) candidates.laws[c] = Form::Load(members[min(first + c, count - 1)]);
  return candidates;
}

// Returns evaluate(law) of every candidate of a thread.
template <class Law, int kCandidates, class Evaluate>
__device__ inline ThreadFactors<kCandidates> FactorsOf(const Law (&laws)[kCandidates], const Evaluate& evaluate) {
  ThreadFactors<kCandidates> factors;
#pragma unroll
  for (int c = 0; c < kCandidates; ++c) factors.at[c] = evaluate(laws[c]);
  return factors;
}

// f and g of every candidate of a thread.
template <class Law, int kCandidates>
__device__ inline ThreadFactors<kCandidates> ComputeFactors(const Law (&laws)[kCandidates], float log_compute) {
  return FactorsOf(laws, [log_compute](const Law& law) { return law.ComputeFactor(log_compute); });
}
template <class Law, int kCandidates>
__device__ inline ThreadFactors<kCandidates> ContextFactors(const Law (&laws)[kCandidates], float log_prompt) {
  return FactorsOf(laws, [log_prompt](const Law& law) { return law.ContextFactor(log_prompt); });
}

// Fills f for all distinct computes: row j of `table` holds those of the j-th, lane by lane, so that a warp reads a row
// without conflicts.
template <class Form, int kCandidates>
__device__ inline void FillComputeFactors(const ObjectiveCellsView& cells,
                                          const ThreadCandidates<Form, kCandidates>& candidates,
                                          ThreadFactors<kCandidates>* table) {
  for (std::int32_t j = Warp(); j < cells.compute_count; j += kBlockWarps) {
    table[j * kWarpThreads + Lane()] = ComputeFactors(candidates.laws, cells.log_compute[j]);
  }
}

template <class Form>
__device__ inline const typename Form::Cell* CellsOf(const ObjectiveCellsView& view) {
  if constexpr (std::is_same_v<typename Form::Cell, FullCell>) {
    return view.full_cells;
  } else {
    return view.cells;
  }
}

// Starts the copy of a batch to shared memory, of which `cell` is this lane's; of nothing unless `exists`.
template <class Cell>
__device__ inline void FetchBatch(const Cell* cell, bool exists, Cell* staged) {
  if (exists) {
    // Copies are of 4, 8 or 16 bytes.
#pragma unroll
    for (std::size_t begin = 0; begin < sizeof(Cell); begin += alignof(Cell)) {
      __pipeline_memcpy_async(reinterpret_cast<char*>(staged + Lane()) + begin,
                              reinterpret_cast<const char*>(cell) + begin, alignof(Cell));
    }
  }
  __pipeline_commit();
}

// g at the prompt length that it was computed for last.
template <int kCandidates>
struct LastContext {
  float log_prompt;
  ThreadFactors<kCandidates> g;
};

// Adds the costs of a batch: in single precision within it, where the sum of kBatchCells terms of one sign, each
// rounded once, is off by kBatchCells 2^-24 of itself at most, and compensated beyond.
template <bool kTable, bool kSharedPrompts, class Form, int kCandidates>
__device__ inline void AddBatch(const typename Form::Cell* batch, const ThreadFactors<kCandidates>* table,
                                float threshold, LastContext<kCandidates>& context,
                                ThreadCandidates<Form, kCandidates>& candidates) {
  float run[kCandidates] = {};
#pragma unroll 4
  for (int i = 0; i < kBatchCells; ++i) {
    const typename Form::Cell cell = batch[i];
    if (!kSharedPrompts || cell.log_prompt != context.log_prompt) {
      context = {cell.log_prompt, ContextFactors(candidates.laws, cell.log_prompt)};
    }
    const ThreadFactors<kCandidates> f =
        kTable ? table[cell.compute * kWarpThreads] : ComputeFactors(candidates.laws, __int_as_float(cell.compute));
#pragma unroll
    for (int c = 0; c < kCandidates; ++c) {
      run[c] = candidates.laws[c].AddCost(run[c], cell, f.at[c], context.g.at[c], threshold);
    }
  }
#pragma unroll
  for (int c = 0; c < kCandidates; ++c) candidates.sums[c].Add(run[c]);
}

// Adds up the warps' sums of each candidate and stores them in `partials`.
template <class Form, int kCandidates>
__device__ inline void WriteSums(const ThreadCandidates<Form, kCandidates>& candidates,
                                 BlockMemory<Form, kCandidates>& memory, double* partials) {
  // The sums take the place of the last batches.
  __syncthreads();
#pragma unroll
  for (int c = 0; c < kCandidates; ++c) {
    memory.sums[Warp()][Lane() * kCandidates + c] = candidates.sums[c].value();
  }
  __syncthreads();
  if (threadIdx.x >= kWarpThreads * kCandidates) return;
  double sum = 0;
  for (int warp = 0; warp < kBlockWarps; ++warp) sum += memory.sums[warp][threadIdx.x];
  partials[threadIdx.x] = sum;
}

// Blocks that a multiprocessor is to hold at a time at least: as many as leave ptxas registers enough neither to spill
// one nor to compute addresses again in the loop over cells; see tests/gpu/INSTRUCTIONS.md.
template <int kCandidates, bool kTable, bool kSharedPrompts>
inline constexpr int kMinBlocks = kCandidates < 4 ? 6 : (kTable == kSharedPrompts ? 4 : 5);

// The costs of groups of candidates of a form of the law over shares of the cells of `count` slices. Block b leaves its
// sums at group b of `partials`: a slice's blocks have all groups for its first share of cells, then for its second,
// and so on. `kTable`: f lies in shared memory, by distinct compute; otherwise every cell computes it.
// `kSharedPrompts`: g is kept while the prompt length is the same.
template <class Form, int kCandidates, bool kTable, bool kSharedPrompts>
__global__ void __launch_bounds__(kBlockThreads, kMinBlocks<kCandidates, kTable, kSharedPrompts>)
    ObjectiveKernel(const ObjectiveSlice* slices, const std::int32_t* block_begin, std::int32_t count,
                    double* partials) {
  CTXFIT_DYNAMIC_SHARED(ThreadFactors<kMaxCandidatesPerThread>, compute_factors);
  using Memory = BlockMemory<Form, kCandidates>;
  CTXFIT_SHARED(Memory, memory);
  auto* table = reinterpret_cast<ThreadFactors<kCandidates>*>(compute_factors);

  const auto block = static_cast<std::int32_t>(blockIdx.x);
  const std::int32_t place = FindRange(block_begin, count, block);
  const ObjectiveSlice slice = slices[place];
  const std::int32_t group = (block - block_begin[place]) % slice.groups;
  const std::int32_t split = (block - block_begin[place]) / slice.groups;
  const IndexRange batches =
      ShareOf(slice.cells.batch_count, (slice.slice * slice.splits + split) * kBlockWarps + Warp(),
              slice.slices * slice.splits * kBlockWarps);
  // Registers are scarce: what remains of the share is all that the loop knows of it.
  std::int32_t remaining = batches.end - batches.begin;
  const auto* next = CellsOf<Form>(slice.cells) + std::int64_t{batches.begin} * kBatchCells + Lane();
  typename Form::Cell(&staged)[2][kBatchCells] = memory.cells[Warp()];
  FetchBatch(next, remaining > 0, staged[remaining % 2]);
  auto candidates = LoadCandidates<Form, kCandidates>(slice.members, slice.count, group);
  if (kTable) {
    FillComputeFactors(slice.cells, candidates, table);
    __syncthreads();
  }
  const float threshold = slice.cells.form.threshold;
  // NaN, which no prompt length equals.
  LastContext<kCandidates> context = {__int_as_float(0x7fffffff), {}};
  for (; remaining > 0; --remaining) {
    next += kBatchCells;
    FetchBatch(next, remaining > 1, staged[(remaining - 1) % 2]);
    __pipeline_wait_prior(1);
    __syncwarp();
    AddBatch<kTable, kSharedPrompts>(staged[remaining % 2], table + Lane(), threshold, context, candidates);
    // Waits before the batch after next overwrites this one.
    __syncwarp();
  }
  WriteSums(candidates, memory, partials + std::int64_t{block} * kWarpThreads * kCandidates);
}

// Adds the shares of slice blockIdx.x to its costs, in their order; those of a problem's first slice to the constant of
// the costs. One thread per candidate.
__global__ void CombineKernel(const ObjectiveSlice* slices) {
  const ObjectiveSlice slice = slices[blockIdx.x];
  const std::int32_t candidate = static_cast<std::int32_t>(blockIdx.y * blockDim.x + threadIdx.x);
  if (candidate >= slice.count) return;
  const double* shares = slice.partials + candidate;
  const double scale = slice.cells.form.weight_scale;
  double cost = slice.slice == 0 ? slice.cells.form.constant_cost : slice.costs[candidate];
  // Enough loads at a time to hide how long each takes.
#pragma unroll 16
  for (std::int32_t split = 0; split < slice.splits; ++split) cost += shares[split * slice.capacity] * scale;
  slice.costs[candidate] = cost;
}

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BACKEND_CUDA_OBJECTIVE_KERNELS_CUH_

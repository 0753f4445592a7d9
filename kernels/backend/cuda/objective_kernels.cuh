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

// Starts the copy of a batch to shared memory, one cell to a lane; behind the last batch of nothing.
template <class Cell>
__device__ inline void FetchBatch(const Cell* cells, std::int32_t batch, std::int32_t end, Cell* staged) {
  if (batch < end) {
    const Cell* source = cells + std::int64_t{batch} * kBatchCells + Lane();
    // Copies are of 4, 8 or 16 bytes.
#pragma unroll
    for (std::size_t begin = 0; begin < sizeof(Cell); begin += alignof(Cell)) {
      __pipeline_memcpy_async(reinterpret_cast<char*>(staged + Lane()) + begin,
                              reinterpret_cast<const char*>(source) + begin, alignof(Cell));
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

// The costs of a group of candidates of a form of the law over one share of the cells: block (x, y) leaves the sums of
// the x-th group over the share first_part + y of `parts` at group x * gridDim.y + y of `partials`. `kTable`: f lies in
// shared memory, by distinct compute; otherwise every cell computes it. `kSharedPrompts`: g is kept while the prompt
// length is the same.
template <class Form, int kCandidates, bool kTable, bool kSharedPrompts>
__global__ void __launch_bounds__(kBlockThreads)
    ObjectiveKernel(ObjectiveCellsView cells, const BasicPoint<float>* members, std::int32_t count,
                    std::int32_t first_part, std::int32_t parts, double* partials) {
  CTXFIT_DYNAMIC_SHARED(ThreadFactors<kMaxCandidatesPerThread>, compute_factors);
  using Memory = BlockMemory<Form, kCandidates>;
  CTXFIT_SHARED(Memory, memory);
  auto* table = reinterpret_cast<ThreadFactors<kCandidates>*>(compute_factors);

  const std::int32_t part = first_part + static_cast<std::int32_t>(blockIdx.y);
  const IndexRange batches = ShareOf(cells.batch_count, part * kBlockWarps + Warp(), parts * kBlockWarps);
  const typename Form::Cell* source = CellsOf<Form>(cells);
  typename Form::Cell(&staged)[2][kBatchCells] = memory.cells[Warp()];
  FetchBatch(source, batches.begin, batches.end, staged[0]);
  auto candidates = LoadCandidates<Form, kCandidates>(members, count, static_cast<std::int32_t>(blockIdx.x));
  if (kTable) {
    FillComputeFactors(cells, candidates, table);
    __syncthreads();
  }
  // NaN, which no prompt length equals.
  LastContext<kCandidates> context = {__int_as_float(0x7fffffff), {}};
  for (std::int32_t batch = batches.begin; batch < batches.end; ++batch) {
    const int stage = (batch - batches.begin) % 2;
    FetchBatch(source, batch + 1, batches.end, staged[1 - stage]);
    __pipeline_wait_prior(1);
    __syncwarp();
    AddBatch<kTable, kSharedPrompts>(staged[stage], table + Lane(), cells.form.threshold, context, candidates);
    // Waits before the batch after next overwrites this one.
    __syncwarp();
  }
  WriteSums(candidates, memory, partials + (blockIdx.x * gridDim.y + blockIdx.y) * kWarpThreads * kCandidates);
}

// Adds the shares of a slice to the costs, in their order; those of the first slice to `constant`. One thread per
// candidate.
__global__ void CombineKernel(const double* partials, std::int32_t splits, std::int32_t group_size, double scale,
                              double constant, bool first_slice, std::int32_t count, double* costs) {
  const std::int32_t candidate = static_cast<std::int32_t>(blockIdx.x * blockDim.x + threadIdx.x);
  if (candidate >= count) return;
  const double* shares = partials + candidate / group_size * splits * group_size + candidate % group_size;
  double cost = first_slice ? constant : costs[candidate];
  // Enough loads at a time to hide how long each takes.
#pragma unroll 16
  for (std::int32_t split = 0; split < splits; ++split) cost += shares[split * group_size] * scale;
  costs[candidate] = cost;
}

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BACKEND_CUDA_OBJECTIVE_KERNELS_CUH_

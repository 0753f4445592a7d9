#ifndef CTXFIT_KERNELS_CUDA_OBJECTIVE_KERNELS_CUH_
#define CTXFIT_KERNELS_CUDA_OBJECTIVE_KERNELS_CUH_

#include <cub/block/block_reduce.cuh>

#include "kernels/cuda/compensated_sum.h"
#include "kernels/cuda/objective.h"

namespace ctxfit {

// One saturating factor for each candidate of a block.
struct alignas(16) CandidateFactors {
  float at[kCandidatesPerBlock];
};

struct AddCandidateSums {
  __device__ CandidateSums operator()(CandidateSums a, const CandidateSums& b) const {
#pragma unroll
    for (int c = 0; c < kCandidatesPerBlock; ++c) a.at[c] += b.at[c];
    return a;
  }
};

// f, the compute factors of a block's candidates at one compute.
__device__ inline CandidateFactors ComputeFactors(const BasicPoint<float>* candidates, float log_compute) {
  CandidateFactors factors;
#pragma unroll
  for (int c = 0; c < kCandidatesPerBlock; ++c) {
    const BasicPoint<float>& candidate = candidates[c];
    factors.at[c] =
        Saturate(LogRate(candidate.at[kLogComputeCoefficient], candidate.at[kComputeExponent], log_compute));
  }
  return factors;
}

// Fills g for the prompt lengths [first, last] of a tile. The threads share out pairs of prompt length and candidate.
__device__ inline void FillContextFactors(const CellsView<float>& cells, const BasicPoint<float>* candidates,
                                          std::int32_t first, std::int32_t last, CandidateFactors* context) {
  const std::int32_t pairs = (last - first + 1) * kCandidatesPerBlock;
  for (std::int32_t pair = threadIdx.x; pair < pairs; pair += kBlockThreads) {
    const std::int32_t prompt = pair / kCandidatesPerBlock;
    const int c = pair % kCandidatesPerBlock;
    const BasicPoint<float>& candidate = candidates[c];
    context[prompt].at[c] = Saturate(LogRate(candidate.at[kLogContextCoefficient], candidate.at[kContextExponent],
                                             cells.log_prompt[first + prompt]));
  }
}

// Adds the squared residuals of one cell. Residual form: nothing cancels where residuals are small.
__device__ inline void AddCell(const CellsView<float>& cells, std::int32_t cell, const CandidateFactors& f,
                               const CandidateFactors& g, CompensatedSum* sums) {
  const float target = cells.target[cell];
  const float scale = cells.scale[cell];
#pragma unroll
  for (int c = 0; c < kCandidatesPerBlock; ++c) {
    const float residual = target - f.at[c] * g.at[c] * scale;
    sums[c].Add(residual * residual);
  }
}

// The costs of kCandidatesPerBlock candidates over one share of the tiles: block (x, y) leaves the sums of the x-th
// group of the slice over the y-th share in partials[x * gridDim.y + y]. `kTable`: f lies in shared memory, by distinct
// compute; otherwise every cell computes it.
template <bool kTable>
__global__ void __launch_bounds__(kBlockThreads)
    ObjectiveKernel(CellsView<float> cells, const BasicPoint<float>* members, std::int32_t count,
                    std::int32_t first_group, CandidateSums* partials) {
  using Reduce = cub::BlockReduce<CandidateSums, kBlockThreads>;
  __shared__ typename Reduce::TempStorage reduction;
  __shared__ BasicPoint<float> candidates[kCandidatesPerBlock];
  __shared__ CandidateFactors context[kObjectiveTileCells];
  __shared__ CandidateFactors compute[kTable ? kObjectiveTableComputes : 1];

  // The last group may be incomplete: it repeats the last member, whose surplus sums nobody reads.
  if (threadIdx.x < kCandidatesPerBlock) {
    const std::int32_t member = (first_group + static_cast<std::int32_t>(blockIdx.x)) * kCandidatesPerBlock +
                                static_cast<std::int32_t>(threadIdx.x);
    candidates[threadIdx.x] = members[min(member, count - 1)];
  }
  __syncthreads();
  if (kTable) {
    for (std::int32_t j = threadIdx.x; j < cells.compute_count; j += kBlockThreads) {
      compute[j] = ComputeFactors(candidates, cells.log_compute[j]);
    }
  }

  CompensatedSum sums[kCandidatesPerBlock];
  const IndexRange tiles = ShareOf(CountTiles(cells.cell_count, kObjectiveTileCells), blockIdx.y, gridDim.y);
  for (std::int32_t tile = tiles.begin; tile < tiles.end; ++tile) {
    const IndexRange range = TileCells(tile, kObjectiveTileCells, cells.cell_count);
    const std::int32_t first_prompt = cells.prompt[range.begin];
    FillContextFactors(cells, candidates, first_prompt, cells.prompt[range.end - 1], context);
    __syncthreads();
    for (std::int32_t cell = range.begin + threadIdx.x; cell < range.end; cell += kBlockThreads) {
      const std::int32_t j = cells.compute[cell];
      const CandidateFactors& g = context[cells.prompt[cell] - first_prompt];
      if (kTable) {
        AddCell(cells, cell, compute[j], g, sums);
      } else {
        AddCell(cells, cell, ComputeFactors(candidates, cells.log_compute[j]), g, sums);
      }
    }
    __syncthreads();
  }

  CandidateSums thread_sums;
#pragma unroll
  for (int c = 0; c < kCandidatesPerBlock; ++c) thread_sums.at[c] = sums[c].value();
  const CandidateSums total = Reduce(reduction).Reduce(thread_sums, AddCandidateSums());
  if (threadIdx.x == 0) partials[blockIdx.x * gridDim.y + blockIdx.y] = total;
}

// Adds up the shares of the candidates [first, end) in their order, and scales the sums. One thread per candidate.
__global__ void CombineKernel(const CandidateSums* partials, std::int32_t splits, double scale, std::int32_t first,
                              std::int32_t end, double* costs) {
  const std::int32_t candidate = first + static_cast<std::int32_t>(blockIdx.x * blockDim.x + threadIdx.x);
  if (candidate >= end) return;
  const std::int32_t group = (candidate - first) / kCandidatesPerBlock;
  double sum = 0;
  for (std::int32_t split = 0; split < splits; ++split) {
    sum += partials[group * splits + split].at[candidate % kCandidatesPerBlock];
  }
  costs[candidate] = sum * scale;
}

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_CUDA_OBJECTIVE_KERNELS_CUH_

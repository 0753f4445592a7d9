#ifndef CTXFIT_KERNELS_BACKEND_CUDA_REPLICATE_KERNELS_CUH_
#define CTXFIT_KERNELS_BACKEND_CUDA_REPLICATE_KERNELS_CUH_

#include <cub/block/block_reduce.cuh>

#include "kernels/backend/cuda/add_factor_equations.h"
#include "kernels/backend/cuda/extensions.h"
#include "kernels/backend/cuda/replicates.h"
#include "kernels/backend/cuda/work_plan.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/law.h"
#include "kernels/resample/replicate_weights.h"

namespace ctxfit {

// Tables that the threads of a block share, of values that many cells have in common.
struct ReplicateTables {
  Saturation<double> context[kReplicateTileCells];      // g, by prompt length of the tile
  Saturation<double> compute[kReplicateTableComputes];  // f, by distinct compute, where those fit
  double weight[kReplicateTableUnits];                  // by unit, where those fit
};

// Adds one cell under its replicate's weight to the normal equations.
__device__ inline void AddCell(const CellsView& cells, std::int32_t cell, const Saturation<double>& f,
                               const Saturation<double>& g, double weight, FactorEquations& sums) {
  const double scale = cells.scale[cell];
  const double residual = cells.target[cell] - f.value * g.value * scale;
  const double by_compute = f.slope * g.value * scale;
  const double by_context = f.value * g.slope * scale;
  double jacobian[kFactorCoordinateCount];
  jacobian[kLogComputeCoefficient] = by_compute;
  jacobian[kComputeExponent] = by_compute * cells.log_compute[cells.compute[cell]];
  jacobian[kLogContextCoefficient] = by_context;
  jacobian[kContextExponent] = by_context * cells.log_prompt[cells.prompt[cell]];
  AddGradient(jacobian, weight * residual, weight, sums);
  sums.cost += weight * residual * residual;
}

// The normal equations of one replicate at its trial point over one share of the cells: block (x, y) leaves those of
// the replicate at first + x over the y-th share in partials[x * gridDim.y + y]. Weights are drawn where they are used:
// a replicate takes no memory but its state.
__global__ void __launch_bounds__(kBlockThreads)
    ReplicateKernel(CellsView cells, std::uint64_t seed, ReplicatesView replicates, std::int32_t first) {
  using Reduce = cub::BlockReduce<FactorEquations, kBlockThreads>;
  CTXFIT_SHARED(typename Reduce::TempStorage, reduction);
  CTXFIT_SHARED(ReplicateTables, tables);
  const std::int32_t index = first + static_cast<std::int32_t>(blockIdx.x);
  if (replicates.states[index].finished) return;
  const std::uint32_t replicate = replicates.indices[index];
  const Point point = replicates.states[index].trial;
  const bool compute_table = cells.compute_count <= kReplicateTableComputes;
  const bool weight_table = cells.unit_count <= kReplicateTableUnits;
  for (std::int32_t j = threadIdx.x; compute_table && j < cells.compute_count; j += kBlockThreads) {
    tables.compute[j] = ComputeFactorWithSlope(point, cells.log_compute[j]);
  }
  for (std::int32_t unit = threadIdx.x; weight_table && unit < cells.unit_count; unit += kBlockThreads) {
    tables.weight[unit] = ReplicateWeight(seed, replicate, unit);
  }

  FactorEquations sums = {};
  const IndexRange tiles = ShareOf(CountTiles(cells.cell_count, kReplicateTileCells), blockIdx.y, gridDim.y);
  for (std::int32_t tile = tiles.begin; tile < tiles.end; ++tile) {
    const IndexRange range = TileCells(tile, kReplicateTileCells, cells.cell_count);
    const std::int32_t first_prompt = cells.prompt[range.begin];
    const std::int32_t prompts = cells.prompt[range.end - 1] - first_prompt + 1;
    for (std::int32_t k = threadIdx.x; k < prompts; k += kBlockThreads) {
      tables.context[k] = ContextFactorWithSlope(point, cells.log_prompt[first_prompt + k]);
    }
    __syncthreads();
    for (std::int32_t cell = range.begin + threadIdx.x; cell < range.end; cell += kBlockThreads) {
      const std::int32_t j = cells.compute[cell];
      const std::int32_t unit = cells.unit[cell];
      AddCell(cells, cell, compute_table ? tables.compute[j] : ComputeFactorWithSlope(point, cells.log_compute[j]),
              tables.context[cells.prompt[cell] - first_prompt],
              weight_table ? tables.weight[unit] : ReplicateWeight(seed, replicate, unit), sums);
    }
    __syncthreads();
  }

  const FactorEquations total = Reduce(reduction).Reduce(sums, AddFactorEquations());
  if (threadIdx.x == 0) replicates.partials[blockIdx.x * gridDim.y + blockIdx.y] = total;
}

// Adds up the shares of each of the replicates at [first, end) in their order, and takes its step. One thread each.
__global__ void AdvanceKernel(ReplicateProblem problem, ReplicatesView replicates, std::int32_t first,
                              std::int32_t end) {
  const std::int32_t index = static_cast<std::int32_t>(blockIdx.x * blockDim.x + threadIdx.x);
  if (index >= end - first || replicates.states[first + index].finished) return;
  FactorEquations sums = {};
  for (std::int32_t split = 0; split < replicates.splits; ++split) {
    sums = AddFactorEquations()(sums, replicates.partials[index * replicates.splits + split]);
  }
  LmState state = replicates.states[first + index];
  AdvanceLm(problem.domain, problem.rule, Widen(sums), state);
  replicates.states[first + index] = state;
  // Adds integers, so the order of threads does not change the result.
  if (state.finished) atomicSub(replicates.unfinished, 1);
}

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BACKEND_CUDA_REPLICATE_KERNELS_CUH_

#ifndef CTXFIT_KERNELS_BACKEND_CUDA_MOMENT_KERNELS_CUH_
#define CTXFIT_KERNELS_BACKEND_CUDA_MOMENT_KERNELS_CUH_

#include <cub/block/block_reduce.cuh>

#include "kernels/backend/cuda/add_equations.h"
#include "kernels/backend/cuda/extensions.h"
#include "kernels/backend/cuda/moment_loops.h"
#include "kernels/backend/cuda/moment_replicates.h"

namespace ctxfit {

// Refits replicate first + blockIdx.x of all tasks until it has finished or has taken plan.max_steps more steps. Its
// weights are drawn and summed again in every launch: only its state is kept between launches.
__global__ void __launch_bounds__(kMomentThreads, kMomentBlocks)
    MomentReplicateKernel(MomentReplicatesView replicates, std::int32_t first) {
  using Reduce = cub::BlockReduce<FactorEquations, kMomentThreads>;
  CTXFIT_SHARED(typename Reduce::TempStorage, reduction);
  CTXFIT_SHARED(LmState, state);
  CTXFIT_DYNAMIC_SHARED(double2, shared);
  static_assert(sizeof(reduction) + sizeof(state) + kMomentSharedBytes <= 48 * 1024);

  const std::int32_t place = first + static_cast<std::int32_t>(blockIdx.x);
  if (replicates.states[place].finished) return;
  const std::int32_t task = FindRange(replicates.replicate_begin, replicates.task_count, place);
  const MomentsView& moments = replicates.tasks[task].moments;
  const MomentPlan plan = replicates.tasks[task].plan;
  const ReplicateProblem& problem = replicates.tasks[task].problem;
  const std::int32_t replicate = place - replicates.replicate_begin[task];
  const BlockThread thread = {static_cast<std::int32_t>(threadIdx.x), kMomentThreads};
  const MomentTables tables =
      LayTables(plan, reinterpret_cast<double*>(shared), replicates.scratch + blockIdx.x * replicates.scratch_size);
  if (thread.index == 0) state = replicates.states[place];
  DrawWeights(moments, problem.seed, replicate, thread, tables);
  __syncthreads();
  WeighPlaces(moments, thread, tables);
  for (std::int32_t step = 0; step < plan.max_steps; ++step) {
    FillFactors(moments, state.trial, thread, tables);
    __syncthreads();
    const FactorEquations sums = Reduce(reduction).Reduce(SumPlaces(moments, thread, tables), AddEquations());
    if (thread.index == 0) AdvanceLm(problem.domain, problem.criteria, Widen(sums), state);
    __syncthreads();
    if (state.finished) break;
  }
  if (thread.index != 0) return;
  replicates.states[place] = state;
  // Adds integers, so the order of blocks does not change the result.
  if (state.finished) atomicSub(replicates.unfinished, 1);
}

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BACKEND_CUDA_MOMENT_KERNELS_CUH_

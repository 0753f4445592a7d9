#include <algorithm>

#include "kernels/cuda/objective.h"
#include "kernels/cuda/objective_kernels.cuh"
#include "kernels/cuda/status.h"

namespace ctxfit {

absl::Status LaunchObjective(const CellsView<float>& cells, const ObjectivePlan& plan, std::int32_t slice,
                             const BasicPoint<float>* members, std::int32_t count, CandidateSums* partials,
                             double* costs, cudaStream_t stream) {
  const std::int32_t first_group = slice * plan.blocks_per_slice;
  const std::int32_t groups = std::min(plan.blocks_per_slice, CountTiles(count, kCandidatesPerBlock) - first_group);
  const dim3 grid(groups, plan.splits);
  if (cells.compute_count <= kObjectiveTableComputes) {
    ObjectiveKernel<true><<<grid, kBlockThreads, 0, stream>>>(cells, members, count, first_group, partials);
  } else {
    ObjectiveKernel<false><<<grid, kBlockThreads, 0, stream>>>(cells, members, count, first_group, partials);
  }
  CTXFIT_RETURN_IF_ERROR(CTXFIT_CUDA_LAUNCH_STATUS("ObjectiveKernel"));

  const std::int32_t first = first_group * kCandidatesPerBlock;
  const std::int32_t end = std::min(first + groups * kCandidatesPerBlock, count);
  CombineKernel<<<CountTiles(end - first, kBlockThreads), kBlockThreads, 0, stream>>>(
      partials, plan.splits, cells.cost_scale, first, end, costs);
  return CTXFIT_CUDA_LAUNCH_STATUS("CombineKernel");
}

}  // namespace ctxfit

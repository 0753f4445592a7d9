#include "kernels/cuda/objective.h"
#include "kernels/cuda/objective_kernels.cuh"
#include "kernels/cuda/status.h"

namespace ctxfit {
namespace {

auto ChooseKernel(const PackedForm& form) {
  if (form.compute_index) return form.shared_prompts ? ObjectiveKernel<true, true> : ObjectiveKernel<true, false>;
  return form.shared_prompts ? ObjectiveKernel<false, true> : ObjectiveKernel<false, false>;
}

}  // namespace

absl::Status LaunchObjective(const ObjectiveCellsView& cells, const ObjectivePlan& plan, std::int32_t slice,
                             const BasicPoint<float>* members, std::int32_t count, CandidateSums* partials,
                             double* costs, cudaStream_t stream) {
  const auto kernel = ChooseKernel(cells.form);
  const std::size_t table_bytes =
      cells.form.compute_index ? cells.compute_count * sizeof(float) * kCandidatesPerBlock : 0;
  kernel<<<dim3(plan.groups, plan.splits), kBlockThreads, table_bytes, stream>>>(
      cells, members, count, slice * plan.splits, plan.slices * plan.splits, partials);
  CTXFIT_RETURN_IF_ERROR(CTXFIT_CUDA_LAUNCH_STATUS("ObjectiveKernel"));
  CombineKernel<<<plan.groups, kCandidatesPerBlock, 0, stream>>>(partials, plan.splits, cells.form.weight_scale,
                                                                 slice == 0, count, costs);
  return CTXFIT_CUDA_LAUNCH_STATUS("CombineKernel");
}

}  // namespace ctxfit

#include "kernels/backend/cuda/launch.h"
#include "kernels/backend/cuda/objective.h"
#include "kernels/backend/cuda/objective_kernels.cuh"
#include "kernels/backend/cuda/status.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/loss.h"
#include "kernels/law/loss_rule.h"

namespace ctxfit {
namespace {

constexpr int kCombineThreads = 128;

template <int kCandidates>
auto ChooseFactorKernel(const PackedForm& form) {
  if (form.compute_index) {
    return form.shared_prompts ? ObjectiveKernel<FactorForm, kCandidates, true, true>
                               : ObjectiveKernel<FactorForm, kCandidates, true, false>;
  }
  return form.shared_prompts ? ObjectiveKernel<FactorForm, kCandidates, false, true>
                             : ObjectiveKernel<FactorForm, kCandidates, false, false>;
}

// In the full form a comparison with the last prompt length costs next to nothing.
auto ChooseFullKernel(const PackedForm& form) {
  return DispatchLoss(form.loss, [&]<Loss kLoss>() {
    return form.compute_index ? ObjectiveKernel<FullForm<kLoss>, 1, true, true>
                              : ObjectiveKernel<FullForm<kLoss>, 1, false, true>;
  });
}

auto ChooseKernel(std::int32_t candidates_per_thread, const PackedForm& form) {
  if (form.full) return ChooseFullKernel(form);
  static_assert(kMaxCandidatesPerThread == 4);
  if (candidates_per_thread == 4) return ChooseFactorKernel<4>(form);
  return candidates_per_thread == 2 ? ChooseFactorKernel<2>(form) : ChooseFactorKernel<1>(form);
}

}  // namespace

absl::Status LaunchObjective(const ObjectiveCellsView& cells, const ObjectivePlan& plan, std::int32_t slice,
                             const BasicPoint<float>* members, std::int32_t count, double* partials, double* costs,
                             cudaStream_t stream) {
  const auto kernel = ChooseKernel(plan.candidates_per_thread, cells.form);
  const std::size_t table_bytes =
      cells.form.compute_index ? cells.compute_count * plan.group_size() * sizeof(float) : 0;
  const LaunchShape sum = {dim3(plan.groups, plan.splits), kBlockThreads, table_bytes, stream};
  CTXFIT_RETURN_IF_ERROR(Launch("ObjectiveKernel", kernel, sum, cells, members, count, slice * plan.splits,
                                plan.slices * plan.splits, partials));
  const LaunchShape combine = {CountTiles(count, kCombineThreads), kCombineThreads, 0, stream};
  return Launch("CombineKernel", CombineKernel, combine, partials, plan.splits, plan.group_size(),
                cells.form.weight_scale, cells.form.constant_cost, slice == 0, count, costs);
}

}  // namespace ctxfit

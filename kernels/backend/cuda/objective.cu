#include "kernels/backend/cuda/launch.h"
#include "kernels/backend/cuda/objective.h"
#include "kernels/backend/cuda/objective_kernels.cuh"
#include "kernels/backend/cuda/status.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/loss.h"

namespace ctxfit {
namespace {

constexpr int kCombineThreads = 128;

template <int kCandidates>
auto ChooseFactorKernel(const ObjectiveVariant& variant) {
  if (variant.compute_index) {
    return variant.shared_prompts ? ObjectiveKernel<FactorForm, kCandidates, true, true>
                                  : ObjectiveKernel<FactorForm, kCandidates, true, false>;
  }
  return variant.shared_prompts ? ObjectiveKernel<FactorForm, kCandidates, false, true>
                                : ObjectiveKernel<FactorForm, kCandidates, false, false>;
}

// In the full form a comparison with the last prompt length costs next to nothing.
auto ChooseFullKernel(const ObjectiveVariant& variant) {
  return DispatchLoss(variant.loss, [&]<Loss kLoss>() {
    return variant.compute_index ? ObjectiveKernel<FullForm<kLoss>, 1, true, true>
                                 : ObjectiveKernel<FullForm<kLoss>, 1, false, true>;
  });
}

auto ChooseKernel(const ObjectiveVariant& variant) {
  if (variant.full) return ChooseFullKernel(variant);
  static_assert(kMaxCandidatesPerThread == 4);
  if (variant.candidates_per_thread == 4) return ChooseFactorKernel<4>(variant);
  return variant.candidates_per_thread == 2 ? ChooseFactorKernel<2>(variant) : ChooseFactorKernel<1>(variant);
}

}  // namespace

ObjectiveVariant VariantFor(const PackedForm& form, const ObjectivePlan& plan) {
  return {
      .full = form.full,
      .loss = form.loss,
      .compute_index = form.compute_index,
      .shared_prompts = form.full || form.shared_prompts,
      .candidates_per_thread = plan.candidates_per_thread,
  };
}

absl::Status LaunchObjective(const ObjectiveLaunch& launch, cudaStream_t stream) {
  const auto kernel = ChooseKernel(launch.variant);
  const LaunchShape shape = {launch.blocks, kBlockThreads, launch.table_bytes, stream};
  return Launch("ObjectiveKernel", kernel, shape, launch.slices, launch.block_begin, launch.count, launch.partials);
}

absl::Status LaunchCombine(const ObjectiveSlice* slices, std::int32_t count, std::int32_t most_candidates,
                           cudaStream_t stream) {
  const LaunchShape shape = {dim3(count, CountTiles(most_candidates, kCombineThreads)), kCombineThreads, 0, stream};
  return Launch("CombineKernel", CombineKernel, shape, slices);
}

}  // namespace ctxfit

#include "kernels/backend/cuda/launch.h"
#include "kernels/backend/cuda/replicate_kernels.cuh"
#include "kernels/backend/cuda/replicates.h"
#include "kernels/backend/cuda/status.h"
#include "kernels/law/loss.h"
#include "kernels/law/loss_rule.h"

namespace ctxfit {
namespace {

// Small blocks: the step of a replicate is long and serial, so they are spread over the device.
constexpr int kAdvanceThreads = 32;

template <class Replicate>
auto ChooseReplicateKernel(const WeightsView& weights) {
  return weights.unit == nullptr ? ReplicateKernel<Replicate, true> : ReplicateKernel<Replicate, false>;
}

// Enqueues `kernel`, and the step that follows it.
template <class Equations>
absl::Status LaunchIteration(void (*kernel)(CellsView, WeightsView, std::uint64_t, ReplicatesView<Equations>,
                                            std::int32_t),
                             const CellsView& cells, const WeightsView& weights, const ReplicateProblem& problem,
                             const ReplicatesView<Equations>& replicates, std::int32_t first, std::int32_t count,
                             cudaStream_t stream) {
  const LaunchShape sum = {dim3(count, replicates.splits), kBlockThreads, 0, stream};
  CTXFIT_RETURN_IF_ERROR(Launch("ReplicateKernel", kernel, sum, cells, weights, problem.seed, replicates, first));
  const LaunchShape advance = {CountTiles(count, kAdvanceThreads), kAdvanceThreads, 0, stream};
  return Launch("AdvanceKernel", AdvanceKernel<Equations>, advance, problem, replicates, first, first + count);
}

}  // namespace

absl::Status LaunchReplicateIteration(const CellsView& cells, const WeightsView& weights,
                                      const ReplicateProblem& problem,
                                      const ReplicatesView<FactorEquations>& replicates, std::int32_t first,
                                      std::int32_t count, cudaStream_t stream) {
  return LaunchIteration(ChooseReplicateKernel<FactorReplicate>(weights), cells, weights, problem, replicates, first,
                         count, stream);
}

absl::Status LaunchReplicateIteration(const CellsView& cells, const WeightsView& weights,
                                      const ReplicateProblem& problem,
                                      const ReplicatesView<NormalEquations>& replicates, std::int32_t first,
                                      std::int32_t count, cudaStream_t stream) {
  const auto kernel =
      DispatchLoss(cells.loss.loss, [&]<Loss kLoss>() { return ChooseReplicateKernel<FullReplicate<kLoss>>(weights); });
  return LaunchIteration(kernel, cells, weights, problem, replicates, first, count, stream);
}

}  // namespace ctxfit

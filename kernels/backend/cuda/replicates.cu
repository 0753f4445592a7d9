#include "kernels/backend/cuda/launch.h"
#include "kernels/backend/cuda/replicate_kernels.cuh"
#include "kernels/backend/cuda/replicates.h"
#include "kernels/backend/cuda/status.h"

namespace ctxfit {
namespace {

// Small blocks: the step of a replicate is long and serial, so they are spread over the device.
constexpr int kAdvanceThreads = 32;

}  // namespace

absl::Status LaunchReplicateIteration(const CellsView& cells, const ReplicateProblem& problem,
                                      const ReplicatesView& replicates, std::int32_t first, std::int32_t count,
                                      cudaStream_t stream) {
  const LaunchShape sum = {dim3(count, replicates.splits), kBlockThreads, 0, stream};
  CTXFIT_RETURN_IF_ERROR(Launch("ReplicateKernel", ReplicateKernel, sum, cells, problem.seed, replicates, first));
  const LaunchShape advance = {CountTiles(count, kAdvanceThreads), kAdvanceThreads, 0, stream};
  return Launch("AdvanceKernel", AdvanceKernel, advance, problem, replicates, first, first + count);
}

}  // namespace ctxfit

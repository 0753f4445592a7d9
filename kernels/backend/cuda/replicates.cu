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
  const dim3 grid(count, replicates.splits);
  ReplicateKernel<<<grid, kBlockThreads, 0, stream>>>(cells, problem.seed, replicates, first);
  CTXFIT_RETURN_IF_ERROR(CTXFIT_CUDA_LAUNCH_STATUS("ReplicateKernel"));
  AdvanceKernel<<<CountTiles(count, kAdvanceThreads), kAdvanceThreads, 0, stream>>>(problem, replicates, first,
                                                                                    first + count);
  return CTXFIT_CUDA_LAUNCH_STATUS("AdvanceKernel");
}

}  // namespace ctxfit

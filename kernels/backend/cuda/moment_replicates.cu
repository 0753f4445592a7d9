#include "kernels/backend/cuda/launch.h"
#include "kernels/backend/cuda/moment_kernels.cuh"
#include "kernels/backend/cuda/moment_replicates.h"

namespace ctxfit {

absl::Status LaunchMomentReplicates(const MomentReplicatesView& replicates, std::int32_t first, std::int32_t count,
                                    cudaStream_t stream) {
  const std::size_t shared_bytes = static_cast<std::size_t>(replicates.shared_size) * sizeof(double);
  const LaunchShape shape = {count, kMomentThreads, shared_bytes, stream};
  return Launch("MomentReplicateKernel", MomentReplicateKernel, shape, replicates, first);
}

}  // namespace ctxfit

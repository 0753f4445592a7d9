#include "kernels/backend/backend.h"

// Replaces kernels/backend/cuda/backend.cc in a build without a CUDA compiler.

namespace ctxfit {

int CudaDeviceCount() { return 0; }

absl::StatusOr<std::unique_ptr<Backend>> MakeCudaBackend(int, std::size_t) {
  return absl::FailedPreconditionError("options.backend = cuda: this build of ctxfit has no CUDA backend");
}

}  // namespace ctxfit

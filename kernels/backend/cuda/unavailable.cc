#include "kernels/backend/backend.h"

// What a build without a CUDA compiler has in the place of kernels/backend/cuda/backend.cc.

namespace ctxfit {

int CudaDeviceCount() { return 0; }

absl::StatusOr<std::unique_ptr<Backend>> MakeCudaBackend(int) {
  return absl::FailedPreconditionError("options.backend = cuda: this build of ctxfit has no CUDA backend");
}

}  // namespace ctxfit

#ifndef CTXFIT_KERNELS_BACKEND_CUDA_LAUNCH_H_
#define CTXFIT_KERNELS_BACKEND_CUDA_LAUNCH_H_

#include <cuda_runtime.h>

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "kernels/backend/cuda/status.h"

namespace ctxfit {

// The threads of a launch, the bytes of dynamic shared memory of each block, and the stream that it goes to.
struct LaunchShape {
  dim3 grid;
  dim3 block;
  std::size_t shared_bytes;
  cudaStream_t stream;
};

// Enqueues a kernel, which an error calls `name`. Does not wait: what goes wrong while the kernel runs, the next wait
// returns. Every launch comes through here, so that none goes unchecked.
template <class... Parameters, class... Arguments>
[[nodiscard]] absl::Status Launch(const char* name, void (*kernel)(Parameters...), const LaunchShape& shape,
                                  const Arguments&... arguments) {
  cudaLaunchConfig_t config = {};
  config.gridDim = shape.grid;
  config.blockDim = shape.block;
  config.dynamicSmemBytes = shape.shared_bytes;
  config.stream = shape.stream;
  const cudaError_t error = cudaLaunchKernelEx(&config, kernel, arguments...);
  return CudaStatus(error, (std::string("launch of ") + name).c_str(), __FILE__, __LINE__);
}

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BACKEND_CUDA_LAUNCH_H_

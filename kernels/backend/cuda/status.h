#ifndef CTXFIT_KERNELS_BACKEND_CUDA_STATUS_H_
#define CTXFIT_KERNELS_BACKEND_CUDA_STATUS_H_

#include <cuda_runtime_api.h>

#include "absl/status/status.h"
#include "kernels/base/status_macros.h"

namespace ctxfit {

// OK for cudaSuccess. RESOURCE_EXHAUSTED where the device's memory does not suffice; FAILED_PRECONDITION where there is
// no usable device or driver; else INTERNAL. The message names the call, the error, the file and the line. Errors that
// leave the device unusable for the process (an illegal address, a launch failure) are those of DeviceFailure().
absl::Status CudaStatus(cudaError_t error, const char* call, const char* file, int line);

// Reports a failure of `call` to stderr where no status can be returned: in destructors.
void LogIfCudaError(cudaError_t error, const char* call);

}  // namespace ctxfit

// Returns from the enclosing function if `call`, a CUDA runtime call, failed.
#define CTXFIT_CUDA_RETURN_IF_ERROR(call) \
  CTXFIT_RETURN_IF_ERROR(::ctxfit::CudaStatus((call), #call, __FILE__, __LINE__))

#endif  // CTXFIT_KERNELS_BACKEND_CUDA_STATUS_H_

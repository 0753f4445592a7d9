#include "kernels/backend/cuda/status.h"

#include <cstdio>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "kernels/base/device_failure.h"

namespace ctxfit {
namespace {

absl::StatusCode CodeOf(cudaError_t error) {
  switch (error) {
    case cudaErrorMemoryAllocation:
      return absl::StatusCode::kResourceExhausted;
    case cudaErrorNoDevice:
    case cudaErrorInvalidDevice:
    case cudaErrorInsufficientDriver:
    case cudaErrorSystemDriverMismatch:
    case cudaErrorCompatNotSupportedOnDevice:
    case cudaErrorNoKernelImageForDevice:
    case cudaErrorDevicesUnavailable:
      return absl::StatusCode::kFailedPrecondition;
    default:
      return absl::StatusCode::kInternal;
  }
}

absl::string_view BaseName(absl::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == absl::string_view::npos ? path : path.substr(slash + 1);
}

}  // namespace

absl::Status CudaStatus(cudaError_t error, const char* call, const char* file, int line) {
  if (error == cudaSuccess) return absl::OkStatus();
  // The runtime keeps the error of a failed call for whoever asks next, unless it is taken here.
  cudaGetLastError();
  const absl::StatusCode code = CodeOf(error);
  const std::string message = absl::StrCat("CUDA: ", call, " failed with ", cudaGetErrorName(error), " (",
                                           cudaGetErrorString(error), ") at ", BaseName(file), ":", line);
  return code == absl::StatusCode::kInternal ? DeviceFailure(message) : absl::Status(code, message);
}

void LogIfCudaError(cudaError_t error, const char* call) {
  if (error == cudaSuccess) return;
  cudaGetLastError();
  std::fprintf(stderr, "CUDA: %s failed with %s (%s)\n", call, cudaGetErrorName(error), cudaGetErrorString(error));
}

}  // namespace ctxfit

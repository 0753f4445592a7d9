#include "kernels/backend/cuda/device.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "kernels/backend/cuda/status.h"

namespace ctxfit {
namespace {

// Freed memory that the pool keeps for the next fit instead of giving it back to the driver at every wait. It covers
// fits of tens of millions of records; what lies above is given back, because a device may be shared.
constexpr std::uint64_t kKeptBytes = std::uint64_t{1} << 30;

// Free memory that a batch of problems leaves alone, besides an eighth: a pool grows by up to 32 MiB more than it is
// asked for, and graphs and kernels that are loaded later take some.
constexpr std::size_t kSparedBytes = std::size_t{64} << 20;

}  // namespace

absl::StatusOr<std::shared_ptr<CudaDevice>> CudaDevice::Open(int ordinal) {
  int count = 0;
  CTXFIT_CUDA_RETURN_IF_ERROR(cudaGetDeviceCount(&count));
  if (ordinal < 0 || ordinal >= count) {
    return absl::FailedPreconditionError(
        absl::StrCat("CUDA device ", ordinal, ": this machine has ", count, " of them, numbered from 0"));
  }
  std::shared_ptr<CudaDevice> device(new CudaDevice(ordinal));
  CTXFIT_RETURN_IF_ERROR(device->Initialize());
  return device;
}

absl::Status CudaDevice::Initialize() {
  CTXFIT_RETURN_IF_ERROR(Activate());
  cudaDeviceProp properties;
  CTXFIT_CUDA_RETURN_IF_ERROR(cudaGetDeviceProperties(&properties, ordinal_));
  name_ = properties.name;
  if (!properties.memoryPoolsSupported) {
    return absl::FailedPreconditionError(absl::StrCat(name_, ": the device has no stream-ordered memory"));
  }
  CTXFIT_CUDA_RETURN_IF_ERROR(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking));
  cudaMemPoolProps pool_properties = {};
  pool_properties.allocType = cudaMemAllocationTypePinned;
  pool_properties.location.type = cudaMemLocationTypeDevice;
  pool_properties.location.id = ordinal_;
  CTXFIT_CUDA_RETURN_IF_ERROR(cudaMemPoolCreate(&pool_, &pool_properties));
  std::uint64_t kept = kKeptBytes;
  CTXFIT_CUDA_RETURN_IF_ERROR(cudaMemPoolSetAttribute(pool_, cudaMemPoolAttrReleaseThreshold, &kept));
  CTXFIT_CUDA_RETURN_IF_ERROR(cudaMallocHost(&fetched_, kFetchedBytes));
  return absl::OkStatus();
}

CudaDevice::~CudaDevice() {
  LogIfCudaError(cudaSetDevice(ordinal_), "cudaSetDevice");
  if (stream_ != nullptr) {
    LogIfCudaError(cudaStreamSynchronize(stream_), "cudaStreamSynchronize");
    LogIfCudaError(cudaStreamDestroy(stream_), "cudaStreamDestroy");
  }
  if (pool_ != nullptr) LogIfCudaError(cudaMemPoolDestroy(pool_), "cudaMemPoolDestroy");
  if (fetched_ != nullptr) LogIfCudaError(cudaFreeHost(fetched_), "cudaFreeHost");
}

absl::Status CudaDevice::Activate() const {
  CTXFIT_CUDA_RETURN_IF_ERROR(cudaSetDevice(ordinal_));
  return absl::OkStatus();
}

absl::Status CudaDevice::Wait() const {
  CTXFIT_CUDA_RETURN_IF_ERROR(cudaStreamSynchronize(stream_));
  return absl::OkStatus();
}

absl::StatusOr<std::size_t> CudaDevice::FreeBytes() const {
  std::size_t free = 0;
  std::size_t total = 0;
  std::uint64_t reserved = 0;
  std::uint64_t used = 0;
  CTXFIT_CUDA_RETURN_IF_ERROR(cudaMemGetInfo(&free, &total));
  CTXFIT_CUDA_RETURN_IF_ERROR(cudaMemPoolGetAttribute(pool_, cudaMemPoolAttrReservedMemCurrent, &reserved));
  CTXFIT_CUDA_RETURN_IF_ERROR(cudaMemPoolGetAttribute(pool_, cudaMemPoolAttrUsedMemCurrent, &used));
  return free + static_cast<std::size_t>(reserved - used);
}

absl::StatusOr<std::size_t> CudaDevice::UsableBytes() const {
  CTXFIT_ASSIGN_OR_RETURN(const std::size_t free, FreeBytes());
  return std::max(free - free / 8, kSparedBytes) - kSparedBytes;
}

absl::StatusOr<std::size_t> CudaDevice::HighWaterMark() const {
  std::uint64_t bytes = 0;
  CTXFIT_CUDA_RETURN_IF_ERROR(cudaMemPoolGetAttribute(pool_, cudaMemPoolAttrUsedMemHigh, &bytes));
  return static_cast<std::size_t>(bytes);
}

}  // namespace ctxfit

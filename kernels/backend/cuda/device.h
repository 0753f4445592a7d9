#ifndef CTXFIT_KERNELS_BACKEND_CUDA_DEVICE_H_
#define CTXFIT_KERNELS_BACKEND_CUDA_DEVICE_H_

#include <cuda_runtime_api.h>

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace ctxfit {

// A device with the one stream that all work of a backend goes to, and the pool that its memory comes from. Buffers and
// graphs hold it by shared pointer: it outlives them all.
class CudaDevice {
 public:
  // FAILED_PRECONDITION where the machine has no such device, or one without stream-ordered memory.
  static absl::StatusOr<std::shared_ptr<CudaDevice>> Open(int ordinal);

  CudaDevice(const CudaDevice&) = delete;
  CudaDevice& operator=(const CudaDevice&) = delete;
  ~CudaDevice();

  // Makes this the calling thread's device. Every entry point of the backend calls it first.
  absl::Status Activate() const;

  // Waits for all work in the stream.
  absl::Status Wait() const;

  // Returns the largest memory in use at one time since the device was opened, in bytes.
  absl::StatusOr<std::size_t> HighWaterMark() const;

  cudaStream_t stream() const { return stream_; }
  cudaMemPool_t pool() const { return pool_; }
  const std::string& name() const { return name_; }
  int ordinal() const { return ordinal_; }

 private:
  explicit CudaDevice(int ordinal) : ordinal_(ordinal) {}
  absl::Status Initialize();

  const int ordinal_;
  std::string name_;
  cudaStream_t stream_ = nullptr;
  cudaMemPool_t pool_ = nullptr;
};

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BACKEND_CUDA_DEVICE_H_

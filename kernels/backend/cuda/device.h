#ifndef CTXFIT_KERNELS_BACKEND_CUDA_DEVICE_H_
#define CTXFIT_KERNELS_BACKEND_CUDA_DEVICE_H_

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstring>
#include <memory>
#include <string>
#include <type_traits>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "kernels/backend/cuda/status.h"

namespace ctxfit {

// A device with the one stream that all work of a backend goes to, and the pool that its memory comes from. Buffers and
// graphs hold it by shared pointer: it outlives them all. Thread-compatible: one caller at a time.
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

  // Copies a value from the device and waits for it, and so for all work before it.
  template <class T>
  absl::StatusOr<T> Fetch(const T* source) const {
    static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= kFetchedBytes);
    CTXFIT_CUDA_RETURN_IF_ERROR(cudaMemcpyAsync(fetched_, source, sizeof(T), cudaMemcpyDeviceToHost, stream_));
    CTXFIT_RETURN_IF_ERROR(Wait());
    T value;
    std::memcpy(&value, fetched_, sizeof(T));
    return value;
  }

  // Returns the bytes that can still be allocated: those that the device has free, and those that the pool keeps.
  absl::StatusOr<std::size_t> FreeBytes() const;

  // Returns the bytes that several problems may take together: FreeBytes() less what is left alone for everything else.
  absl::StatusOr<std::size_t> UsableBytes() const;

  // Returns the largest memory in use at one time since the device was opened, in bytes.
  absl::StatusOr<std::size_t> HighWaterMark() const;

  cudaStream_t stream() const { return stream_; }
  cudaMemPool_t pool() const { return pool_; }
  const std::string& name() const { return name_; }
  int ordinal() const { return ordinal_; }

 private:
  static constexpr std::size_t kFetchedBytes = 64;

  explicit CudaDevice(int ordinal) : ordinal_(ordinal) {}
  absl::Status Initialize();

  const int ordinal_;
  std::string name_;
  cudaStream_t stream_ = nullptr;
  cudaMemPool_t pool_ = nullptr;
  // Page-locked memory of the host, where values arrive. It is allocated once, because that makes all streams wait.
  void* fetched_ = nullptr;
};

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BACKEND_CUDA_DEVICE_H_

#ifndef CTXFIT_KERNELS_BACKEND_CUDA_BUFFER_H_
#define CTXFIT_KERNELS_BACKEND_CUDA_BUFFER_H_

#include <cuda_runtime_api.h>

#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "kernels/backend/cuda/device.h"
#include "kernels/backend/cuda/status.h"
#include "kernels/base/stop_signal.h"

namespace ctxfit {

// Owner of `size()` elements of device memory from the device's pool. Allocated and freed in stream order: neither
// waits. Uninitialised.
template <class T>
class DeviceBuffer {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  DeviceBuffer() = default;

  // RESOURCE_EXHAUSTED where the device's memory does not suffice.
  static absl::StatusOr<DeviceBuffer> Allocate(const std::shared_ptr<CudaDevice>& device, std::size_t size) {
    DeviceBuffer buffer;
    void* data = nullptr;
    if (size > 0) {
      CTXFIT_CUDA_RETURN_IF_ERROR(cudaMallocFromPoolAsync(&data, size * sizeof(T), device->pool(), device->stream()));
    }
    buffer.device_ = device;
    buffer.data_ = static_cast<T*>(data);
    buffer.size_ = size;
    return buffer;
  }

  // Allocates and copies `values`. Waits.
  static absl::StatusOr<DeviceBuffer> CopyOf(const std::shared_ptr<CudaDevice>& device, const std::vector<T>& values) {
    CTXFIT_ASSIGN_OR_RETURN(DeviceBuffer buffer, Allocate(device, values.size()));
    if (values.empty()) return buffer;
    CTXFIT_CUDA_RETURN_IF_ERROR(cudaMemcpyAsync(buffer.data_, values.data(), values.size() * sizeof(T),
                                                cudaMemcpyHostToDevice, buffer.device_->stream()));
    CTXFIT_RETURN_IF_ERROR(buffer.device_->Wait());
    return buffer;
  }

  DeviceBuffer(DeviceBuffer&& other) noexcept { *this = std::move(other); }
  DeviceBuffer& operator=(DeviceBuffer&& other) noexcept {
    std::swap(device_, other.device_);
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~DeviceBuffer() {
    if (data_ != nullptr) LogIfCudaError(cudaFreeAsync(data_, device_->stream()), "cudaFreeAsync");
  }

  // Returns the elements once all work in the stream is done. Waits.
  absl::StatusOr<std::vector<T>> ToHost() const {
    std::vector<T> values(size_);
    if (size_ > 0) {
      CTXFIT_CUDA_RETURN_IF_ERROR(
          cudaMemcpyAsync(values.data(), data_, size_ * sizeof(T), cudaMemcpyDeviceToHost, device_->stream()));
      CTXFIT_RETURN_IF_ERROR(device_->Wait());
    }
    return values;
  }

  T* data() const { return data_; }
  std::size_t size() const { return size_; }

 private:
  std::shared_ptr<CudaDevice> device_;
  T* data_ = nullptr;
  std::size_t size_ = 0;
};

// Makes `column` own a copy of `values`, unless `stop` asks to end. Waits.
template <class T>
absl::Status CopyColumn(const std::shared_ptr<CudaDevice>& device, const std::vector<T>& values, const StopSignal& stop,
                        DeviceBuffer<T>& column) {
  CTXFIT_RETURN_IF_ERROR(stop.Check());
  CTXFIT_ASSIGN_OR_RETURN(column, DeviceBuffer<T>::CopyOf(device, values));
  return absl::OkStatus();
}

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BACKEND_CUDA_BUFFER_H_

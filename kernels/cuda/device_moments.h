#ifndef CTXFIT_KERNELS_CUDA_DEVICE_MOMENTS_H_
#define CTXFIT_KERNELS_CUDA_DEVICE_MOMENTS_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "kernels/cuda/buffer.h"
#include "kernels/cuda/device.h"
#include "kernels/cuda/moment_table.h"
#include "kernels/stop_signal.h"

namespace ctxfit {

// Owner of what a MomentsView sees, in device memory.
class DeviceMoments {
 public:
  // Copies `table`. Errors: RESOURCE_EXHAUSTED where it does not fit, and those of `stop`, which is looked at between
  // columns. Waits.
  static absl::StatusOr<DeviceMoments> Upload(const std::shared_ptr<CudaDevice>& device, const MomentTable& table,
                                              const StopSignal& stop);

  MomentsView View() const;

 private:
  DeviceMoments() = default;

  DeviceBuffer<double> log_compute_;
  DeviceBuffer<double> log_prompt_;
  DeviceBuffer<PlaceIndices> place_;
  DeviceBuffer<std::int32_t> level_;
  DeviceBuffer<LevelParts> parts_;
  DeviceBuffer<std::int32_t> unit_;
  DeviceBuffer<MomentSums> moments_;
  std::int32_t unit_count_ = 0;
};

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_CUDA_DEVICE_MOMENTS_H_

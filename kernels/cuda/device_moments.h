#ifndef CTXFIT_KERNELS_CUDA_DEVICE_MOMENTS_H_
#define CTXFIT_KERNELS_CUDA_DEVICE_MOMENTS_H_

#include <memory>

#include "absl/status/statusor.h"
#include "kernels/cuda/buffer.h"
#include "kernels/cuda/device.h"
#include "kernels/cuda/moment_table.h"
#include "kernels/stop_signal.h"

namespace ctxfit {

using DeviceMoments = MomentColumns<DeviceBuffer>;

// Copies `table`. Errors: RESOURCE_EXHAUSTED where it does not fit, and those of `stop`, which is looked at between
// columns. Waits.
absl::StatusOr<DeviceMoments> UploadMoments(const std::shared_ptr<CudaDevice>& device, const MomentTable& table,
                                            const StopSignal& stop);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_CUDA_DEVICE_MOMENTS_H_

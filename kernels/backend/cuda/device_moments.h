#ifndef CTXFIT_KERNELS_BACKEND_CUDA_DEVICE_MOMENTS_H_
#define CTXFIT_KERNELS_BACKEND_CUDA_DEVICE_MOMENTS_H_

#include <memory>

#include "absl/status/statusor.h"
#include "kernels/backend/cuda/buffer.h"
#include "kernels/backend/cuda/device.h"
#include "kernels/backend/cuda/moment_table.h"
#include "kernels/base/stop_signal.h"

namespace ctxfit {

using DeviceMoments = MomentColumns<DeviceBuffer>;

// Copies `table`. Errors: RESOURCE_EXHAUSTED where it does not fit, and those of `stop`, which is looked at between
// columns. Waits.
absl::StatusOr<DeviceMoments> UploadMoments(const std::shared_ptr<CudaDevice>& device, const MomentTable& table,
                                            const StopSignal& stop);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BACKEND_CUDA_DEVICE_MOMENTS_H_

#include "kernels/backend/cuda/device_moments.h"

#include "kernels/backend/cuda/status.h"

namespace ctxfit {

absl::StatusOr<DeviceMoments> UploadMoments(const std::shared_ptr<CudaDevice>& device, const MomentTable& table,
                                            const StopSignal& stop) {
  DeviceMoments uploaded;
  uploaded.unit_count = table.unit_count;
  CTXFIT_RETURN_IF_ERROR(CopyColumn(device, table.log_compute, stop, uploaded.log_compute));
  CTXFIT_RETURN_IF_ERROR(CopyColumn(device, table.log_prompt, stop, uploaded.log_prompt));
  CTXFIT_RETURN_IF_ERROR(CopyColumn(device, table.place, stop, uploaded.place));
  CTXFIT_RETURN_IF_ERROR(CopyColumn(device, table.level, stop, uploaded.level));
  CTXFIT_RETURN_IF_ERROR(CopyColumn(device, table.parts, stop, uploaded.parts));
  CTXFIT_RETURN_IF_ERROR(CopyColumn(device, table.unit, stop, uploaded.unit));
  CTXFIT_RETURN_IF_ERROR(CopyColumn(device, table.moments, stop, uploaded.moments));
  return uploaded;
}

}  // namespace ctxfit

#include "kernels/cuda/device_moments.h"

#include "kernels/cuda/status.h"

namespace ctxfit {

absl::StatusOr<DeviceMoments> DeviceMoments::Upload(const std::shared_ptr<CudaDevice>& device, const MomentTable& table,
                                                    const StopSignal& stop) {
  DeviceMoments uploaded;
  uploaded.unit_count_ = table.unit_count;
  CTXFIT_RETURN_IF_ERROR(CopyColumn(device, table.log_compute, stop, uploaded.log_compute_));
  CTXFIT_RETURN_IF_ERROR(CopyColumn(device, table.log_prompt, stop, uploaded.log_prompt_));
  CTXFIT_RETURN_IF_ERROR(CopyColumn(device, table.place, stop, uploaded.place_));
  CTXFIT_RETURN_IF_ERROR(CopyColumn(device, table.level, stop, uploaded.level_));
  CTXFIT_RETURN_IF_ERROR(CopyColumn(device, table.parts, stop, uploaded.parts_));
  CTXFIT_RETURN_IF_ERROR(CopyColumn(device, table.unit, stop, uploaded.unit_));
  CTXFIT_RETURN_IF_ERROR(CopyColumn(device, table.moments, stop, uploaded.moments_));
  return uploaded;
}

MomentsView DeviceMoments::View() const {
  return {
      .log_compute = log_compute_.data(),
      .log_prompt = log_prompt_.data(),
      .place = place_.data(),
      .level = level_.data(),
      .parts = parts_.data(),
      .unit = unit_.data(),
      .moments = moments_.data(),
      .compute_count = static_cast<std::int32_t>(log_compute_.size()),
      .node_count = static_cast<std::int32_t>(log_prompt_.size()),
      .place_count = static_cast<std::int32_t>(place_.size()),
      .unit_count = unit_count_,
      .moment_count = static_cast<std::int64_t>(moments_.size()),
  };
}

}  // namespace ctxfit

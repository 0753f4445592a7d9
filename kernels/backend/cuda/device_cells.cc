#include "kernels/backend/cuda/device_cells.h"

#include <cmath>
#include <utility>
#include <vector>

#include "kernels/data/cells.h"

namespace ctxfit {
namespace {

// sqrt(weight) * values.
std::vector<double> Weighted(const std::vector<double>& weight, const std::vector<double>& values) {
  std::vector<double> weighted(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) weighted[i] = std::sqrt(weight[i]) * values[i];
  return weighted;
}

// The prompt index of each cell.
std::vector<std::int32_t> PromptOfCell(const Cells& cells) {
  std::vector<std::int32_t> prompt(cells.size());
  for (std::size_t k = 0; k < cells.log_prompt.size(); ++k) {
    for (std::int32_t i = cells.prompt_begin[k]; i < cells.prompt_begin[k + 1]; ++i) {
      prompt[i] = static_cast<std::int32_t>(k);
    }
  }
  return prompt;
}

}  // namespace

absl::StatusOr<DeviceCells> DeviceCells::Upload(const std::shared_ptr<CudaDevice>& device, const Cells& cells,
                                                const StopSignal& stop) {
  DeviceCells uploaded;
  uploaded.unit_count_ = cells.unit_count;
  uploaded.unit_2_count_ = cells.unit_2_count;
  if (cells.full()) uploaded.loss_ = cells.loss;
  CTXFIT_RETURN_IF_ERROR(CopyColumn(device, cells.log_compute, stop, uploaded.log_compute_));
  CTXFIT_RETURN_IF_ERROR(CopyColumn(device, cells.log_prompt, stop, uploaded.log_prompt_));
  if (cells.full()) {
    CTXFIT_RETURN_IF_ERROR(CopyColumn(device, cells.score, stop, uploaded.target_));
    CTXFIT_RETURN_IF_ERROR(CopyColumn(device, cells.weight, stop, uploaded.scale_));
    CTXFIT_RETURN_IF_ERROR(CopyColumn(device, cells.excess, stop, uploaded.excess_));
  } else {
    CTXFIT_RETURN_IF_ERROR(CopyColumn(device, Weighted(cells.weight, cells.score), stop, uploaded.target_));
    CTXFIT_RETURN_IF_ERROR(CopyColumn(device, Weighted(cells.weight, cells.penalty), stop, uploaded.scale_));
  }
  CTXFIT_RETURN_IF_ERROR(CopyColumn(device, cells.compute, stop, uploaded.compute_));
  CTXFIT_RETURN_IF_ERROR(CopyColumn(device, PromptOfCell(cells), stop, uploaded.prompt_));
  CTXFIT_RETURN_IF_ERROR(CopyColumn(device, cells.unit, stop, uploaded.unit_));
  CTXFIT_RETURN_IF_ERROR(CopyColumn(device, cells.unit_2, stop, uploaded.unit_2_));
  return uploaded;
}

CellsView DeviceCells::view() const {
  return {
      .log_compute = log_compute_.data(),
      .log_prompt = log_prompt_.data(),
      .target = target_.data(),
      .scale = scale_.data(),
      .excess = excess_.data(),
      .compute = compute_.data(),
      .prompt = prompt_.data(),
      .unit = unit_.data(),
      .unit_2 = unit_2_.data(),
      .compute_count = static_cast<std::int32_t>(log_compute_.size()),
      .cell_count = static_cast<std::int32_t>(target_.size()),
      .unit_count = unit_count_,
      .unit_2_count = unit_2_count_,
      .loss = loss_,
  };
}

}  // namespace ctxfit

#include "kernels/cuda/device_cells.h"

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <utility>
#include <vector>

namespace ctxfit {
namespace {

template <class T>
std::vector<T> Rounded(const std::vector<double>& values) {
  return std::vector<T>(values.begin(), values.end());
}

// sqrt(weight / weight_scale) * values, rounded once to T.
template <class T>
std::vector<T> Weighted(const std::vector<double>& weight, double weight_scale, const std::vector<double>& values) {
  std::vector<T> weighted(values.size());
  for (std::size_t i = 0; i < values.size(); ++i)
    weighted[i] = static_cast<T>(std::sqrt(weight[i] / weight_scale) * values[i]);
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

template <class T>
absl::StatusOr<DeviceCells<T>> DeviceCells<T>::Upload(std::shared_ptr<CudaDevice> device, const Cells& cells,
                                                      const StopSignal& stop) {
  DeviceCells uploaded;
  uploaded.unit_count_ = cells.unit_count;
  if (std::is_same_v<T, float> && !cells.weight.empty()) {
    uploaded.cost_scale_ = *std::max_element(cells.weight.begin(), cells.weight.end());
  }
  CTXFIT_RETURN_IF_ERROR(CopyColumn(device, Rounded<T>(cells.log_compute), stop, uploaded.log_compute_));
  CTXFIT_RETURN_IF_ERROR(CopyColumn(device, Rounded<T>(cells.log_prompt), stop, uploaded.log_prompt_));
  CTXFIT_RETURN_IF_ERROR(
      CopyColumn(device, Weighted<T>(cells.weight, uploaded.cost_scale_, cells.score), stop, uploaded.target_));
  CTXFIT_RETURN_IF_ERROR(
      CopyColumn(device, Weighted<T>(cells.weight, uploaded.cost_scale_, cells.penalty), stop, uploaded.scale_));
  CTXFIT_RETURN_IF_ERROR(CopyColumn(device, cells.compute, stop, uploaded.compute_));
  CTXFIT_RETURN_IF_ERROR(CopyColumn(device, PromptOfCell(cells), stop, uploaded.prompt_));
  CTXFIT_RETURN_IF_ERROR(CopyColumn(device, cells.unit, stop, uploaded.unit_));
  return uploaded;
}

template <class T>
CellsView<T> DeviceCells<T>::view() const {
  return {
      .log_compute = log_compute_.data(),
      .log_prompt = log_prompt_.data(),
      .target = target_.data(),
      .scale = scale_.data(),
      .compute = compute_.data(),
      .prompt = prompt_.data(),
      .unit = unit_.data(),
      .compute_count = static_cast<std::int32_t>(log_compute_.size()),
      .cell_count = static_cast<std::int32_t>(target_.size()),
      .unit_count = unit_count_,
      .cost_scale = cost_scale_,
  };
}

template class DeviceCells<float>;
template class DeviceCells<double>;

}  // namespace ctxfit

#include "kernels/backend/cuda/objective_cells.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "kernels/backend/cuda/status.h"
#include "kernels/backend/cuda/work_plan.h"
#include "kernels/data/cells.h"

namespace ctxfit {
namespace {

// Cells packed and copied at a time: 16 or 24 MiB of host memory, a few milliseconds.
constexpr std::int64_t kCopyCells = 1 << 20;

// Makes `uploaded` own the packed cells.
template <class Cell>
absl::Status UploadCells(const std::shared_ptr<CudaDevice>& device, const Cells& cells, const PackedForm& form,
                         const StopSignal& stop, DeviceBuffer<Cell>& uploaded) {
  const std::int64_t count = PaddedCount(cells);
  CTXFIT_ASSIGN_OR_RETURN(uploaded, DeviceBuffer<Cell>::Allocate(device, static_cast<std::size_t>(count)));
  std::vector<Cell> part(static_cast<std::size_t>(std::min(count, kCopyCells)));
  for (std::int64_t first = 0; first < count; first += kCopyCells) {
    CTXFIT_RETURN_IF_ERROR(stop.Check());
    const std::int64_t part_count = std::min(kCopyCells, count - first);
    PackCells(cells, form, first, part_count, part.data());
    CTXFIT_CUDA_RETURN_IF_ERROR(cudaMemcpyAsync(uploaded.data() + first, part.data(), part_count * sizeof(Cell),
                                                cudaMemcpyHostToDevice, device->stream()));
    CTXFIT_RETURN_IF_ERROR(device->Wait());
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ObjectiveCells> ObjectiveCells::Upload(const std::shared_ptr<CudaDevice>& device, const Cells& cells,
                                                      const StopSignal& stop) {
  ObjectiveCells uploaded(ChooseForm(cells));
  CTXFIT_ASSIGN_OR_RETURN(uploaded.log_compute_,
                          DeviceBuffer<float>::CopyOf(device, {cells.log_compute.begin(), cells.log_compute.end()}));
  CTXFIT_RETURN_IF_ERROR(uploaded.form_.full ? UploadCells(device, cells, uploaded.form_, stop, uploaded.full_cells_)
                                             : UploadCells(device, cells, uploaded.form_, stop, uploaded.cells_));
  return uploaded;
}

ObjectiveCellsView ObjectiveCells::view() const {
  return {
      .cells = cells_.data(),
      .full_cells = full_cells_.data(),
      .log_compute = log_compute_.data(),
      .batch_count = static_cast<std::int32_t>((cells_.size() + full_cells_.size()) / kBatchCells),
      .compute_count = static_cast<std::int32_t>(log_compute_.size()),
      .form = form_,
  };
}

}  // namespace ctxfit

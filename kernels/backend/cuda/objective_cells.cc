#include "kernels/backend/cuda/objective_cells.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "kernels/backend/cuda/status.h"
#include "kernels/backend/cuda/work_plan.h"
#include "kernels/data/cells.h"

namespace ctxfit {
namespace {

// Cells packed and copied at a time: 16 MiB of host memory, a few milliseconds.
constexpr std::int64_t kCopyCells = 1 << 20;

}  // namespace

absl::StatusOr<ObjectiveCells> ObjectiveCells::Upload(const std::shared_ptr<CudaDevice>& device, const Cells& cells,
                                                      const StopSignal& stop) {
  const PackedForm form = ChooseForm(cells);
  CTXFIT_ASSIGN_OR_RETURN(auto log_compute,
                          DeviceBuffer<float>::CopyOf(device, {cells.log_compute.begin(), cells.log_compute.end()}));
  const std::int64_t count = PaddedCount(cells);
  CTXFIT_ASSIGN_OR_RETURN(auto packed, DeviceBuffer<PackedCell>::Allocate(device, static_cast<std::size_t>(count)));
  std::vector<PackedCell> part(static_cast<std::size_t>(std::min(count, kCopyCells)));
  for (std::int64_t first = 0; first < count; first += kCopyCells) {
    CTXFIT_RETURN_IF_ERROR(stop.Check());
    const std::int64_t part_count = std::min(kCopyCells, count - first);
    PackCells(cells, form, first, part_count, part.data());
    CTXFIT_CUDA_RETURN_IF_ERROR(cudaMemcpyAsync(packed.data() + first, part.data(), part_count * sizeof(PackedCell),
                                                cudaMemcpyHostToDevice, device->stream()));
    CTXFIT_RETURN_IF_ERROR(device->Wait());
  }
  return ObjectiveCells(std::move(packed), std::move(log_compute), form);
}

ObjectiveCellsView ObjectiveCells::view() const {
  return {
      .cells = cells_.data(),
      .log_compute = log_compute_.data(),
      .batch_count = static_cast<std::int32_t>(cells_.size() / kBatchCells),
      .compute_count = static_cast<std::int32_t>(log_compute_.size()),
      .form = form_,
  };
}

}  // namespace ctxfit

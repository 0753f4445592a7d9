#ifndef CTXFIT_KERNELS_BACKEND_CUDA_OBJECTIVE_CELLS_H_
#define CTXFIT_KERNELS_BACKEND_CUDA_OBJECTIVE_CELLS_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "kernels/backend/cuda/buffer.h"
#include "kernels/backend/cuda/device.h"
#include "kernels/backend/cuda/packed_cells.h"
#include "kernels/base/stop_signal.h"

namespace ctxfit {

struct Cells;

// Packed cells in device memory: 16 bytes each, or 24 in the full form.
struct ObjectiveCellsView {
  const PackedCell* cells;     // kBatchCells to a batch; null in the full form
  const FullCell* full_cells;  // kBatchCells to a batch; null in the factors' form
  const float* log_compute;    // by distinct compute
  std::int32_t batch_count;
  std::int32_t compute_count;
  PackedForm form;
};

// Owner of what an ObjectiveCellsView sees.
class ObjectiveCells {
 public:
  // Copies `cells`, of which there is at least one. Errors: RESOURCE_EXHAUSTED where they do not fit, and those of
  // `stop`, which is looked at every million cells. Waits.
  static absl::StatusOr<ObjectiveCells> Upload(const std::shared_ptr<CudaDevice>& device, const Cells& cells,
                                               const StopSignal& stop);

  ObjectiveCellsView view() const;

 private:
  explicit ObjectiveCells(const PackedForm& form) : form_(form) {}

  // One of these is empty.
  DeviceBuffer<PackedCell> cells_;
  DeviceBuffer<FullCell> full_cells_;
  DeviceBuffer<float> log_compute_;
  PackedForm form_;
};

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BACKEND_CUDA_OBJECTIVE_CELLS_H_

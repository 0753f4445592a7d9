#ifndef CTXFIT_KERNELS_BACKEND_CUDA_DEVICE_CELLS_H_
#define CTXFIT_KERNELS_BACKEND_CUDA_DEVICE_CELLS_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "kernels/backend/cuda/buffer.h"
#include "kernels/backend/cuda/device.h"
#include "kernels/base/stop_signal.h"

namespace ctxfit {

struct Cells;

// Collapsed cells as the kernels of replicates read them: columns of device memory, in the order of Cells. With the
// square root of the weight w in target and scale, a cell's share of the cost is (target - f g scale)^2.
struct CellsView {
  const double* log_compute;    // by distinct compute
  const double* log_prompt;     // by distinct prompt length
  const double* target;         // by cell: sqrt(w) times the mean score
  const double* scale;          // by cell: sqrt(w) times the penalty's factor
  const std::int32_t* compute;  // by cell: index into log_compute
  const std::int32_t* prompt;   // by cell: index into log_prompt; ascending
  const std::int32_t* unit;     // by cell: resampling unit; null where units are not kept
  std::int32_t compute_count;
  std::int32_t cell_count;
  std::int32_t unit_count;
};

// Owner of what a CellsView sees.
class DeviceCells {
 public:
  // Copies `cells`. Errors: RESOURCE_EXHAUSTED where they do not fit, and those of `stop`, which is looked at between
  // columns. Waits.
  static absl::StatusOr<DeviceCells> Upload(const std::shared_ptr<CudaDevice>& device, const Cells& cells,
                                            const StopSignal& stop);

  CellsView view() const;

 private:
  DeviceCells() = default;

  DeviceBuffer<double> log_compute_;
  DeviceBuffer<double> log_prompt_;
  DeviceBuffer<double> target_;
  DeviceBuffer<double> scale_;
  DeviceBuffer<std::int32_t> compute_;
  DeviceBuffer<std::int32_t> prompt_;
  DeviceBuffer<std::int32_t> unit_;
  std::int32_t unit_count_ = 0;
};

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BACKEND_CUDA_DEVICE_CELLS_H_

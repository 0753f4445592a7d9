#ifndef CTXFIT_KERNELS_CUDA_DEVICE_CELLS_H_
#define CTXFIT_KERNELS_CUDA_DEVICE_CELLS_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "kernels/cells.h"
#include "kernels/cuda/buffer.h"
#include "kernels/cuda/device.h"
#include "kernels/stop_signal.h"

namespace ctxfit {

// Collapsed cells as kernels read them: columns of device memory, in the order of Cells. With the square root of the
// weight w in target and scale, a cell's share of the cost is (target - f g scale)^2 cost_scale. In single precision
// weights are taken relative to the largest, so that no weight overflows; in double precision as they are.
template <class T>
struct CellsView {
  const T* log_compute;         // by distinct compute
  const T* log_prompt;          // by distinct prompt length
  const T* target;              // by cell: sqrt(w) times the mean score
  const T* scale;               // by cell: sqrt(w) times the penalty's factor
  const std::int32_t* compute;  // by cell: index into log_compute
  const std::int32_t* prompt;   // by cell: index into log_prompt; ascending
  const std::int32_t* unit;     // by cell: resampling unit; null where units are not kept
  std::int32_t compute_count;
  std::int32_t cell_count;
  std::int32_t unit_count;
  double cost_scale;  // the largest weight, or 1
};

// Owner of what a CellsView sees.
template <class T>
class DeviceCells {
 public:
  // Copies `cells`, rounded to T. Errors: RESOURCE_EXHAUSTED where they do not fit, and those of `stop`, which is
  // looked at between columns. Waits.
  static absl::StatusOr<DeviceCells> Upload(std::shared_ptr<CudaDevice> device, const Cells& cells,
                                            const StopSignal& stop);

  CellsView<T> view() const;

 private:
  DeviceCells() = default;

  DeviceBuffer<T> log_compute_;
  DeviceBuffer<T> log_prompt_;
  DeviceBuffer<T> target_;
  DeviceBuffer<T> scale_;
  DeviceBuffer<std::int32_t> compute_;
  DeviceBuffer<std::int32_t> prompt_;
  DeviceBuffer<std::int32_t> unit_;
  std::int32_t unit_count_ = 0;
  double cost_scale_ = 1;
};

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_CUDA_DEVICE_CELLS_H_

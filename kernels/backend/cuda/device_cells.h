#ifndef CTXFIT_KERNELS_BACKEND_CUDA_DEVICE_CELLS_H_
#define CTXFIT_KERNELS_BACKEND_CUDA_DEVICE_CELLS_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "kernels/backend/cuda/buffer.h"
#include "kernels/backend/cuda/device.h"
#include "kernels/base/stop_signal.h"
#include "kernels/law/loss_rule.h"
#include "kernels/law/penalty.h"

namespace ctxfit {

struct Cells;

// Collapsed cells as the kernels of replicates read them: columns of device memory, in the order of Cells. With the
// square root of the weight w in target and scale, the share of a cell of the factors' form in the cost is
// (target - f g scale)^2.
struct CellsView {
  const double* log_compute;    // by distinct compute
  const double* log_prompt;     // by distinct prompt length
  const double* target;         // by cell: sqrt(w) times the mean score, which in the full form stands alone
  const double* scale;          // by cell: sqrt(w) times the penalty's factor, or in the full form w
  const Excess* excess;         // by cell: the penalty's variables; null in the factors' form
  const std::int32_t* compute;  // by cell: index into log_compute
  const std::int32_t* prompt;   // by cell: index into log_prompt; ascending
  const std::int32_t* unit;     // by cell: resampling unit; null where units are not kept
  const std::int32_t* unit_2;   // by cell: second unit; null except in two-way resampling
  std::int32_t compute_count;
  std::int32_t cell_count;
  std::int32_t unit_count;
  std::int32_t unit_2_count;
  LossRule loss;  // the squared one but in the full form
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
  DeviceBuffer<Excess> excess_;
  DeviceBuffer<std::int32_t> compute_;
  DeviceBuffer<std::int32_t> prompt_;
  DeviceBuffer<std::int32_t> unit_;
  DeviceBuffer<std::int32_t> unit_2_;
  std::int32_t unit_count_ = 0;
  std::int32_t unit_2_count_ = 0;
  LossRule loss_;
};

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BACKEND_CUDA_DEVICE_CELLS_H_

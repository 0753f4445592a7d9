#ifndef CTXFIT_KERNELS_BACKEND_CUDA_DEVICE_WEIGHTS_H_
#define CTXFIT_KERNELS_BACKEND_CUDA_DEVICE_WEIGHTS_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "kernels/backend/cuda/buffer.h"
#include "kernels/backend/cuda/device.h"
#include "kernels/base/stop_signal.h"
#include "kernels/base/thread_pool.h"
#include "kernels/resample/weight_scheme.h"

namespace ctxfit {

struct Cells;

// The weights of resampling units in replicates, as the kernels of replicates read them. Without a table they draw
// them.
struct WeightsView {
  const double* unit;    // by replicate of the table, and unit; null where there is no table
  const double* unit_2;  // by replicate of the table, and second unit; null except in two-way resampling
};

// Returns true if kernels draw the weights where they use them, which takes no memory: exponential ones, of one unit
// per cell and without strata. Other weights need sums over units, or would differ in their last bits from the host's.
bool AreDrawnInKernels(const Cells& cells, const WeightScheme& scheme);

// Returns the number of replicates whose weights a table holds, in [1, replicates]: 256 MiB of them.
std::int32_t ReplicatesPerTable(const Cells& cells, std::int32_t replicates);

// Owner of what a WeightsView sees.
class DeviceWeights {
 public:
  // Has no table.
  DeviceWeights() = default;

  // Draws the weights of the replicates with those indices on `pool`, and copies them. They have the bits of the CPU
  // backend's. Errors: RESOURCE_EXHAUSTED where they do not fit, and those of `stop`. Waits.
  static absl::StatusOr<DeviceWeights> Draw(const std::shared_ptr<CudaDevice>& device, const Cells& cells,
                                            const WeightScheme& scheme, absl::Span<const std::int32_t> replicates,
                                            ThreadPool& pool, const StopSignal& stop);

  WeightsView view() const { return {unit_.data(), unit_2_.data()}; }

 private:
  DeviceBuffer<double> unit_;
  DeviceBuffer<double> unit_2_;
};

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BACKEND_CUDA_DEVICE_WEIGHTS_H_

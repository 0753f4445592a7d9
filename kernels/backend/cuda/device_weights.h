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
// per cell and without strata. Their logarithms are CUDA's, whose last bit may differ from the host's. Other weights,
// of which most need sums over units, the host draws.
bool AreDrawnInKernels(const Cells& cells, const WeightScheme& scheme);

// Weights in a table at most, but for a single replicate: 256 MiB.
inline constexpr std::int64_t kMaxWeights = std::int64_t{1} << 25;

// Returns the number of replicates whose weights a table of that many holds, in [1, replicates].
std::int32_t ReplicatesPerTable(const Cells& cells, std::int32_t replicates, std::int64_t max_weights = kMaxWeights);

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

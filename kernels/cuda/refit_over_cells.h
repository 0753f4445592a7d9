#ifndef CTXFIT_KERNELS_CUDA_REFIT_OVER_CELLS_H_
#define CTXFIT_KERNELS_CUDA_REFIT_OVER_CELLS_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "kernels/cells.h"
#include "kernels/cuda/device.h"
#include "kernels/cuda/replicates.h"
#include "kernels/levenberg_marquardt.h"
#include "kernels/stop_signal.h"

namespace ctxfit {

// Refits the replicates of those numbers, at least one, from `start`, by sums over all cells: a launch for every
// iteration. Returns the state in which each ended, in their order. Waits.
absl::StatusOr<std::vector<ReplicateState>> RefitOverCells(const std::shared_ptr<CudaDevice>& device,
                                                           const Cells& cells, const ReplicateProblem& problem,
                                                           const Point& start, const std::vector<std::int32_t>& numbers,
                                                           const StopSignal& stop);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_CUDA_REFIT_OVER_CELLS_H_

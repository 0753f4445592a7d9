#ifndef CTXFIT_KERNELS_BACKEND_CUDA_REFIT_OVER_CELLS_H_
#define CTXFIT_KERNELS_BACKEND_CUDA_REFIT_OVER_CELLS_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "kernels/backend/backend.h"
#include "kernels/backend/cuda/device.h"
#include "kernels/backend/cuda/device_weights.h"
#include "kernels/base/stop_signal.h"
#include "kernels/base/thread_pool.h"
#include "kernels/descent/levenberg_marquardt.h"
#include "kernels/law/domain.h"

namespace ctxfit {

struct Cells;

// Refits the replicates of those indices, at least one, by sums over all cells: a launch for every iteration. Weights
// that kernels do not draw are drawn on `pool`; `max_weights` as for ReplicatesPerTable(). Returns the state in which
// each ended, in their order. Waits.
absl::StatusOr<std::vector<LmState>> RefitOverCells(const std::shared_ptr<CudaDevice>& device, const Cells& cells,
                                                    const Domain& domain, const ReplicateRequest& request,
                                                    const std::vector<std::int32_t>& indices, ThreadPool& pool,
                                                    const StopSignal& stop, std::int64_t max_weights = kMaxWeights);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BACKEND_CUDA_REFIT_OVER_CELLS_H_

#ifndef CTXFIT_KERNELS_CUDA_REFIT_BY_MOMENTS_H_
#define CTXFIT_KERNELS_CUDA_REFIT_BY_MOMENTS_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "kernels/cuda/device.h"
#include "kernels/cuda/moment_table.h"
#include "kernels/cuda/replicates.h"
#include "kernels/levenberg_marquardt.h"
#include "kernels/stop_signal.h"

namespace ctxfit {

// Refits replicates 0 to count - 1, at least one, from `start`, by moments: a launch takes as many of them as it
// holds from their first step to their last. Returns the state in which each ended. Waits.
absl::StatusOr<std::vector<ReplicateState>> RefitByMoments(const std::shared_ptr<CudaDevice>& device,
                                                           const MomentTable& moments, const ReplicateProblem& problem,
                                                           const Point& start, std::int32_t count,
                                                           const StopSignal& stop);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_CUDA_REFIT_BY_MOMENTS_H_

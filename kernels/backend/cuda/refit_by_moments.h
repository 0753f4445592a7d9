#ifndef CTXFIT_KERNELS_BACKEND_CUDA_REFIT_BY_MOMENTS_H_
#define CTXFIT_KERNELS_BACKEND_CUDA_REFIT_BY_MOMENTS_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "kernels/backend/cuda/device.h"
#include "kernels/backend/cuda/moment_table.h"
#include "kernels/backend/cuda/replicates.h"
#include "kernels/base/stop_signal.h"
#include "kernels/descent/levenberg_marquardt.h"
#include "kernels/law/coordinate.h"

namespace ctxfit {

// Refits replicates 0 to count - 1, at least one, from `start`, by moments: a launch takes as many of them as it
// holds from their first step to their last. Returns the state in which each ended. Waits.
absl::StatusOr<std::vector<LmState>> RefitByMoments(const std::shared_ptr<CudaDevice>& device,
                                                    const MomentTable& moments, const ReplicateProblem& problem,
                                                    const Point& start, std::int32_t count, const StopSignal& stop);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BACKEND_CUDA_REFIT_BY_MOMENTS_H_

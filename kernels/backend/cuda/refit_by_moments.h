#ifndef CTXFIT_KERNELS_BACKEND_CUDA_REFIT_BY_MOMENTS_H_
#define CTXFIT_KERNELS_BACKEND_CUDA_REFIT_BY_MOMENTS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "kernels/backend/cuda/device.h"
#include "kernels/backend/cuda/moment_table.h"
#include "kernels/backend/cuda/replicates.h"
#include "kernels/base/stop_signal.h"
#include "kernels/descent/levenberg_marquardt.h"
#include "kernels/law/coordinate.h"

namespace ctxfit {

// Replicates 0 to count - 1 of a task, at least one, to refit from `start`.
struct MomentRefit {
  MomentTable moments;
  ReplicateProblem problem;
  Point start;
  std::int32_t count;
};

// Returns the bytes of device memory that a refit takes, without the scratch that all share.
std::size_t BytesOf(const MomentRefit& refit);

// Refits the replicates of all tasks, at least one, by moments: a launch takes as many of them as it holds, whatever
// their tasks, from their first step to their last. Returns the states in which they ended, by task; they do not depend
// on the other tasks. Waits.
absl::StatusOr<std::vector<std::vector<LmState>>> RefitByMoments(const std::shared_ptr<CudaDevice>& device,
                                                                 absl::Span<const MomentRefit> refits,
                                                                 const StopSignal& stop);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BACKEND_CUDA_REFIT_BY_MOMENTS_H_

#ifndef CTXFIT_KERNELS_BACKEND_CUDA_MOMENT_REPLICATES_H_
#define CTXFIT_KERNELS_BACKEND_CUDA_MOMENT_REPLICATES_H_

#include <cuda_runtime_api.h>

#include <cstdint>

#include "absl/status/status.h"
#include "kernels/backend/cuda/moment_plan.h"
#include "kernels/backend/cuda/moment_table.h"
#include "kernels/backend/cuda/replicates.h"
#include "kernels/descent/levenberg_marquardt.h"

namespace ctxfit {

// Replicates in progress, in device memory.
struct MomentReplicatesView {
  LmState* states;           // by replicate
  double* scratch;           // plan.scratch_size doubles for each replicate of a launch
  std::int32_t* unfinished;  // number of unfinished replicates
};

// Enqueues at most `plan.max_steps` steps of each unfinished replicate in [first, first + count), count > 0. Does not
// wait.
absl::Status LaunchMomentReplicates(const MomentsView& moments, const ReplicateProblem& problem, const MomentPlan& plan,
                                    const MomentReplicatesView& replicates, std::int32_t first, std::int32_t count,
                                    cudaStream_t stream);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BACKEND_CUDA_MOMENT_REPLICATES_H_

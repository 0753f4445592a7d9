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

// Inputs that the replicates of one task share.
struct MomentTask {
  MomentsView moments;
  ReplicateProblem problem;
  MomentPlan plan;
};

// Replicates of several tasks in progress, in device memory, those of each task together.
struct MomentReplicatesView {
  const MomentTask* tasks;              // by task
  const std::int32_t* replicate_begin;  // by task: its first replicate; the first task's is 0, and none has none
  std::int32_t task_count;
  LmState* states;            // by replicate
  double* scratch;            // scratch_size doubles for each replicate of a launch
  std::int64_t scratch_size;  // the largest of the plans
  std::int64_t shared_size;   // the largest of the plans
  std::int32_t* unfinished;   // number of unfinished replicates
};

// Enqueues at most `plan.max_steps` steps of each unfinished replicate in [first, first + count), count > 0, whatever
// their tasks. Does not wait.
absl::Status LaunchMomentReplicates(const MomentReplicatesView& replicates, std::int32_t first, std::int32_t count,
                                    cudaStream_t stream);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BACKEND_CUDA_MOMENT_REPLICATES_H_

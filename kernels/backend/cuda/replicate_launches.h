#ifndef CTXFIT_KERNELS_BACKEND_CUDA_REPLICATE_LAUNCHES_H_
#define CTXFIT_KERNELS_BACKEND_CUDA_REPLICATE_LAUNCHES_H_

#include <cstdint>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "kernels/backend/cuda/device.h"
#include "kernels/backend/cuda/launch_size.h"
#include "kernels/base/stop_signal.h"

namespace ctxfit {

// Replicates that are refitted by one launch after another.
struct ReplicateLaunches {
  std::int32_t count;              // number of replicates
  const std::int32_t* unfinished;  // number of unfinished ones, in device memory
  LaunchSize size;
};

// Calls `launch`, which enqueues work for `count` replicates from `first` on, for all of them in turn, again and again
// until none is unfinished. Waits after every launch, and looks at `stop` before it.
absl::Status LaunchUntilFinished(const CudaDevice& device, ReplicateLaunches launches, const StopSignal& stop,
                                 absl::FunctionRef<absl::Status(std::int32_t first, std::int32_t count)> launch);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BACKEND_CUDA_REPLICATE_LAUNCHES_H_

#ifndef CTXFIT_KERNELS_BACKEND_CUDA_REFIT_H_
#define CTXFIT_KERNELS_BACKEND_CUDA_REFIT_H_

#include <memory>

#include "absl/status/statusor.h"
#include "kernels/backend/backend.h"
#include "kernels/backend/cuda/device.h"
#include "kernels/base/thread_pool.h"
#include "kernels/law/domain.h"

namespace ctxfit {

struct Cells;

// Refits all replicates of `request` on the device; see Backend::RefitReplicates. `cells` kept their units. What the
// host does for it runs on `pool`. Waits.
absl::StatusOr<ReplicateFits> RefitOnDevice(const std::shared_ptr<CudaDevice>& device, const Cells& cells,
                                            const Domain& domain, const ReplicateRequest& request, ThreadPool& pool,
                                            const StopSignal& stop);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BACKEND_CUDA_REFIT_H_

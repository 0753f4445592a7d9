#ifndef CTXFIT_KERNELS_BACKEND_CUDA_REFIT_H_
#define CTXFIT_KERNELS_BACKEND_CUDA_REFIT_H_

#include <memory>

#include "absl/status/statusor.h"
#include "kernels/backend/backend.h"
#include "kernels/backend/cuda/device.h"
#include "kernels/base/stop_signal.h"
#include "kernels/law/domain.h"
#include "kernels/objective/host_compute.h"

namespace ctxfit {

struct Cells;

// Refits all replicates of `request` on the device; see Backend::RefitReplicates. `cells` kept their units. Moments
// are gathered, and weights that kernels do not draw are drawn, on `host`. Waits.
absl::StatusOr<ReplicateFits> RefitOnDevice(const std::shared_ptr<CudaDevice>& device, const Cells& cells,
                                            const Domain& domain, const ReplicateRequest& request,
                                            const HostCompute& host, const StopSignal& stop);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BACKEND_CUDA_REFIT_H_

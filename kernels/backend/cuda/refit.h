#ifndef CTXFIT_KERNELS_BACKEND_CUDA_REFIT_H_
#define CTXFIT_KERNELS_BACKEND_CUDA_REFIT_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "kernels/backend/backend.h"
#include "kernels/backend/cuda/device.h"
#include "kernels/base/stop_signal.h"
#include "kernels/descent/replicate_fits.h"
#include "kernels/objective/host_compute.h"

namespace ctxfit {

// Most bytes of moments and states that a batch of tasks has, on the host and on the device: 2 GiB.
inline constexpr std::size_t kMaxBatchBytes = std::size_t{2} << 30;

// Refits the replicates of those of `tasks` that go by moments, as many tasks in a batch as the device's memory and
// `max_bytes` hold, at least one; see Backend::RefitTogether. Those that leave the range of the moments go on over
// cells. Moments are gathered on `host`. Waits.
absl::StatusOr<std::vector<std::optional<ReplicateFits>>> RefitTogetherOnDevice(
    const std::shared_ptr<CudaDevice>& device, absl::Span<const ReplicateTask> tasks, const HostCompute& host,
    const StopSignal& stop, std::size_t max_bytes = kMaxBatchBytes);

// Refits all replicates of `task` on the device; see Backend::RefitReplicates. Moments are gathered, and weights that
// kernels do not draw are drawn, on `host`. Waits.
absl::StatusOr<ReplicateFits> RefitOnDevice(const std::shared_ptr<CudaDevice>& device, const ReplicateTask& task,
                                            const HostCompute& host, const StopSignal& stop);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BACKEND_CUDA_REFIT_H_

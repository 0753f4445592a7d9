#ifndef CTXFIT_KERNELS_BACKEND_CPU_REPLICATES_H_
#define CTXFIT_KERNELS_BACKEND_CPU_REPLICATES_H_

#include "absl/status/statusor.h"
#include "kernels/backend/backend.h"
#include "kernels/base/stop_signal.h"
#include "kernels/law/domain.h"
#include "kernels/objective/host_compute.h"

namespace ctxfit {

struct Cells;

// Implements Backend::RefitReplicates() on the CPU. Every thread advances kReplicateLanes replicates concurrently, each
// by its own normal equations in double precision. A replicate's result depends neither on the others nor on the number
// of threads.
absl::StatusOr<ReplicateFits> RefitCpuReplicates(const HostCompute& host, const Cells& cells, const Domain& domain,
                                                 const ReplicateRequest& request, const StopSignal& stop);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BACKEND_CPU_REPLICATES_H_

#ifndef CTXFIT_KERNELS_BACKEND_CPU_REPLICATES_H_
#define CTXFIT_KERNELS_BACKEND_CPU_REPLICATES_H_

#include "absl/status/statusor.h"
#include "kernels/backend/backend.h"
#include "kernels/base/thread_pool.h"
#include "kernels/law/domain.h"
#include "kernels/objective/vector_kernels.h"

namespace ctxfit {

struct Cells;

// Backend::RefitReplicates on the CPU: kReplicateLanes replicates side by side per thread, each by its own normal
// equations in double precision. What a replicate finds depends on neither its
// neighbours nor the number of threads.
absl::StatusOr<ReplicateFits> RefitCpuReplicates(const VectorKernels& kernels, ThreadPool& pool, const Cells& cells,
                                                 const Domain& domain, const ReplicateRequest& request,
                                                 const StopSignal& stop);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BACKEND_CPU_REPLICATES_H_

#ifndef CTXFIT_KERNELS_FIT_GLOBAL_REPLICATES_H_
#define CTXFIT_KERNELS_FIT_GLOBAL_REPLICATES_H_

#include "absl/status/status.h"
#include "kernels/backend/backend.h"
#include "kernels/base/stop_signal.h"
#include "kernels/law/domain.h"

namespace ctxfit {

struct FitOptions;
struct Cells;

// Counts of replicates that were fitted from scratch, by comparison with their local refits; see ctxfit.v1.Bootstrap.
struct GlobalReplicates {
  int count = 0;           // fitted from scratch
  int agreeing_count = 0;  // at the cost of the local refit
  int better_count = 0;    // at a lower cost
};

// Fits the first options.bootstrap.global_replicates of `fits`, which are local refits to `cells` by `request`, by a
// full search and refinement each. A fit of lower cost replaces the local refit. Errors: those of `stop` and of the
// backend.
absl::StatusOr<GlobalReplicates> RefitGlobally(Backend& backend, const Cells& cells, const Domain& domain,
                                               const FitOptions& options, const ReplicateRequest& request,
                                               const StopSignal& stop, ReplicateFits& fits);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_FIT_GLOBAL_REPLICATES_H_

#ifndef CTXFIT_KERNELS_FIT_GLOBAL_REPLICATES_H_
#define CTXFIT_KERNELS_FIT_GLOBAL_REPLICATES_H_

#include "absl/status/status.h"
#include "kernels/backend/backend.h"
#include "kernels/base/stop_signal.h"
#include "kernels/law/domain.h"

namespace ctxfit {

struct FitOptions;
struct Cells;

// How replicates that were searched for anew compare with their local refits; see ctxfit.v1.Bootstrap.
struct GlobalReplicates {
  int count = 0;
  int agreeing_count = 0;
  int better_count = 0;
};

// Refits the first options.bootstrap.global_replicates of `fits`, local refits to `cells` by `request`, by a full
// search and refinement each. Where that finds a lower cost, it replaces the local refit. Errors: those of `stop` and
// of the backend.
absl::StatusOr<GlobalReplicates> RefitGlobally(Backend& backend, const Cells& cells, const Domain& domain,
                                               const FitOptions& options, const ReplicateRequest& request,
                                               const StopSignal& stop, ReplicateFits& fits);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_FIT_GLOBAL_REPLICATES_H_

#ifndef CTXFIT_KERNELS_FIT_TASK_REPLICATES_H_
#define CTXFIT_KERNELS_FIT_TASK_REPLICATES_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "kernels/descent/replicate_fits.h"
#include "kernels/law/domain.h"

namespace ctxfit {

class Backend;
class StopSignal;
struct Cells;
struct Diagnostics;
struct FitOptions;
struct GlobalReplicates;
struct Observations;
struct TaskFit;

// The domain of the replicates: the coordinates that stand for the directions left flat by the observations are held.
Domain IdentifiedDomain(const Domain& domain, const Diagnostics& diagnostics);

// The reason why replicates of `fitted_count` fitted parameters would give no intervals; "" where they do. No more
// effective units than parameters cannot show the spread of these: their refits pass through the data whatever the
// weights. Two keys need two units each.
std::string NoIntervalReason(const Observations& observations, const FitOptions& options, int fitted_count);

// NoIntervalReason(), whether or not replicates were asked for: it holds for the sandwich and for profiles, too.
std::string FewUnitsReason(const Observations& observations, int fitted_count);

// Refits the replicates of `fit` from its point estimate over cells that kept their units, and as many of them as the
// options ask for by a search of their own, of which `global` tells. Errors: those of `stop` and of the backend.
absl::StatusOr<ReplicateFits> RefitOver(Backend& backend, const Cells& cells, const FitOptions& options,
                                        const TaskFit& fit, const StopSignal& stop, GlobalReplicates& global);

// Sets the replicates of `fit`, whose point estimate is diagnosed, and the report of the bootstrap: the replicates, or
// the reason why there are none. Errors: those of `stop` and of the backend.
absl::Status ResampleTask(Backend& backend, const Observations& observations, const Cells& cells,
                          const FitOptions& options, const StopSignal& stop, TaskFit& fit);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_FIT_TASK_REPLICATES_H_

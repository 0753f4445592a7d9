#ifndef CTXFIT_KERNELS_FIT_FIT_H_
#define CTXFIT_KERNELS_FIT_FIT_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "kernels/backend/backend.h"
#include "kernels/base/stop_signal.h"
#include "kernels/data/observations.h"
#include "kernels/fit/fit_progress.h"
#include "kernels/fit/task_fit.h"
#include "kernels/fit/trace_sink.h"

namespace ctxfit {

struct FitOptions;

// Fits one law per task: validated columns -> collapsed cells -> search -> refine -> resample -> intervals. Tasks are
// fitted concurrently where that keeps more of the backend busy; the fit of one does not depend on the others. `trace`
// takes the steps of every fit (fit_trace.h); empty, there is no trace and it costs nothing.
//
// Errors: those of Validate(options), of `stop` and of the backend. Not converging is no error: the result says so.
absl::StatusOr<std::vector<TaskFit>> FitTasks(Backend& backend, absl::Span<const Observations> tasks,
                                              const FitOptions& options, const StopSignal& stop,
                                              const FitObserver& observer, const TraceSink& trace = {});

// Fits the law of one task, without progress or trace. Errors: those of FitTasks().
absl::StatusOr<TaskFit> FitTask(Backend& backend, const Observations& observations, const FitOptions& options,
                                const StopSignal& stop);

// Refits the bootstrap replicates of `fit`, which was fitted to `observations`. Unit numbers may differ from those used
// for the fit: weights are drawn by the numbers in `observations`. Errors: those of `stop` and of the backend.
absl::StatusOr<ReplicateFits> RefitReplicates(Backend& backend, const Observations& observations,
                                              const FitOptions& options, const TaskFit& fit, const StopSignal& stop);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_FIT_FIT_H_

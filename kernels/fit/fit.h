#ifndef CTXFIT_KERNELS_FIT_FIT_H_
#define CTXFIT_KERNELS_FIT_FIT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "kernels/backend/backend.h"
#include "kernels/base/stop_signal.h"
#include "kernels/data/observations.h"
#include "kernels/descent/refine.h"
#include "kernels/fit/fit_progress.h"
#include "kernels/fit/global_replicates.h"
#include "kernels/fit/trace_sink.h"
#include "kernels/law/fitted_law.h"
#include "kernels/predict/predictions.h"
#include "kernels/search/search_result.h"
#include "kernels/statistics/errors/determining_units.h"
#include "kernels/statistics/estimates.h"
#include "kernels/statistics/goodness.h"
#include "kernels/statistics/identification/diagnostics.h"
#include "kernels/statistics/intervals/effective_units.h"
#include "kernels/statistics/misfit/drift_test.h"

namespace ctxfit {

struct FitOptions;

// The course of the resampling; see ctxfit.v1.Bootstrap.
struct BootstrapReport {
  bool clustered = false;
  std::int64_t unit_count = 0;
  std::int64_t unit_2_count = 0;   // 0 unless resampling is two-way
  std::int64_t stratum_count = 0;  // 0 unless resampling is stratified
  EffectiveUnits units;            // effective units that the replicates resample
  CoordinateUnits determining_units = {};
  int converged_count = 0;
  int max_iteration_count = 0;
  GlobalReplicates global;
  // Reason why no replicates could show the spread of the parameters, such as too few units; "" where they could.
  std::string no_spread_reason;
  std::string no_interval_reason;  // why there are no replicates; "" where there are
  absl::Duration duration;
};

// The law fitted to one task.
struct TaskFit {
  std::string task;
  Law law;
  double dispersion = 0;  // DispersionOf()
  std::vector<Estimate> estimates;
  Goodness goodness;
  Diagnostics diagnostics;
  SearchResult search;
  Refinement refinement;
  BootstrapReport bootstrap;
  ReplicateFits replicates;
  ObservedRanges observed;
  std::optional<DriftTest> drift;      // none where it cannot be tested
  std::optional<Influence> influence;  // set if intervals are bias-corrected and accelerated
};

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

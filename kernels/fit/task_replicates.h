#ifndef CTXFIT_KERNELS_FIT_TASK_REPLICATES_H_
#define CTXFIT_KERNELS_FIT_TASK_REPLICATES_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "kernels/backend/backend.h"
#include "kernels/descent/replicate_fits.h"
#include "kernels/law/domain.h"

namespace ctxfit {

class StopSignal;
struct Cells;
struct Diagnostics;
struct EffectiveUnits;
struct FitOptions;
struct GlobalReplicates;
struct InformativeUnits;
struct Observations;
struct Penalty;
struct TaskFit;

// The domain of the replicates: the coordinates that stand for the directions left flat by the observations are held.
Domain IdentifiedDomain(const Domain& domain, const Diagnostics& diagnostics);

// Returns the reason why the units show no spread of the `fitted_count` parameters, "" where they do: fewer than two
// units of a key are informative, or no more units, `units` in effect, than parameters, so that refits pass through the
// data whatever the weights. With two keys the pairs of units have to be more. It holds for replicates, the sandwich
// and profiles. `informative` are FindInformativeUnits(), `units` FindEffectiveUnits().
std::string FewUnitsReason(const Observations& observations, const std::vector<InformativeUnits>& informative,
                           const EffectiveUnits& units, int fitted_count);

// The replicates of a fit, and the domain in which they are refitted.
struct PlannedReplicates {
  Domain domain;
  ReplicateRequest request;
};

// Returns the replicates of `fit`, whose point estimate is diagnosed, to refit over cells that kept their units.
PlannedReplicates PlanReplicates(const Cells& cells, const FitOptions& options, const TaskFit& fit);

// Replicates that were refitted beside those of other tasks.
struct RefittedTogether {
  ReplicateFits replicates;
  absl::Duration duration;  // of all of them
};

// The reason why a fit over `domain` that asks for `replicates`, and whose point estimate is diagnosed, has none; ""
// where it has. `no_spread_reason` is BootstrapReport::no_spread_reason.
std::string NoIntervalReason(int replicates, const Domain& domain, const std::string& no_spread_reason,
                             const Diagnostics& diagnostics);

// Marks as not identified each coordinate whose estimate and more than half of whose replicates lie on a chosen bound.
// Skips bounds of the law itself and those at which a factor is 1 anyway: there the data decide.
void MarkBoundByReplicates(const Domain& domain, const std::vector<Point>& replicates, const Penalty& scale,
                           Diagnostics& diagnostics);

// Sets BootstrapReport::units of `fit`, whose diagnostics say how many parameters are fitted to them.
// `effective_units` are counted with all parameters that are fitted.
void CountResampledUnits(const Domain& domain, const EffectiveUnits& effective_units, TaskFit& fit);

// Reports what the bootstrap of `fit`, whose point estimate is diagnosed, resamples, but for its effective units, and
// the reason why there are no replicates, NoIntervalReason().
void ReportResampling(const Observations& observations, const FitOptions& options, const std::string& no_spread_reason,
                      TaskFit& fit);

// Refits planned replicates over cells that kept their units, unless `together` holds them, and the first
// options.bootstrap.global_replicates by a search of their own, which `global` reports. Errors: those of `stop` and of
// the backend.
absl::StatusOr<ReplicateFits> RefitOver(Backend& backend, const Cells& cells, const FitOptions& options,
                                        const PlannedReplicates& planned, std::optional<ReplicateFits> together,
                                        const StopSignal& stop, GlobalReplicates& global);

// Sets and reports the replicates of `fit` that were planned, as RefitOver() refits them. Errors: those of `stop` and
// of the backend.
absl::Status ResampleTask(Backend& backend, const Cells& cells, const FitOptions& options,
                          const PlannedReplicates& planned, std::optional<RefittedTogether> together,
                          const StopSignal& stop, TaskFit& fit);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_FIT_TASK_REPLICATES_H_

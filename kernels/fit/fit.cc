#include "kernels/fit/fit.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "kernels/base/catch_exceptions.h"
#include "kernels/base/status_macros.h"
#include "kernels/data/cells.h"
#include "kernels/fit/concurrent_tasks.h"
#include "kernels/fit/global_replicates.h"
#include "kernels/fit/options.h"
#include "kernels/fit/task_fitter.h"
#include "kernels/fit/task_options.h"
#include "kernels/fit/task_replicates.h"
#include "kernels/law/domain.h"
#include "kernels/search/evolution.h"

namespace ctxfit {
namespace {

// Fits each task by itself, those of similar size concurrently.
absl::StatusOr<std::vector<TaskFit>> FitApart(Backend& backend, absl::Span<const Observations> tasks,
                                              const FitOptions& options, const StopSignal& stop, ProgressSum& progress,
                                              const TraceSink& trace) {
  return FitConcurrently<TaskFit>(
      backend, tasks, stop, [&](Backend& share, const Observations& observations) -> absl::StatusOr<TaskFit> {
        TaskFitter fitter(observations, options, stop, progress, trace);
        CTXFIT_RETURN_IF_ERROR(fitter.Prepare(share));
        CTXFIT_ASSIGN_OR_RETURN(const std::vector<EvolutionEnd> ends, Evolve(share, {fitter.evolution()}, stop));
        CTXFIT_RETURN_IF_ERROR(fitter.Settle(share, ends.front()));
        return fitter.Finish(share, std::nullopt);
      });
}

using Fitters = std::vector<std::unique_ptr<TaskFitter>>;

// Refits the replicates of those tasks that `backend` refits faster together. Returns them by task, unset for others.
absl::StatusOr<std::vector<std::optional<RefittedTogether>>> RefitTogether(Backend& backend, const Fitters& fitters,
                                                                           const StopSignal& stop) {
  std::vector<std::optional<RefittedTogether>> refitted(fitters.size());
  std::vector<std::size_t> fitter_of;
  std::vector<ReplicateTask> tasks;
  for (std::size_t i = 0; i < fitters.size(); ++i) {
    const std::optional<ReplicateTask> task = fitters[i]->replicate_task();
    if (!task) continue;
    fitter_of.push_back(i);
    tasks.push_back(*task);
  }
  const absl::Time begin = absl::Now();
  CTXFIT_ASSIGN_OR_RETURN(std::vector<std::optional<ReplicateFits>> fits, backend.RefitTogether(tasks, stop));
  const absl::Duration duration = absl::Now() - begin;
  for (std::size_t i = 0; i < fits.size(); ++i) {
    if (fits[i]) refitted[fitter_of[i]] = {std::move(*fits[i]), duration};
  }
  return refitted;
}

// Fits the tasks in steps, of which two take them together: the evolution of their populations, and the refits of their
// replicates.
absl::StatusOr<std::vector<TaskFit>> FitTogether(Backend& backend, absl::Span<const Observations> tasks,
                                                 const FitOptions& options, const StopSignal& stop,
                                                 ProgressSum& progress, const TraceSink& trace) {
  using Fitter = std::unique_ptr<TaskFitter>;
  CTXFIT_ASSIGN_OR_RETURN(
      Fitters fitters,
      FitConcurrently<Fitter>(
          backend, tasks, stop, [&](Backend& share, const Observations& observations) -> absl::StatusOr<Fitter> {
            auto fitter = std::make_unique<TaskFitter>(observations, options, stop, progress, trace);
            CTXFIT_RETURN_IF_ERROR(fitter->Prepare(share));
            return fitter;
          }));
  std::vector<Evolution> evolutions;
  for (const Fitter& fitter : fitters) evolutions.push_back(fitter->evolution());
  CTXFIT_ASSIGN_OR_RETURN(const std::vector<EvolutionEnd> ends,
                          CatchExceptions([&] { return Evolve(backend, evolutions, stop); }));
  CTXFIT_RETURN_IF_ERROR(ForEachTask(backend, tasks, stop, [&](Backend& share, std::size_t task) {
    return fitters[task]->Settle(share, ends[task]);
  }));
  CTXFIT_ASSIGN_OR_RETURN(std::vector<std::optional<RefittedTogether>> refitted,
                          CatchExceptions([&] { return RefitTogether(backend, fitters, stop); }));
  return FitConcurrently<TaskFit>(backend, tasks, stop, [&](Backend& share, const Observations& observations) {
    const std::size_t task = &observations - tasks.data();
    // Ends with this call, because the cells of all tasks together take much memory.
    const Fitter fitter = std::move(fitters[task]);
    return fitter->Finish(share, std::move(refitted[task]));
  });
}

}  // namespace

absl::StatusOr<TaskFit> FitTask(Backend& backend, const Observations& observations, const FitOptions& options,
                                const StopSignal& stop) {
  CTXFIT_ASSIGN_OR_RETURN(std::vector<TaskFit> fits, FitTasks(backend, absl::MakeConstSpan(&observations, 1), options,
                                                              stop, [](const FitProgress&) {}));
  return std::move(fits.front());
}

absl::StatusOr<ReplicateFits> RefitReplicates(Backend& backend, const Observations& observations,
                                              const FitOptions& options, const TaskFit& fit, const StopSignal& stop) {
  const FitOptions chosen = OptionsFor(options, observations);
  const LawForm form = LawFormFor(MakeDomain(chosen), chosen.loss);
  const Cells cells = Collapse(observations, fit.law.references, chosen.penalty, Units::kKeep, form);
  GlobalReplicates global;
  return RefitOver(backend, cells, chosen, PlanReplicates(cells, chosen, fit), std::nullopt, stop, global);
}

absl::StatusOr<std::vector<TaskFit>> FitTasks(Backend& backend, absl::Span<const Observations> tasks,
                                              const FitOptions& options, const StopSignal& stop,
                                              const FitObserver& observer, const TraceSink& trace) {
  CTXFIT_RETURN_IF_ERROR(Validate(options));
  std::size_t rows = 0;
  for (const Observations& observations : tasks) rows += observations.size();
  ProgressSum sum(rows, observer);
  return backend.EvolvesTasksTogether() ? FitTogether(backend, tasks, options, stop, sum, trace)
                                        : FitApart(backend, tasks, options, stop, sum, trace);
}

}  // namespace ctxfit

#ifndef CTXFIT_KERNELS_FIT_TASK_FITTER_H_
#define CTXFIT_KERNELS_FIT_TASK_FITTER_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "kernels/backend/backend.h"
#include "kernels/base/stop_signal.h"
#include "kernels/data/cells.h"
#include "kernels/data/observations.h"
#include "kernels/fit/fit_progress.h"
#include "kernels/fit/fit_trace.h"
#include "kernels/fit/options.h"
#include "kernels/fit/task_fit.h"
#include "kernels/fit/task_replicates.h"
#include "kernels/fit/trace_sink.h"
#include "kernels/law/domain.h"
#include "kernels/objective/normal_equations.h"
#include "kernels/search/evolution.h"
#include "kernels/search/search.h"
#include "kernels/statistics/errors/few_units.h"
#include "kernels/statistics/errors/sandwich.h"
#include "kernels/statistics/identification/rival_laws.h"
#include "kernels/statistics/intervals/effective_units.h"
#include "kernels/statistics/misfit/misfit.h"
#include "kernels/statistics/profile.h"

namespace ctxfit {

// Fits one task step by step: Prepare(), then Evolve() over evolution(), beside other tasks or alone, Settle(), perhaps
// a refit of replicate_task() beside other tasks, then Finish(). Every step takes a backend, which may be another each
// time.
class TaskFitter {
 public:
  // `observations`, `stop`, `progress` and `sink` must outlive the fitter. An empty `sink` means no trace.
  TaskFitter(const Observations& observations, const FitOptions& options, const StopSignal& stop, ProgressSum& progress,
             const TraceSink& sink);

  // Collapses the rows and chooses what the search evaluates its population against. Errors: those of `stop` and of the
  // backend.
  absl::Status Prepare(Backend& backend);

  // The evolution to run, which refers to this fitter.
  Evolution evolution() const { return search_->evolution(); }

  // Descends from the end of the evolution to the optimum, and judges it. Errors: those of `stop` and of the backend.
  absl::Status Settle(Backend& backend, const EvolutionEnd& end);

  // The replicates to refit, which refer to this fitter; unset where there are none.
  std::optional<ReplicateTask> replicate_task() const;

  // Refits the replicates, unless `together` are they, and returns the fit with its estimates. May be called once.
  // Errors: those of `stop` and of the backend.
  absl::StatusOr<TaskFit> Finish(Backend& backend, std::optional<RefittedTogether> together);

 private:
  // The steps of a fit, in their order, each a part of the result in fit_.
  absl::Status CollapseRows(Backend& backend);
  absl::Status Descend(Backend& backend, const EvolutionEnd& end);
  absl::Status RefineStarts(Backend& backend);

  // Measures how well the law describes the observations, and examines what they determine.
  absl::Status Judge(Backend& backend);

  // Finds the rows that carry information, what they observe, and the units that have such rows.
  void CountUnits(const std::vector<double>& expected);

  // The number of distinct computes that tell the compute exponent: those of informative rows, or, where it is
  // identified, of all rows.
  int ComputeCount() const;

  // Tests whether the law lacks a term: a drift of the context exponent, or what residuals show.
  Misfit TestFit(const std::vector<double>& expected);

  // Examines what the observations determine, which fixes the domain of replicates.
  void Examine();

  BestLaw Best() const;

  absl::Status FindRivals(Backend& backend);

  // Profiles the identified coordinates. If refits end below the optimum, it was none: the fit goes on from there.
  absl::Status Profile(Backend& backend);

  absl::Status Resample(Backend& backend, std::optional<RefittedTogether> together);

  // Finds how far the units tell the spread of single numbers.
  void JudgeUnits();

  void Warn();
  void Estimate();

  Trace* CurrentTrace() { return trace_ ? &*trace_ : nullptr; }

  const Observations& observations_;
  const FitOptions options_;
  const StopSignal& stop_;
  TaskProgress progress_;
  const TraceSink& sink_;
  const Domain domain_;
  std::vector<bool> informative_;  // by combination of covariates
  int informative_unit_count_ = 0;
  EffectiveUnits effective_units_;  // with all free coordinates
  std::string no_spread_reason_;    // why nothing shows the spread of the parameters; "" if something does
  std::optional<FitTrace> trace_;
  Cells cells_;  // with units merged
  Cells units_;  // with units kept
  std::optional<GlobalSearch> search_;
  double variance_ = 0;
  NormalEquations curvature_{};
  Domain identified_domain_;
  std::optional<Sandwich> sandwich_;
  std::optional<FewUnits> few_units_;  // set where effective units are few
  Misfit misfit_;
  std::vector<Rival> rivals_;
  Profiles profiles_;
  std::optional<PlannedReplicates> planned_;  // unset: none
  TaskFit fit_;
};

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_FIT_TASK_FITTER_H_

#include "kernels/fit/fit.h"

#include <algorithm>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "absl/types/span.h"
#include "kernels/base/within_memory.h"
#include "kernels/data/cells.h"
#include "kernels/fit/concurrent_tasks.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/domain.h"
#include "kernels/law/loss_rule.h"
#include "kernels/law/options.h"
#include "kernels/law/resampling.h"
#include "kernels/objective/linearization.h"
#include "kernels/predict/predictions.h"
#include "kernels/statistics/intervals.h"
#include "kernels/statistics/profile.h"
#include "kernels/statistics/warnings.h"

namespace ctxfit {
namespace {

// What was observed: covariates are in the order of their prompt lengths.
ObservedRanges ObservedRangesOf(const Observations& observations) {
  const std::vector<double>& computes = observations.levels.compute;
  const std::vector<Covariates>& covariates = observations.covariates;
  return {{computes.front(), computes.back()}, {covariates.front().prompt, covariates.back().prompt}};
}

// The domain in which replicates move: not along the directions that the observations leave flat.
Domain IdentifiedDomain(const Domain& domain, const Diagnostics& diagnostics) {
  Domain free_set = domain;
  for (int i = 0; i < kCoordinateCount; ++i) free_set.free[i] = domain.free[i] && !diagnostics.held[i];
  return free_set;
}

// The parameters that were fitted and that the observations determine.
int IdentifiedCount(const Domain& domain, const Diagnostics& diagnostics) {
  int count = 0;
  for (int i = 0; i < kCoordinateCount; ++i) count += domain.free[i] && diagnostics.identified[i];
  return count;
}

// Refits the replicates of a fit from its point estimate over cells that kept their units, and searches anew for as
// many of them as are asked for.
absl::StatusOr<ReplicateFits> RefitOver(Backend& backend, const Cells& cells, const FitOptions& options,
                                        const TaskFit& fit, const StopSignal& stop, GlobalReplicates& global) {
  const Domain domain = MakeDomain(options);
  const Domain free_set = IdentifiedDomain(domain, fit.diagnostics);
  ReplicateRequest request;
  request.start = fit.law.point;
  request.replicates = options.bootstrap.replicates;
  request.weights = {options.seed, options.bootstrap.weights};
  request.rule.variance = ResidualVariance(cells, fit.refinement.final_cost, domain.free_count());
  absl::StatusOr<ReplicateFits> replicates = backend.RefitReplicates(cells, free_set, request, stop);
  if (!replicates.ok() || options.bootstrap.global_replicates == 0) return replicates;
  const absl::StatusOr<GlobalReplicates> searched =
      RefitGlobally(backend, cells, free_set, options, request, stop, *replicates);
  if (!searched.ok()) return searched.status();
  global = *searched;
  return replicates;
}

absl::Status ResampleTask(Backend& backend, const Observations& observations, const Cells& cells,
                          const FitOptions& options, const StopSignal& stop, TaskFit& fit) {
  fit.bootstrap.clustered = observations.clustered;
  fit.bootstrap.unit_count = observations.unit_count;
  fit.bootstrap.unit_2_count = observations.unit_2_count;
  if (!observations.stratum_begin.empty()) {
    fit.bootstrap.stratum_count = static_cast<std::int64_t>(observations.stratum_begin.size()) - 1;
  }
  if (options.bootstrap.replicates == 0) return absl::OkStatus();
  const absl::Time begin = absl::Now();
  absl::StatusOr<ReplicateFits> replicates = RefitOver(backend, cells, options, fit, stop, fit.bootstrap.global);
  if (!replicates.ok()) return replicates.status();
  fit.replicates = *std::move(replicates);
  fit.bootstrap.converged_count =
      static_cast<int>(std::count(fit.replicates.converged.begin(), fit.replicates.converged.end(), true));
  fit.bootstrap.max_iteration_count = fit.replicates.max_iteration_count;
  fit.bootstrap.duration = absl::Now() - begin;
  return absl::OkStatus();
}

void WarnOfReplicates(const FitOptions& options, TaskFit& fit) {
  const GlobalReplicates& global = fit.bootstrap.global;
  if (global.better_count > 0) {
    fit.diagnostics.warnings.push_back(absl::StrFormat(
        "%d of %d replicates that were searched for anew ended at a lower cost than refits from the point estimate, "
        "which understate the spread: search for all of them anew",
        global.better_count, global.count));
  }
  const int failed = options.bootstrap.replicates - fit.bootstrap.converged_count;
  if (failed == 0) return;
  fit.diagnostics.warnings.push_back(absl::StrFormat(
      "%d of %d bootstrap replicates did not converge; they are in the intervals at the best point they "
      "reached",
      failed, options.bootstrap.replicates));
}

// The fit of one task, step by step. `options` are those for the task.
class TaskFitter {
 public:
  TaskFitter(Backend& backend, const Observations& observations, const FitOptions& options, const StopSignal& stop,
             TaskProgress& progress)
      : backend_(backend),
        observations_(observations),
        options_(options),
        stop_(stop),
        progress_(progress),
        domain_(MakeDomain(options)) {}

  absl::StatusOr<TaskFit> Fit() {
    if (!backend_.Supports(options_)) {
      return absl::FailedPreconditionError(absl::StrCat(
          "losses other than the squared one, fitting a penalty's width or onset, a floor or a ceiling, two-way and "
          "stratified resampling, and weights that are not exponential need the cpu backend, not ",
          backend_.Name()));
    }
    CollapseRows();
    if (absl::Status status = Search(); !status.ok()) return status;
    if (absl::Status status = RefineStarts(); !status.ok()) return status;
    Judge();
    if (absl::Status status = Resample(); !status.ok()) return status;
    if (absl::Status status = Estimate(); !status.ok()) return status;
    return std::move(fit_);
  }

 private:
  void CollapseRows() {
    progress_.BeginPhase(FitPhase::kCollapse);
    fit_.task = observations_.task;
    fit_.observed = ObservedRangesOf(observations_);
    fit_.law.references = ChooseReferences(observations_, options_);
    fit_.law.penalty = options_.penalty;
    const LawForm form = LawFormFor(domain_, options_.loss);
    const auto collapse = [&](Units units) {
      return Collapse(observations_, fit_.law.references, options_.penalty, units, form);
    };
    backend_.Threads().RunAll({[&] { cells_ = collapse(Units::kMerge); }, [&] { units_ = collapse(Units::kKeep); }});
  }

  absl::Status Search() {
    progress_.BeginPhase(FitPhase::kSearch);
    absl::StatusOr<SearchResult> search =
        SearchGlobally(backend_, cells_, domain_, options_, stop_, [&](int generation, double best_cost) {
          progress_.ReportGeneration(generation, best_cost, options_.search.max_generations);
        });
    if (!search.ok()) return search.status();
    fit_.search = *std::move(search);
    return absl::OkStatus();
  }

  absl::Status RefineStarts() {
    progress_.BeginPhase(FitPhase::kRefine);
    absl::StatusOr<Refinement> refinement = Refine(cells_, domain_, fit_.search.starts, backend_.Host(), stop_);
    if (!refinement.ok()) return refinement.status();
    fit_.refinement = *std::move(refinement);
    fit_.law.point = fit_.refinement.point;
    return absl::OkStatus();
  }

  // How well the law describes the observations, what they determine of it, and what to be warned of.
  void Judge() {
    variance_ = ResidualVariance(cells_, fit_.refinement.final_cost, domain_.free_count());
    // That of a descent is the cost's own but for Huber's loss.
    curvature_ = options_.loss.loss == Loss::kHuber ? Linearize(cells_, fit_.law.point, Curvature::kFisher)
                                                    : fit_.refinement.equations;
    const std::vector<double> expected = ExpectedScores(observations_, fit_.law, backend_.Threads());
    VarianceComponents components;
    ResidualsOfInterest residuals;
    backend_.Threads().RunAll({
        [&] { Examine(); },
        [&] { components = EstimateVarianceComponents(observations_, expected, domain_.free_count()); },
        [&] {
          fit_.goodness = MeasureGoodness(observations_, expected, domain_.free_count(), options_.loss.loss,
                                          fit_.refinement.final_cost);
        },
        [&] { residuals = SumResiduals(observations_, expected); },
    });
    fit_.goodness.variance = components;
    fit_.diagnostics.warnings =
        FindWarnings({observations_, cells_, fit_.law, residuals, fit_.goodness, fit_.diagnostics, fit_.refinement});
  }

  void Examine() {
    fit_.diagnostics =
        ExamineIdentification(cells_, fit_.refinement.equations, domain_, fit_.law.point, variance_, options_.penalty);
    movable_ = IdentifiedDomain(domain_, fit_.diagnostics);
    sandwich_ = ClusterSandwich(units_, curvature_, movable_.free, fit_.law.point);
  }

  absl::Status Resample() {
    progress_.BeginPhase(FitPhase::kResample);
    absl::Status status = ResampleTask(backend_, observations_, units_, options_, stop_, fit_);
    if (status.ok()) WarnOfReplicates(options_, fit_);
    return status;
  }

  absl::Status Estimate() {
    if (options_.bootstrap.interval == IntervalKind::kBca) {
      fit_.influence = MeasureInfluence(units_, curvature_, movable_.free, fit_.law.point);
    }
    const BootstrapReport& bootstrap = fit_.bootstrap;
    fit_.estimates =
        MakeEstimates(fit_.law, domain_, fit_.diagnostics,
                      {fit_.replicates.points, options_.bootstrap.confidence,
                       NoIntervalReason(observations_, options_, domain_.free_count()), sandwich_,
                       FindEffectiveUnits(bootstrap.unit_count, bootstrap.unit_2_count, bootstrap.stratum_count,
                                          IdentifiedCount(domain_, fit_.diagnostics)),
                       fit_.influence});
    if (!options_.profile) return absl::OkStatus();
    return AddProfileIntervals(
        {cells_, movable_, fit_.law, variance_, options_.bootstrap.confidence, sandwich_, backend_.Host().kernels},
        stop_, fit_.estimates);
  }

  Backend& backend_;
  const Observations& observations_;
  const FitOptions& options_;
  const StopSignal& stop_;
  TaskProgress& progress_;
  const Domain domain_;
  Cells cells_;  // whose units are merged
  Cells units_;  // the same, with units kept
  double variance_ = 0;
  NormalEquations curvature_{};
  Domain movable_;
  std::optional<Sandwich> sandwich_;
  TaskFit fit_;
};

}  // namespace

std::string NoIntervalReason(const Observations& observations, const FitOptions& options, int fitted_count) {
  if (options.bootstrap.replicates == 0) return "no replicates were asked for";
  if (observations.unit_count < 2) {
    return absl::StrCat("one ", observations.clustered ? "cluster" : "record", " only: there is nothing to resample");
  }
  if (observations.unit_count <= fitted_count) {
    return absl::StrFormat("%d %s cannot show the spread of %d fitted parameters", observations.unit_count,
                           observations.clustered ? "clusters" : "records", fitted_count);
  }
  return "";
}

absl::StatusOr<TaskFit> FitTask(Backend& backend, const Observations& observations, const FitOptions& options,
                                const StopSignal& stop) {
  absl::StatusOr<std::vector<TaskFit>> fits =
      FitTasks(backend, absl::MakeConstSpan(&observations, 1), options, stop, [](const FitProgress&) {});
  if (!fits.ok()) return fits.status();
  return std::move(fits->front());
}

absl::StatusOr<ReplicateFits> RefitReplicates(Backend& backend, const Observations& observations,
                                              const FitOptions& options, const TaskFit& fit, const StopSignal& stop) {
  const FitOptions chosen = OptionsForTask(options, observations.task);
  const LawForm form = LawFormFor(MakeDomain(chosen), chosen.loss);
  const Cells cells = Collapse(observations, fit.law.references, chosen.penalty, Units::kKeep, form);
  GlobalReplicates global;
  return RefitOver(backend, cells, chosen, fit, stop, global);
}

absl::StatusOr<std::vector<TaskFit>> FitTasks(Backend& backend, absl::Span<const Observations> tasks,
                                              const FitOptions& options, const StopSignal& stop,
                                              const FitObserver& observer) {
  if (absl::Status status = Validate(options); !status.ok()) return status;
  std::size_t rows = 0;
  for (const Observations& observations : tasks) rows += observations.size();
  ProgressSum sum(rows, observer);
  return FitConcurrently<TaskFit>(backend, tasks, stop, [&](Backend& share, const Observations& observations) {
    TaskProgress progress(observations, sum);
    const FitOptions for_task = OptionsForTask(options, observations.task);
    absl::StatusOr<TaskFit> fit = TaskFitter(share, observations, for_task, stop, progress).Fit();
    progress.End();
    return fit;
  });
}

}  // namespace ctxfit

#include "kernels/fit.h"

#include <algorithm>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "absl/types/span.h"
#include "kernels/cpu/thread_pool.h"
#include "kernels/intervals.h"
#include "kernels/linearization.h"
#include "kernels/profile.h"
#include "kernels/side_by_side.h"
#include "kernels/warnings.h"
#include "kernels/within_memory.h"

namespace ctxfit {
namespace {

// What was observed: covariates are in the order of their prompt lengths.
Coverage CoverageOf(const Observations& observations) {
  const std::vector<double>& computes = observations.levels.compute;
  const std::vector<Covariates>& covariates = observations.covariates;
  return {{computes.front(), computes.back()}, {covariates.front().prompt, covariates.back().prompt}};
}

// The domain in which replicates move: not along the directions that the observations leave flat.
Domain MovableDomain(const Domain& domain, const Diagnostics& diagnostics) {
  Domain movable = domain;
  for (int i = 0; i < kCoordinateCount; ++i) movable.free[i] = domain.free[i] && !diagnostics.held[i];
  return movable;
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
  const Domain movable = MovableDomain(domain, fit.diagnostics);
  ReplicateRequest request;
  request.start = fit.law.point;
  request.replicates = options.bootstrap.replicates;
  request.seed = options.seed;
  request.rule.variance = ResidualVariance(cells, fit.refinement.final_cost, domain.free_count());
  request.weights = options.bootstrap.weights;
  absl::StatusOr<ReplicateFits> replicates = backend.RefitReplicates(cells, movable, request, stop);
  if (!replicates.ok() || options.bootstrap.global_replicates == 0) return replicates;
  const absl::StatusOr<GlobalReplicates> searched =
      RefitGlobally(backend, cells, movable, options, request, stop, *replicates);
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

// `options` are those for the task.
absl::StatusOr<TaskFit> FitTask(Backend& backend, const Observations& observations, const FitOptions& options,
                                const StopSignal& stop, TaskProgress& progress) {
  TaskFit fit;
  fit.task = observations.task;
  fit.coverage = CoverageOf(observations);
  const Domain domain = MakeDomain(options);
  if (!backend.Supports(options)) {
    return absl::FailedPreconditionError(absl::StrCat(
        "losses other than the squared one, fitting a penalty's width or onset, a floor or a ceiling, two-way and "
        "stratified resampling, and weights that are not exponential need the cpu backend, not ",
        backend.Name()));
  }

  progress.BeginPhase(FitPhase::kCollapse);
  const LawForm form = FormOf(domain, options.loss);
  fit.law.references = ChooseReferences(observations, options);
  fit.law.penalty = options.penalty;
  ThreadPool& pool = backend.Threads();
  Cells cells;
  Cells units;
  pool.RunAll({
      [&] { cells = Collapse(observations, fit.law.references, options.penalty, Units::kMerge, form); },
      [&] { units = Collapse(observations, fit.law.references, options.penalty, Units::kKeep, form); },
  });

  progress.BeginPhase(FitPhase::kSearch);
  absl::StatusOr<SearchResult> search =
      SearchGlobally(backend, cells, domain, options, stop, [&](int generation, double best_cost) {
        progress.ReportGeneration(generation, best_cost, options.search.max_generations);
      });
  if (!search.ok()) return search.status();
  fit.search = *std::move(search);

  progress.BeginPhase(FitPhase::kRefine);
  absl::StatusOr<Refinement> refinement = Refine(cells, domain, fit.search.starts, pool, stop);
  if (!refinement.ok()) return refinement.status();
  fit.refinement = *std::move(refinement);
  fit.law.point = fit.refinement.point;

  const double variance = ResidualVariance(cells, fit.refinement.final_cost, domain.free_count());
  // That of a descent is the cost's own but for Huber's loss.
  const NormalEquations curvature = options.loss.loss == Loss::kHuber
                                        ? Linearize(cells, fit.law.point, Curvature::kObserved)
                                        : fit.refinement.equations;
  const std::vector<double> expected = ExpectedScores(observations, fit.law, pool);
  VarianceComponents components;
  ResidualsOfInterest residuals;
  Domain movable;
  std::optional<Sandwich> sandwich;
  pool.RunAll({
      [&] {
        fit.goodness =
            MeasureGoodness(observations, expected, domain.free_count(), options.loss.loss, fit.refinement.final_cost);
      },
      [&] {
        fit.diagnostics =
            ExamineIdentification(cells, fit.refinement.equations, domain, fit.law.point, variance, options.penalty);
        movable = MovableDomain(domain, fit.diagnostics);
        sandwich = ClusterSandwich(units, curvature, movable.free, fit.law.point);
      },
      [&] { components = EstimateVarianceComponents(observations, expected, domain.free_count()); },
      [&] { residuals = SumResiduals(observations, expected); },
  });
  fit.goodness.variance = components;
  fit.diagnostics.warnings =
      FindWarnings({observations, cells, fit.law, residuals, fit.goodness, fit.diagnostics, fit.refinement});

  progress.BeginPhase(FitPhase::kResample);
  absl::Status status = ResampleTask(backend, observations, units, options, stop, fit);
  if (!status.ok()) return status;
  WarnOfReplicates(options, fit);
  if (options.bootstrap.interval == IntervalKind::kBca) {
    fit.influence = MeasureInfluence(units, curvature, movable.free, fit.law.point);
  }
  fit.estimates =
      MakeEstimates(fit.law, domain, fit.diagnostics,
                    {fit.replicates.points, options.bootstrap.confidence,
                     NoIntervalReason(observations, options, domain.free_count()), sandwich,
                     FindDecidingUnits(fit.bootstrap.unit_count, fit.bootstrap.unit_2_count,
                                       fit.bootstrap.stratum_count, IdentifiedCount(domain, fit.diagnostics)),
                     fit.influence});
  if (!options.profile) return fit;
  status = AddProfileIntervals({cells, movable, fit.law, variance, options.bootstrap.confidence, sandwich}, stop,
                               fit.estimates);
  if (!status.ok()) return status;
  return fit;
}

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
  const FitOptions chosen = OptionsOf(options, observations.task);
  const LawForm form = FormOf(MakeDomain(chosen), chosen.loss);
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
  return FitSideBySide<TaskFit>(backend, tasks, stop, [&](Backend& share, const Observations& observations) {
    TaskProgress progress(observations, sum);
    absl::StatusOr<TaskFit> fit = FitTask(share, observations, OptionsOf(options, observations.task), stop, progress);
    progress.End();
    return fit;
  });
}

}  // namespace ctxfit

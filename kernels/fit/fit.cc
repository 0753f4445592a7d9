#include "kernels/fit/fit.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "absl/types/span.h"
#include "kernels/base/catch_exceptions.h"
#include "kernels/base/status_macros.h"
#include "kernels/data/cells.h"
#include "kernels/fit/concurrent_tasks.h"
#include "kernels/fit/fit_trace.h"
#include "kernels/fit/observed_ranges.h"
#include "kernels/fit/replicate_warnings.h"
#include "kernels/fit/task_options.h"
#include "kernels/fit/task_replicates.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/domain.h"
#include "kernels/law/loss_rule.h"
#include "kernels/law/options.h"
#include "kernels/objective/linearization.h"
#include "kernels/predict/predictions.h"
#include "kernels/search/search.h"
#include "kernels/statistics/added_terms.h"
#include "kernels/statistics/dispersion.h"
#include "kernels/statistics/effective_units.h"
#include "kernels/statistics/informative.h"
#include "kernels/statistics/misfit.h"
#include "kernels/statistics/profile.h"
#include "kernels/statistics/rival_laws.h"
#include "kernels/statistics/separation.h"
#include "kernels/statistics/warnings.h"

namespace ctxfit {
namespace {

// Each round of profiles after the first starts from a lower cost. There is rarely a second one.
constexpr int kMaxProfileRounds = 5;

// Fits one task step by step: Prepare(), then Evolve() over evolution(), beside other tasks or alone, then Finish(). An
// empty `sink` means no trace.
class TaskFitter {
 public:
  TaskFitter(const Observations& observations, const FitOptions& options, const StopSignal& stop, ProgressSum& progress,
             const TraceSink& sink)
      : observations_(observations),
        options_(OptionsFor(options, observations)),
        stop_(stop),
        progress_(observations, progress),
        sink_(sink),
        domain_(MakeDomain(options_)) {}

  absl::Status Prepare(Backend& backend) {
    CTXFIT_RETURN_IF_ERROR(CollapseRows(backend));
    progress_.BeginPhase(FitPhase::kSearch);
    const auto report = [this](int generation, double best_cost) {
      progress_.ReportGeneration(generation, best_cost, options_.search.max_generations);
    };
    search_.emplace(backend, cells_, domain_, options_, report, CurrentTrace());
    return absl::OkStatus();
  }

  Evolution evolution() const { return search_->evolution(); }

  absl::StatusOr<TaskFit> Finish(Backend& backend, const EvolutionEnd& end) {
    CTXFIT_RETURN_IF_ERROR(Descend(backend, end));
    CTXFIT_RETURN_IF_ERROR(RefineStarts(backend));
    CTXFIT_RETURN_IF_ERROR(Judge(backend));
    if (options_.profile) CTXFIT_RETURN_IF_ERROR(Profile(backend));
    CTXFIT_RETURN_IF_ERROR(Resample(backend));
    Warn();
    Estimate();
    progress_.End();
    return std::move(fit_);
  }

 private:
  absl::Status CollapseRows(Backend& backend) {
    progress_.BeginPhase(FitPhase::kCollapse);
    fit_.task = observations_.task;
    fit_.law.references = ChooseReferences(observations_, options_);
    fit_.law.penalty = options_.penalty;
    if (sink_) trace_.emplace(observations_.task, domain_, options_.penalty, sink_);
    CTXFIT_ASSIGN_OR_RETURN(FitCells cells, backend.Collapse(observations_, fit_.law.references, options_.penalty,
                                                             LawFormFor(domain_, options_.loss), stop_));
    cells_ = std::move(cells.merged);
    units_ = std::move(cells.kept);
    return absl::OkStatus();
  }

  absl::Status Descend(Backend& backend, const EvolutionEnd& end) {
    CTXFIT_ASSIGN_OR_RETURN(fit_.search, search_->Descend(backend, end, stop_));
    if (trace_) trace_->OnSearch(fit_.search);
    return absl::OkStatus();
  }

  absl::Status RefineStarts(Backend& backend) {
    progress_.BeginPhase(FitPhase::kRefine);
    CTXFIT_ASSIGN_OR_RETURN(fit_.refinement,
                            Refine(cells_, domain_, fit_.search.starts, backend.Host(), stop_, CurrentTrace()));
    if (trace_) trace_->OnRefinement(fit_.refinement);
    fit_.law.point = fit_.refinement.point;
    return absl::OkStatus();
  }

  // Measures how well the law describes the observations, and examines what they determine.
  absl::Status Judge(Backend& backend) {
    variance_ = ResidualVariance(cells_, fit_.refinement.final_cost, domain_.free_count());
    // The Gauss-Newton curvature. Under Huber's loss it is 1 within the threshold and 0 beyond it, where descents use
    // the weights of iteratively reweighted least squares.
    curvature_ = TraitsOf(options_.loss.loss).descends_by_second_derivative
                     ? fit_.refinement.equations
                     : Linearize(cells_, fit_.law.point, Curvature::kFisher);
    const std::vector<double> expected = ExpectedScores(observations_, fit_.law, backend.Threads());
    CountUnits(expected);
    fit_.dispersion =
        DispersionOf(observations_, expected, informative_, domain_.free_count(), options_.loss, variance_);
    if (!TraitsOf(options_.loss.loss).is_deviance) {
      for (Basin& basin : fit_.refinement.basins) basin.deviance *= variance_ / fit_.dispersion;
    }
    VarianceComponents components;
    backend.Threads().RunAll({
        [&] { Examine(); },
        [&] { components = EstimateVarianceComponents(observations_, expected, domain_.free_count(), options_.loss); },
        [&] {
          fit_.goodness = MeasureGoodness(observations_, expected, domain_.free_count(), options_.loss.loss,
                                          fit_.refinement.final_cost);
        },
    });
    fit_.goodness.variance = components;
    misfit_ = TestFit(expected);
    return FindRivals(backend);
  }

  // Finds the rows that carry information, what they observe, and the units that have such rows.
  void CountUnits(const std::vector<double>& expected) {
    informative_ = FindInformative(expected, fit_.law, domain_);
    fit_.observed = ObservedRangesOf(observations_, informative_, options_, fit_.law);
    const std::vector<InformativeUnits> units = FindInformativeUnits(
        observations_, FindBetweenAsymptotes(observations_, expected, fit_.law, domain_, options_.loss.loss));
    informative_unit_count_ = units.front().count;
    effective_units_ = FindEffectiveUnits(observations_, units, domain_.free_count());
    no_spread_reason_ = SeparationReason(observations_, expected, options_.loss);
    if (no_spread_reason_.empty()) {
      no_spread_reason_ = FewUnitsReason(observations_, units, effective_units_, domain_.free_count());
    }
  }

  // The number of distinct computes that tell the compute exponent: those of informative rows, or, where it is
  // identified, of all rows.
  int ComputeCount() const {
    return fit_.diagnostics.identified[kComputeExponent] ? CountLevels(observations_.levels.compute)
                                                         : fit_.observed.compute_flops.level_count;
  }

  // Tests whether the law lacks a term: a drift of the context exponent, or what residuals show.
  Misfit TestFit(const std::vector<double>& expected) {
    Domain free_domain = identified_domain_;
    for (const ParameterBound& bound : fit_.diagnostics.active_bounds) free_domain.free[bound.coordinate] = false;
    const AddedTerms terms(observations_, fit_.law, expected, options_.loss, free_domain.free);
    fit_.drift = TestContextDrift(terms, observations_, fit_.law, free_domain.free);
    return FindMisfit(terms, observations_, domain_.free[kFloor]);
  }

  void Examine() {
    fit_.diagnostics = ExamineIdentification(cells_, fit_.refinement.equations, domain_, fit_.law.point,
                                             fit_.dispersion, options_.penalty);
    identified_domain_ = IdentifiedDomain(domain_, fit_.diagnostics);
    sandwich_.reset();
    if (no_spread_reason_.empty()) {
      sandwich_ = ClusterSandwich(units_, curvature_, identified_domain_.free, fit_.law.point);
    }
  }

  BestLaw Best() const {
    return {
        fit_.law.point,  fit_.refinement.final_cost, curvature_, identified_domain_.free, fit_.dispersion, sandwich_,
        fit_.law.penalty};
  }

  absl::Status FindRivals(Backend& backend) {
    CTXFIT_ASSIGN_OR_RETURN(rivals_, DescendAside(cells_, domain_, Best(), fit_.diagnostics, backend.Host(), stop_));
    for (const Basin& basin : fit_.refinement.basins) rivals_.push_back({basin.point, basin.cost});
    return absl::OkStatus();
  }

  // Profiles the identified coordinates. If refits end below the optimum, it was none: the fit goes on from there.
  absl::Status Profile(Backend& backend) {
    if (!no_spread_reason_.empty()) {
      profiles_ = NoProfiles(identified_domain_, no_spread_reason_);
      return absl::OkStatus();
    }
    for (int round = 0; round < kMaxProfileRounds; ++round) {
      CTXFIT_ASSIGN_OR_RETURN(
          profiles_, FindProfiles({cells_, identified_domain_, fit_.law, variance_, options_.bootstrap.confidence,
                                   sandwich_, backend.Host().kernels},
                                  stop_));
      if (profiles_.lower_ends.empty() || round + 1 == kMaxProfileRounds) break;
      fit_.search.starts.insert(fit_.search.starts.begin(), profiles_.lower_ends.begin(), profiles_.lower_ends.end());
      CTXFIT_RETURN_IF_ERROR(RefineStarts(backend));
      CTXFIT_RETURN_IF_ERROR(Judge(backend));
    }
    return absl::OkStatus();
  }

  absl::Status Resample(Backend& backend) {
    progress_.BeginPhase(FitPhase::kResample);
    CTXFIT_RETURN_IF_ERROR(ResampleTask(backend, observations_, units_, options_, no_spread_reason_, stop_, fit_));
    ExamineRivals(rivals_, Best(), fit_.replicates.points, fit_.diagnostics);
    CountResampledUnits(domain_, effective_units_, fit_);
    if (!fit_.replicates.points.empty() && observations_.unit_2_count == 0) {
      fit_.bootstrap.determining_units =
          FindDeterminingUnits(units_, curvature_, identified_domain_.free, fit_.law.point);
      for (int i = 0; i < kCoordinateCount; ++i) {
        if (!fit_.diagnostics.identified[i]) fit_.bootstrap.determining_units[i] = 0;
      }
    }
    if (trace_) trace_->OnReplicates(fit_.replicates);
    return absl::OkStatus();
  }

  void Warn() {
    fit_.diagnostics.warnings =
        FindWarnings({observations_, ComputeCount(), no_spread_reason_, fit_.law, informative_unit_count_,
                      effective_units_, misfit_, fit_.goodness, fit_.diagnostics, fit_.refinement});
    if (fit_.drift && Drifts(fit_.drift->p_value)) fit_.diagnostics.warnings.push_back(DriftWarning(*fit_.drift));
  }

  void Estimate() {
    if (options_.bootstrap.interval == IntervalKind::kBca) {
      fit_.influence = MeasureInfluence(units_, curvature_, identified_domain_.free, fit_.law.point);
    }
    const BootstrapReport& bootstrap = fit_.bootstrap;
    fit_.estimates = MakeEstimates(fit_.law, domain_, fit_.diagnostics,
                                   {fit_.replicates.points, options_.bootstrap.confidence, bootstrap.no_interval_reason,
                                    sandwich_, bootstrap.units, bootstrap.determining_units, fit_.influence});
    AddProfileIntervals(profiles_, fit_.law, fit_.estimates);
    WarnOfReplicates(domain_, identified_domain_, sandwich_, fit_);
  }

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
  Misfit misfit_;
  std::vector<Rival> rivals_;
  Profiles profiles_;
  TaskFit fit_;
};

// Fits each task by itself, those of similar size concurrently.
absl::StatusOr<std::vector<TaskFit>> FitApart(Backend& backend, absl::Span<const Observations> tasks,
                                              const FitOptions& options, const StopSignal& stop, ProgressSum& progress,
                                              const TraceSink& trace) {
  return FitConcurrently<TaskFit>(
      backend, tasks, stop, [&](Backend& share, const Observations& observations) -> absl::StatusOr<TaskFit> {
        TaskFitter fitter(observations, options, stop, progress, trace);
        CTXFIT_RETURN_IF_ERROR(fitter.Prepare(share));
        CTXFIT_ASSIGN_OR_RETURN(const std::vector<EvolutionEnd> ends, Evolve(share, {fitter.evolution()}, stop));
        return fitter.Finish(share, ends.front());
      });
}

// Fits the tasks in three steps, of which the second evolves all their populations together.
absl::StatusOr<std::vector<TaskFit>> FitTogether(Backend& backend, absl::Span<const Observations> tasks,
                                                 const FitOptions& options, const StopSignal& stop,
                                                 ProgressSum& progress, const TraceSink& trace) {
  using Fitter = std::unique_ptr<TaskFitter>;
  CTXFIT_ASSIGN_OR_RETURN(
      std::vector<Fitter> fitters,
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
  return FitConcurrently<TaskFit>(backend, tasks, stop, [&](Backend& share, const Observations& observations) {
    const std::size_t task = &observations - tasks.data();
    // Ends with this call, because the cells of all tasks together take much memory.
    const Fitter fitter = std::move(fitters[task]);
    return fitter->Finish(share, ends[task]);
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
  return RefitOver(backend, cells, chosen, fit, stop, global);
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

#include "kernels/fit/task_fitter.h"

#include <utility>

#include "kernels/base/status_macros.h"
#include "kernels/fit/observed_ranges.h"
#include "kernels/fit/replicate_warnings.h"
#include "kernels/fit/task_options.h"
#include "kernels/fit/task_replicates.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/loss_rule.h"
#include "kernels/law/used_variables.h"
#include "kernels/objective/linearization.h"
#include "kernels/predict/predictions.h"
#include "kernels/statistics/errors/contribution.h"
#include "kernels/statistics/errors/dispersion.h"
#include "kernels/statistics/identification/informative.h"
#include "kernels/statistics/identification/separation.h"
#include "kernels/statistics/misfit/added_terms.h"
#include "kernels/statistics/warnings.h"

namespace ctxfit {
namespace {

// Each round of profiles after the first starts from a lower cost. There is rarely a second one.
constexpr int kMaxProfileRounds = 5;

}  // namespace

TaskFitter::TaskFitter(const Observations& observations, const FitOptions& options, const StopSignal& stop,
                       ProgressSum& progress, const TraceSink& sink)
    : observations_(observations),
      options_(OptionsFor(options, observations)),
      stop_(stop),
      progress_(observations, progress),
      sink_(sink),
      domain_(MakeDomain(options_)) {}

absl::Status TaskFitter::Prepare(Backend& backend) {
  CTXFIT_RETURN_IF_ERROR(CollapseRows(backend));
  progress_.BeginPhase(FitPhase::kSearch);
  const auto report = [this](int generation, double best_cost) {
    progress_.ReportGeneration(generation, best_cost, options_.search.max_generations);
  };
  search_.emplace(backend, cells_, domain_, options_.search, options_.seed, report, CurrentTrace());
  return absl::OkStatus();
}

absl::Status TaskFitter::Settle(Backend& backend, const EvolutionEnd& end) {
  CTXFIT_RETURN_IF_ERROR(Descend(backend, end));
  CTXFIT_RETURN_IF_ERROR(RefineStarts(backend));
  CTXFIT_RETURN_IF_ERROR(Judge(backend));
  if (options_.profile) CTXFIT_RETURN_IF_ERROR(Profile(backend));
  progress_.BeginPhase(FitPhase::kResample);
  ReportResampling(observations_, options_, no_spread_reason_, fit_);
  if (fit_.bootstrap.no_interval_reason.empty()) planned_ = PlanReplicates(units_, options_, fit_);
  return absl::OkStatus();
}

std::optional<ReplicateTask> TaskFitter::replicate_task() const {
  if (!planned_) return std::nullopt;
  return ReplicateTask{units_, planned_->domain, planned_->request};
}

absl::StatusOr<TaskFit> TaskFitter::Finish(Backend& backend, std::optional<RefittedTogether> together) {
  CTXFIT_RETURN_IF_ERROR(Resample(backend, std::move(together)));
  Warn();
  Estimate();
  progress_.End();
  return std::move(fit_);
}

absl::Status TaskFitter::CollapseRows(Backend& backend) {
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

absl::Status TaskFitter::Descend(Backend& backend, const EvolutionEnd& end) {
  CTXFIT_ASSIGN_OR_RETURN(fit_.search, search_->Descend(backend, end, stop_));
  if (trace_) trace_->OnSearch(fit_.search);
  return absl::OkStatus();
}

absl::Status TaskFitter::RefineStarts(Backend& backend) {
  progress_.BeginPhase(FitPhase::kRefine);
  CTXFIT_ASSIGN_OR_RETURN(fit_.refinement,
                          Refine(cells_, domain_, fit_.search.starts, backend.Host(), stop_, CurrentTrace()));
  if (trace_) trace_->OnRefinement(fit_.refinement);
  fit_.law.point = fit_.refinement.point;
  return absl::OkStatus();
}

absl::Status TaskFitter::Judge(Backend& backend) {
  variance_ = ResidualVariance(cells_, fit_.refinement.final_cost, domain_.free_count());
  // The Gauss-Newton curvature. Under Huber's loss it is 1 within the threshold and 0 beyond it, where descents use
  // the weights of iteratively reweighted least squares.
  curvature_ = TraitsOf(options_.loss.loss).descends_by_second_derivative
                   ? fit_.refinement.equations
                   : Linearize(cells_, fit_.law.point, Curvature::kFisher);
  const std::vector<double> expected = ExpectedScores(observations_, fit_.law, backend.Threads());
  CountUnits(expected);
  fit_.dispersion = DispersionOf(observations_, expected, informative_, domain_.free_count(), options_.loss, variance_);
  if (!TraitsOf(options_.loss.loss).is_deviance) {
    for (Basin& basin : fit_.refinement.basins) basin.deviance *= variance_ / fit_.dispersion;
  }
  VarianceComponents components;
  backend.Threads().RunAll({
      [&] { Examine(); },
      [&] {
        components =
            EstimateVarianceComponents(observations_, expected, informative_, domain_.free_count(), options_.loss);
      },
      [&] {
        fit_.goodness = MeasureGoodness(observations_, expected, domain_.free_count(), options_.loss.loss,
                                        fit_.refinement.final_cost);
      },
  });
  fit_.goodness.variance = components;
  misfit_ = TestFit(expected);
  return FindRivals(backend);
}

void TaskFitter::CountUnits(const std::vector<double>& expected) {
  informative_ = FindInformative(expected, fit_.law, domain_);
  fit_.observed = ObservedRangesOf(observations_, informative_, FindUsedVariables(options_), domain_, fit_.law);
  const std::vector<InformativeUnits> units = FindInformativeUnits(
      observations_, FindBetweenAsymptotes(observations_, expected, fit_.law, domain_, options_.loss.loss));
  informative_unit_count_ = units.front().count;
  effective_units_ = FindEffectiveUnits(observations_, units, domain_.free_count());
  no_spread_reason_ = SeparationReason(observations_, expected, options_.loss);
  if (no_spread_reason_.empty()) {
    no_spread_reason_ = FewUnitsReason(observations_, units, effective_units_, domain_.free_count());
  }
}

int TaskFitter::ComputeCount() const {
  return fit_.diagnostics.identified[kComputeExponent] ? CountLevels(observations_.levels.compute)
                                                       : fit_.observed.compute_flops.level_count;
}

Misfit TaskFitter::TestFit(const std::vector<double>& expected) {
  Domain free_domain = identified_domain_;
  for (const ParameterBound& bound : fit_.diagnostics.active_bounds) free_domain.free[bound.coordinate] = false;
  const AddedTerms terms(observations_, fit_.law, expected, options_.loss, free_domain.free);
  fit_.drift = TestContextDrift(terms, observations_, fit_.law, free_domain.free);
  return FindMisfit(terms, observations_, domain_.free[kFloor]);
}

void TaskFitter::Examine() {
  fit_.diagnostics = ExamineIdentification(cells_, fit_.refinement.equations, domain_, fit_.law.point, fit_.dispersion,
                                           options_.penalty);
  identified_domain_ = IdentifiedDomain(domain_, fit_.diagnostics);
  sandwich_.reset();
  if (no_spread_reason_.empty()) {
    sandwich_ = ClusterSandwich(units_, curvature_, identified_domain_.free, fit_.law.point,
                                FindContribution(observations_, informative_));
  }
}

BestLaw TaskFitter::Best() const {
  return {fit_.law.point,  fit_.refinement.final_cost, curvature_, identified_domain_.free, fit_.dispersion, sandwich_,
          fit_.law.penalty};
}

absl::Status TaskFitter::FindRivals(Backend& backend) {
  CTXFIT_ASSIGN_OR_RETURN(rivals_, DescendAside(cells_, domain_, Best(), fit_.diagnostics, backend.Host(), stop_));
  for (const Basin& basin : fit_.refinement.basins) rivals_.push_back({basin.point, basin.cost});
  return absl::OkStatus();
}

absl::Status TaskFitter::Profile(Backend& backend) {
  if (!no_spread_reason_.empty()) {
    profiles_ = NoProfiles(identified_domain_, no_spread_reason_);
    return absl::OkStatus();
  }
  for (int round = 0; round < kMaxProfileRounds; ++round) {
    CTXFIT_ASSIGN_OR_RETURN(profiles_, FindProfiles({cells_, identified_domain_, fit_.law, variance_,
                                                     options_.bootstrap.confidence, sandwich_, backend.Host().kernels},
                                                    stop_));
    if (profiles_.lower_ends.empty() || round + 1 == kMaxProfileRounds) break;
    fit_.search.starts.insert(fit_.search.starts.begin(), profiles_.lower_ends.begin(), profiles_.lower_ends.end());
    CTXFIT_RETURN_IF_ERROR(RefineStarts(backend));
    CTXFIT_RETURN_IF_ERROR(Judge(backend));
  }
  return absl::OkStatus();
}

absl::Status TaskFitter::Resample(Backend& backend, std::optional<RefittedTogether> together) {
  if (planned_) {
    CTXFIT_RETURN_IF_ERROR(ResampleTask(backend, units_, options_, *planned_, std::move(together), stop_, fit_));
  }
  ExamineRivals(rivals_, Best(), fit_.replicates.points, fit_.diagnostics);
  CountResampledUnits(domain_, effective_units_, fit_);
  if (!fit_.replicates.points.empty() && observations_.unit_2_count == 0) JudgeUnits();
  if (trace_) trace_->OnReplicates(fit_.replicates);
  return absl::OkStatus();
}

void TaskFitter::JudgeUnits() {
  EffectiveUnits& units = fit_.bootstrap.units;
  if (units.count < kCountableUnits && observations_.stratum_begin.empty()) {
    few_units_.emplace(units_, identified_domain_.free, fit_.law.point, fit_.goodness.variance);
    if (const std::optional<Expansion> expansion = few_units_->ExpansionForScores()) {
      units = UnitsWithExpansion(units.count, *expansion);
    }
    return;
  }
  fit_.bootstrap.determining_units = FindDeterminingUnits(units_, curvature_, identified_domain_.free, fit_.law.point);
  for (int i = 0; i < kCoordinateCount; ++i) {
    if (!fit_.diagnostics.identified[i]) fit_.bootstrap.determining_units[i] = 0;
  }
}

void TaskFitter::Warn() {
  const PointEstimate estimate = {observations_, ComputeCount(),          no_spread_reason_, options_.loss.loss,
                                  fit_.law,      informative_unit_count_, effective_units_,  misfit_,
                                  fit_.goodness, fit_.diagnostics,        fit_.refinement};
  Warnings found = FindWarnings(estimate);
  fit_.diagnostics.warnings = std::move(found.texts);
  fit_.diagnostics.misfit = std::move(found.misfit);
  if (fit_.drift && Drifts(fit_.drift->p_value)) fit_.diagnostics.warnings.push_back(DriftWarning(*fit_.drift));
}

void TaskFitter::Estimate() {
  if (options_.bootstrap.interval == IntervalKind::kBca) {
    fit_.influence = MeasureInfluence(units_, curvature_, identified_domain_.free, fit_.law.point);
  }
  const BootstrapReport& bootstrap = fit_.bootstrap;
  fit_.estimates = MakeEstimates(
      fit_.law, domain_, fit_.diagnostics,
      {fit_.replicates.points, options_.bootstrap.confidence, bootstrap.no_interval_reason, sandwich_, bootstrap.units,
       bootstrap.determining_units, fit_.influence, few_units_ ? &*few_units_ : nullptr});
  AddProfileIntervals(profiles_, fit_.law, fit_.estimates);
  WarnOfReplicates(domain_, identified_domain_, sandwich_, fit_);
}

}  // namespace ctxfit

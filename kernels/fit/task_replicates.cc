#include "kernels/fit/task_replicates.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "kernels/backend/backend.h"
#include "kernels/base/status_macros.h"
#include "kernels/base/stop_signal.h"
#include "kernels/data/cells.h"
#include "kernels/data/observations.h"
#include "kernels/fit/global_replicates.h"
#include "kernels/fit/options.h"
#include "kernels/fit/task_fit.h"
#include "kernels/law/coordinate.h"
#include "kernels/objective/linearization.h"
#include "kernels/statistics/identification/active_bounds.h"
#include "kernels/statistics/identification/diagnostics.h"
#include "kernels/statistics/intervals/effective_units.h"

namespace ctxfit {
namespace {

// The number of fitted parameters that the observations determine.
int IdentifiedCount(const Domain& domain, const Diagnostics& diagnostics) {
  int count = 0;
  for (int i = 0; i < kCoordinateCount; ++i) count += domain.free[i] && diagnostics.identified[i];
  return count;
}

}  // namespace

Domain IdentifiedDomain(const Domain& domain, const Diagnostics& diagnostics) {
  Domain identified = domain;
  for (int i = 0; i < kCoordinateCount; ++i) identified.free[i] = domain.free[i] && !diagnostics.held[i];
  return identified;
}

std::string FewUnitsReason(const Observations& observations, const std::vector<InformativeUnits>& informative,
                           const EffectiveUnits& units, int fitted_count) {
  const char* noun = observations.unit_noun();
  const std::int32_t totals[] = {observations.unit_count, observations.unit_2_count};
  for (std::size_t key = 0; key < informative.size(); ++key) {
    if (totals[key] < 2) return absl::StrCat("one ", noun, " only: there is nothing to resample");
    if (informative[key].count >= 2) continue;
    return absl::StrFormat("%s of %d %ss has scores between floor and ceiling: there is nothing to resample",
                           informative[key].count == 1 ? "one" : "none", totals[key], noun);
  }
  if (informative.size() == 2) {
    if (informative[0].effective * informative[1].effective > fitted_count) return "";
    return absl::StrFormat("%d by %d units of the two keys make no more pairs than there are fitted parameters, %d",
                           informative[0].count, informative[1].count, fitted_count);
  }
  if (units.count > units.fitted) return "";
  std::string counted = absl::StrFormat("%d %ss", totals[0], noun);
  if (informative[0].count < totals[0]) {
    counted = absl::StrFormat("the %d of %d %ss that have scores between floor and ceiling", informative[0].count,
                              totals[0], noun);
  }
  if (informative[0].count > units.fitted) absl::StrAppendFormat(&counted, ", effectively %.1f,", units.count);
  return absl::StrFormat("%s cannot show the spread of %.0f fitted parameters", counted, units.fitted);
}

std::string NoIntervalReason(int replicates, const Domain& domain, const std::string& no_spread_reason,
                             const Diagnostics& diagnostics) {
  if (replicates == 0) return "no replicates were asked for";
  if (!no_spread_reason.empty()) return no_spread_reason;
  if (domain.free_count() > 0 && IdentifiedDomain(domain, diagnostics).free_count() == 0) {
    return "the observations determine none of the fitted parameters";
  }
  return "";
}

PlannedReplicates PlanReplicates(const Cells& cells, const FitOptions& options, const TaskFit& fit) {
  const Domain domain = MakeDomain(options);
  ReplicateRequest request;
  request.start = fit.law.point;
  request.replicates = options.bootstrap.replicates;
  request.weights = {options.seed, options.bootstrap.weights};
  request.criteria.variance =
      std::min(ResidualVariance(cells, fit.refinement.final_cost, domain.free_count()), fit.dispersion);
  return {IdentifiedDomain(domain, fit.diagnostics), request};
}

void MarkBoundByReplicates(const Domain& domain, const std::vector<Point>& replicates, const Penalty& scale,
                           Diagnostics& diagnostics) {
  constexpr double kMajority = 0.5;
  for (const ParameterBound& bound : diagnostics.active_bounds) {
    if (IsNatural(bound) || IsSaturated(bound)) continue;
    const double share = ShareAt(bound, domain, replicates, scale);
    if (!(share > kMajority)) continue;
    MarkUnidentified(diagnostics, bound.coordinate,
                     absl::StrFormat("%s, with %.0f %% of the replicates: the bound decides, not the data",
                                     Describe(bound, scale), 100 * share));
  }
}

void CountResampledUnits(const Domain& domain, const EffectiveUnits& effective_units, TaskFit& fit) {
  fit.bootstrap.units = {effective_units.count,
                         CountFitted(IdentifiedCount(domain, fit.diagnostics), fit.bootstrap.unit_2_count > 0)};
}

void ReportResampling(const Observations& observations, const FitOptions& options, const std::string& no_spread_reason,
                      TaskFit& fit) {
  fit.bootstrap.clustered = observations.clustered;
  fit.bootstrap.unit_count = observations.unit_count;
  fit.bootstrap.unit_2_count = observations.unit_2_count;
  if (!observations.stratum_begin.empty()) {
    fit.bootstrap.stratum_count = static_cast<std::int64_t>(observations.stratum_begin.size()) - 1;
  }
  fit.bootstrap.no_spread_reason = no_spread_reason;
  fit.bootstrap.no_interval_reason =
      NoIntervalReason(options.bootstrap.replicates, MakeDomain(options), no_spread_reason, fit.diagnostics);
}

absl::StatusOr<ReplicateFits> RefitOver(Backend& backend, const Cells& cells, const FitOptions& options,
                                        const PlannedReplicates& planned, std::optional<ReplicateFits> together,
                                        const StopSignal& stop, GlobalReplicates& global) {
  const auto& [domain, request] = planned;
  if (!together) {
    CTXFIT_ASSIGN_OR_RETURN(together, backend.RefitReplicates(cells, domain, request, stop));
  }
  CTXFIT_ASSIGN_OR_RETURN(global, RefitGlobally(backend, cells, domain, options, request, stop, *together));
  return *std::move(together);
}

absl::Status ResampleTask(Backend& backend, const Cells& cells, const FitOptions& options,
                          const PlannedReplicates& planned, std::optional<RefittedTogether> together,
                          const StopSignal& stop, TaskFit& fit) {
  const absl::Time begin = absl::Now();
  std::optional<ReplicateFits> refitted;
  if (together) {
    refitted = std::move(together->replicates);
    fit.bootstrap.duration = together->duration;
  }
  CTXFIT_ASSIGN_OR_RETURN(fit.replicates,
                          RefitOver(backend, cells, options, planned, std::move(refitted), stop, fit.bootstrap.global));
  fit.bootstrap.converged_count =
      static_cast<int>(std::count(fit.replicates.converged.begin(), fit.replicates.converged.end(), true));
  fit.bootstrap.max_iteration_count = fit.replicates.max_iteration_count;
  fit.bootstrap.duration += absl::Now() - begin;
  MarkBoundByReplicates(MakeDomain(options), fit.replicates.points, fit.law.penalty, fit.diagnostics);
  return absl::OkStatus();
}

}  // namespace ctxfit

#include "kernels/fit/group_fit.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "kernels/base/status_macros.h"
#include "kernels/data/select_rows.h"
#include "kernels/fit/fit.h"
#include "kernels/fit/options.h"
#include "kernels/fit/task_replicates.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/domain.h"
#include "kernels/law/fitted_law.h"
#include "kernels/predict/predictions.h"

namespace ctxfit {
namespace {

// The point of the same law with its coefficients at other reference scales.
Point Rebase(Point point, const References& from, const References& to) {
  point.at[kLogComputeCoefficient] += point.at[kComputeExponent] * std::log(to.compute_flops / from.compute_flops);
  point.at[kLogContextCoefficient] += point.at[kContextExponent] * std::log(to.prompt_tokens / from.prompt_tokens);
  return point;
}

PredictionSource Rebase(const TaskFit& fit, const std::vector<Point>& replicates, const References& to) {
  const References& from = fit.law.references;
  PredictionSource source;
  source.law = {Rebase(fit.law.point, from, to), to, fit.law.penalty};
  for (const Point& replicate : replicates) source.replicates.push_back(Rebase(replicate, from, to));
  std::copy_n(fit.diagnostics.identified, kCoordinateCount, source.identified);
  source.observed = fit.observed;
  source.fits_exponent = IsFitted(fit.diagnostics, kContextExponent);
  source.fits_penalty = IsPenaltyFitted(fit.diagnostics);
  return source;
}

// Refits the replicates over units that keep the numbers they have in all groups together, and lists these units.
absl::StatusOr<std::vector<Point>> RefitGroup(Backend& backend, const Observations& all,
                                              const std::vector<std::size_t>& rows, const FitOptions& options,
                                              const StopSignal& stop, GroupFit& group) {
  const Observations observations = Select(all, rows, UnitNumbers::kKeep);
  group.units = observations.unit;
  std::sort(group.units.begin(), group.units.end());
  group.units.erase(std::unique(group.units.begin(), group.units.end()), group.units.end());
  if (options.bootstrap.replicates == 0) return std::vector<Point>();
  CTXFIT_ASSIGN_OR_RETURN(ReplicateFits replicates, RefitReplicates(backend, observations, options, group.fit, stop));
  return std::move(replicates.points);
}

}  // namespace

std::vector<std::size_t> RowsOfGroup(const Observations& observations, std::int32_t group) {
  std::vector<std::size_t> rows;
  for (std::size_t row = 0; row < observations.size(); ++row) {
    if (observations.group[row] == group) rows.push_back(row);
  }
  return rows;
}

absl::StatusOr<GroupFit> FitGroup(Backend& backend, const Observations& all, std::int32_t group,
                                  const References& common, const FitOptions& options, const StopSignal& stop) {
  const std::vector<std::size_t> rows = RowsOfGroup(all, group);
  if (rows.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("group: the rows of task \"", all.task, "\" are all of one group: must be of both"));
  }
  const Observations own = Select(all, rows);
  GroupFit result;
  CTXFIT_ASSIGN_OR_RETURN(result.fit, FitTask(backend, own, WithoutIntervals(options), stop));
  CTXFIT_ASSIGN_OR_RETURN(const std::vector<Point> replicates, RefitGroup(backend, all, rows, options, stop, result));
  const Domain domain = MakeDomain(OptionsForTask(options, all.task));
  if (!replicates.empty()) {
    MarkBoundByReplicates(domain, replicates, result.fit.law.penalty, result.fit.diagnostics);
  }
  result.common = Rebase(result.fit, replicates, common);
  if (result.fit.drift) result.common.drift_p_value = result.fit.drift->p_value;
  result.no_interval_reason = NoIntervalReason(options.bootstrap.replicates, domain,
                                               result.fit.bootstrap.no_spread_reason, result.fit.diagnostics);
  return result;
}

std::string WhyUndetermined(const GroupFit& group, Coordinate coordinate) {
  const Diagnostics& diagnostics = group.fit.diagnostics;
  const References& references = group.common.law.references;
  const ObservedRanges& observed = group.common.observed;
  if (!diagnostics.identified[coordinate]) return diagnostics.reason[coordinate];
  // Outside the observed range of the group, the exponent determines the coefficient.
  if (coordinate == kLogComputeCoefficient && !IsObserved(observed.compute_flops, references.compute_flops)) {
    return diagnostics.reason[kComputeExponent];
  }
  if (coordinate == kLogContextCoefficient && !IsObserved(observed.prompt_tokens, references.prompt_tokens)) {
    return diagnostics.reason[kContextExponent];
  }
  return "";
}

}  // namespace ctxfit

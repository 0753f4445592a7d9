#include "kernels/fit/replicate_warnings.h"

#include <cmath>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "kernels/fit/task_fit.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/domain.h"
#include "kernels/law/parameters.h"
#include "kernels/law/range.h"
#include "kernels/statistics/errors/sandwich.h"
#include "kernels/statistics/identification/active_bounds.h"
#include "kernels/statistics/identification/diagnostics.h"
#include "kernels/statistics/intervals/effective_units.h"
#include "kernels/statistics/intervals/intervals.h"

namespace ctxfit {
namespace {

// "a", "a and b", "a, b and c".
std::string Enumerate(const std::vector<std::string>& parts) {
  if (parts.size() < 2) return absl::StrJoin(parts, "");
  return absl::StrCat(absl::StrJoin(parts.begin(), parts.end() - 1, ", "), " and ", parts.back());
}

// The replicates that did not converge, and where they stopped: the bound on which most of them lie, if half of them
// lie on one, else the coordinate in which they lie farthest out, in standard deviations of those that converged.
std::string DescribeFailed(const Domain& domain, const TaskFit& fit) {
  std::vector<Point> failed;
  std::vector<Point> others;
  for (std::size_t b = 0; b < fit.replicates.points.size(); ++b) {
    (fit.replicates.converged[b] ? others : failed).push_back(fit.replicates.points[b]);
  }
  const Penalty& scale = fit.law.penalty;
  double most = 0;
  std::string text;
  for (const Point& point : failed) {
    for (const ParameterBound& bound : FindActiveBounds(domain, point, scale)) {
      const double share = ShareAt(bound, domain, failed, scale);
      if (share < 0.5 || share <= most) continue;
      most = share;
      text = absl::StrFormat("; %.0f %% of them stopped with %s", 100 * share, Describe(bound, scale));
    }
  }
  if (!text.empty() || others.size() < 2) return text;
  for (int i = 0; i < kCoordinateCount; ++i) {
    const double deviation = domain.free[i] ? DeviationOf(others, i) : 0;
    if (!(deviation > 0)) continue;
    double sum = 0;
    for (const Point& point : failed) sum += std::abs(point.at[i] - fit.law.point.at[i]);
    const double distance = sum / static_cast<double>(failed.size()) / deviation;
    if (distance <= most) continue;
    most = distance;
    text = absl::StrFormat("; they lie farthest out in %s, by %.1f standard deviations on average",
                           ParameterName(static_cast<Coordinate>(i), scale.form), distance);
  }
  return text;
}

void WarnOfConvergence(const Domain& domain, const TaskFit& fit, std::vector<std::string>& warnings) {
  const GlobalReplicates& global = fit.bootstrap.global;
  if (global.better_count > 0) {
    warnings.push_back(absl::StrFormat(
        "%d of %d replicates that were fitted from scratch ended at a lower cost than their refits from the point "
        "estimate, which understate the spread: fit all of them from scratch",
        global.better_count, global.count));
  }
  const auto count = static_cast<int>(fit.replicates.points.size());
  const int failed = count - fit.bootstrap.converged_count;
  if (failed == 0) return;
  warnings.push_back(absl::StrFormat(
      "%d of %d bootstrap replicates did not converge; they are in the intervals at the best point they reached%s",
      failed, count, DescribeFailed(domain, fit)));
}

// Names the coordinates that replicates hold, on whose values all intervals are conditional.
void WarnOfHeld(const Domain& domain, const TaskFit& fit, std::vector<std::string>& warnings) {
  std::vector<std::string> held;
  for (int i = 0; i < kCoordinateCount; ++i) {
    if (!domain.free[i] || !fit.diagnostics.held[i]) continue;
    const auto coordinate = static_cast<Coordinate>(i);
    held.push_back(absl::StrFormat("%s at %.3g", ParameterName(coordinate, fit.law.penalty.form),
                                   ToParameter(coordinate, fit.law.point.at[i], fit.law.penalty)));
  }
  if (held.empty() || fit.replicates.points.empty()) return;
  warnings.push_back(absl::StrCat("the data are flat along ", Enumerate(held), ": replicates keep ",
                                  held.size() == 1 ? "that value" : "these values",
                                  ", on which all intervals are conditional"));
}

// Names the coordinates that few of the units determine, unless units are few altogether, which is said elsewhere.
void WarnOfFewDeterminingUnits(const TaskFit& fit, std::vector<std::string>& warnings) {
  constexpr double kFewDetermining = 12;
  if (fit.bootstrap.units.count < kFewUnits) return;
  std::vector<std::string> parts;
  for (int i = 0; i < kCoordinateCount; ++i) {
    const double count = fit.bootstrap.determining_units[i];
    if (count == 0 || count >= kFewDetermining) continue;
    parts.push_back(absl::StrFormat("%s (effectively %.1f)",
                                    ParameterName(static_cast<Coordinate>(i), fit.law.penalty.form), count));
  }
  if (parts.empty()) return;
  warnings.push_back(absl::StrFormat("few of the %d %ss determine %s: %s, may be too narrow", fit.bootstrap.unit_count,
                                     fit.bootstrap.clustered ? "cluster" : "record", Enumerate(parts),
                                     parts.size() == 1 ? "its intervals, and bands where it matters"
                                                       : "their intervals, and bands where they matter"));
}

// Names the fitted coordinates of the penalty that the data do not determine. Replicates move them, but rarely as far
// as the data allow: most end where the estimate does, between the same two prompts.
void WarnOfUndeterminedPenalty(const TaskFit& fit, std::vector<std::string>& warnings) {
  if (fit.replicates.points.empty()) return;
  std::vector<std::string> names;
  for (const Coordinate coordinate : {kLogPenaltyWidth, kLogPenaltyOnset}) {
    if (!IsFitted(fit.diagnostics, coordinate) || fit.diagnostics.identified[coordinate]) continue;
    names.emplace_back(ParameterName(coordinate, fit.law.penalty.form));
  }
  if (names.empty()) return;
  warnings.push_back(absl::StrCat("the data do not determine ", Enumerate(names),
                                  ": bands where the penalty matters may be too narrow"));
}

// The interval of a fitted coordinate; unset where it has none.
std::optional<Range> IntervalOf(const TaskFit& fit, Coordinate coordinate) {
  for (const Estimate& estimate : fit.estimates) {
    if (estimate.name == ParameterName(coordinate, fit.law.penalty.form)) return estimate.interval;
  }
  return std::nullopt;
}

void WarnOfCutIntervals(const Domain& domain, const TaskFit& fit, std::vector<std::string>& warnings) {
  std::vector<ParameterInterval> intervals;
  for (int i = 0; i < kCoordinateCount; ++i) {
    const auto coordinate = static_cast<Coordinate>(i);
    if (!domain.free[i]) continue;
    if (const std::optional<Range> interval = IntervalOf(fit, coordinate)) intervals.push_back({coordinate, *interval});
  }
  for (std::string& warning :
       FindCutIntervals(domain, fit.law.point, intervals, fit.replicates.points, fit.law.penalty)) {
    warnings.push_back(std::move(warning));
  }
}

// Names the parameters whose standard error over the replicates is less than half of the sandwich's. Replicates that a
// bound stops, and few units, spread too little.
void WarnOfNarrowReplicates(const Domain& domain, const Sandwich& sandwich, const TaskFit& fit,
                            std::vector<std::string>& warnings) {
  constexpr double kFar = 2;
  std::vector<std::string> parts;
  for (int i = 0; i < kCoordinateCount; ++i) {
    const auto coordinate = static_cast<Coordinate>(i);
    if (!domain.free[i] || !IntervalOf(fit, coordinate)) continue;
    const double by_replicates = DeviationOf(fit.replicates.points, i);
    const double by_sandwich = std::sqrt(sandwich.Variance(i));
    if (!(by_sandwich > kFar * by_replicates)) continue;
    parts.push_back(absl::StrFormat("%s (%.2g against %.2g%s)", ParameterName(coordinate, fit.law.penalty.form),
                                    by_replicates, by_sandwich, IsLogarithm(coordinate) ? " in its logarithm" : ""));
  }
  if (parts.empty()) return;
  warnings.push_back(absl::StrCat(
      "the replicates spread less than half as much as the sandwich says: standard errors of ", Enumerate(parts),
      ". A bound or few units keep them together, and their intervals and bands may be far too narrow"));
}

}  // namespace

void WarnOfReplicates(const Domain& domain, const Domain& identified_domain, const std::optional<Sandwich>& sandwich,
                      TaskFit& fit) {
  std::vector<std::string>& warnings = fit.diagnostics.warnings;
  const std::string& no_spread = fit.bootstrap.no_spread_reason;
  if (!no_spread.empty()) warnings.push_back(absl::StrCat("no intervals: ", no_spread));
  WarnOfConvergence(identified_domain, fit, warnings);
  WarnOfHeld(domain, fit, warnings);
  WarnOfFewDeterminingUnits(fit, warnings);
  WarnOfUndeterminedPenalty(fit, warnings);
  WarnOfCutIntervals(identified_domain, fit, warnings);
  if (sandwich) WarnOfNarrowReplicates(identified_domain, *sandwich, fit, warnings);
}

}  // namespace ctxfit

#include "kernels/fit/replicate_warnings.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "kernels/fit/fit.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/domain.h"
#include "kernels/law/parameters.h"
#include "kernels/statistics/active_bounds.h"
#include "kernels/statistics/effective_units.h"

namespace ctxfit {
namespace {

void WarnOfConvergence(const TaskFit& fit, std::vector<std::string>& warnings) {
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
      "%d of %d bootstrap replicates did not converge; they are in the intervals at the best point they reached",
      failed, count));
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
  warnings.push_back(absl::StrCat("the data are flat along ", absl::StrJoin(held, ", "),
                                  ": replicates keep that value, on which all intervals are conditional"));
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
  warnings.push_back(absl::StrFormat(
      "few of the %d %ss determine %s: its intervals, and bands where it matters, may be too narrow",
      fit.bootstrap.unit_count, fit.bootstrap.clustered ? "cluster" : "record", absl::StrJoin(parts, " and ")));
}

}  // namespace

void WarnOfReplicates(const Domain& domain, const Domain& identified_domain, double confidence,
                      const std::string& few_units_reason, TaskFit& fit) {
  std::vector<std::string>& warnings = fit.diagnostics.warnings;
  if (!few_units_reason.empty()) warnings.push_back(absl::StrCat("no intervals: ", few_units_reason));
  WarnOfConvergence(fit, warnings);
  WarnOfHeld(domain, fit, warnings);
  WarnOfFewDeterminingUnits(fit, warnings);
  for (std::string& warning : FindCutIntervals(identified_domain, fit.law.point, fit.replicates.points,
                                               (1 - confidence) / 2, fit.law.penalty)) {
    warnings.push_back(std::move(warning));
  }
}

}  // namespace ctxfit

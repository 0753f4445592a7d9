#include "kernels/statistics/active_bounds.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "kernels/law/domain.h"
#include "kernels/law/options.h"
#include "kernels/law/parameters.h"
#include "kernels/law/penalty.h"
#include "kernels/law/range.h"

namespace ctxfit {
namespace {

bool IsAt(const Domain& domain, int coordinate, double value, double bound) {
  return std::abs(value - bound) <= 1e-9 * (domain.upper.at[coordinate] - domain.lower.at[coordinate]);
}

// Returns the bounds of a fitted coordinate on which `value` lies.
std::vector<ParameterBound> BoundsAt(const Domain& domain, Coordinate coordinate, double value, const Penalty& scale) {
  std::vector<ParameterBound> bounds;
  const double lower = domain.lower.at[coordinate];
  for (const double bound : {lower, domain.upper.at[coordinate]}) {
    if (!IsAt(domain, coordinate, value, bound)) continue;
    // Users bound the ceiling, which rises as the headroom falls.
    const bool is_lower = (bound == lower) != (coordinate == kHeadroom);
    bounds.push_back({coordinate, is_lower, ToParameter(coordinate, bound, scale)});
  }
  return bounds;
}

bool IsDefault(const ParameterBound& bound, const Penalty& scale) {
  const Range bounds = DefaultBounds(bound.coordinate, scale.form);
  const double value = bound.is_lower ? bounds.lower : bounds.upper;
  return std::abs(bound.value - value) <= 1e-12 * std::abs(value);
}

}  // namespace

bool IsNatural(const ParameterBound& bound) {
  switch (bound.coordinate) {
    case kComputeExponent:
    case kContextExponent:
    case kFloor:
      return bound.is_lower && bound.value == 0;
    case kHeadroom:
      return !bound.is_lower && bound.value == 1;
    default:
      return false;
  }
}

bool IsSaturated(const ParameterBound& bound) {
  const bool is_coefficient = bound.coordinate == kLogComputeCoefficient || bound.coordinate == kLogContextCoefficient;
  return is_coefficient && !bound.is_lower && bound.value > 37;
}

std::vector<ParameterBound> FindActiveBounds(const Domain& domain, const Point& point, const Penalty& scale) {
  std::vector<ParameterBound> active;
  for (int i = 0; i < kCoordinateCount; ++i) {
    if (!domain.free[i]) continue;
    const auto coordinate = static_cast<Coordinate>(i);
    const std::vector<ParameterBound> bounds = BoundsAt(domain, coordinate, point.at[i], scale);
    active.insert(active.end(), bounds.begin(), bounds.end());
  }
  return active;
}

std::string Describe(const ParameterBound& bound, const Penalty& scale) {
  return absl::StrCat(ParameterName(bound.coordinate, scale.form), " at its ", bound.is_lower ? "lower" : "upper",
                      " bound ", bound.value);
}

std::string AdviceOn(const ParameterBound& bound, const Penalty& scale) {
  if (IsSaturated(bound)) return "its factor is 1 at the reference scale, and larger values are no different";
  if (!IsNatural(bound)) {
    return absl::StrCat("the optimum may lie outside", IsDefault(bound, scale) ? " this default" : "",
                        "; widen the bound or fix the parameter");
  }
  switch (bound.coordinate) {
    case kComputeExponent:
      return "the scores do not rise with training compute";
    case kContextExponent:
      return "the scores do not rise with prompt length within the limit";
    case kFloor:
      return "the data show no floor";
    default:  // kHeadroom
      return "the data show no ceiling";
  }
}

double ShareAt(const ParameterBound& bound, const Domain& domain, const std::vector<Point>& replicates,
               const Penalty& scale) {
  const int i = bound.coordinate;
  const double at = ToCoordinate(bound.coordinate, bound.value, scale);
  const auto there = std::count_if(replicates.begin(), replicates.end(),
                                   [&](const Point& replicate) { return IsAt(domain, i, replicate.at[i], at); });
  return static_cast<double>(there) / static_cast<double>(replicates.size());
}

std::vector<std::string> FindCutIntervals(const Domain& domain, const Point& point,
                                          const std::vector<ParameterInterval>& intervals,
                                          const std::vector<Point>& replicates, const Penalty& scale) {
  std::vector<std::string> warnings;
  for (const auto& [coordinate, ends] : intervals) {
    if (!BoundsAt(domain, coordinate, point.at[coordinate], scale).empty()) continue;
    for (const double end : {ends.lower, ends.upper}) {
      for (const ParameterBound& cut : BoundsAt(domain, coordinate, ToCoordinate(coordinate, end, scale), scale)) {
        if (IsNatural(cut)) continue;
        warnings.push_back(absl::StrFormat(
            "%s%s cuts its interval (%.1f %% of the replicates lie there): %s", Describe(cut, scale),
            IsDefault(cut, scale) ? " by default" : "", 100 * ShareAt(cut, domain, replicates, scale),
            IsSaturated(cut) ? "its factor is 1 there, and the data set no upper limit" : "widen the bound"));
      }
    }
  }
  return warnings;
}

}  // namespace ctxfit

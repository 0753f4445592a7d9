#include "kernels/statistics/identification/active_bounds.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "kernels/law/domain.h"
#include "kernels/law/law_options.h"
#include "kernels/law/parameters.h"
#include "kernels/law/penalty.h"
#include "kernels/law/range.h"

namespace ctxfit {
namespace {

bool IsAt(const Domain& domain, int coordinate, double value, double bound) {
  return std::abs(value - bound) <= 1e-9 * (domain.upper.at[coordinate] - domain.lower.at[coordinate]);
}

// Finds the neighbour of a coordinate's bound. Floor and ceiling that meet share their bound, or nearly so.
Beyond FindBeyond(const Domain& domain, Coordinate coordinate, bool is_lower) {
  const bool faces_other = (coordinate == kFloor && !is_lower) || (coordinate == kHeadroom && is_lower);
  const double gap = 1 - domain.upper.at[kHeadroom] - domain.upper.at[kFloor];
  constexpr double kRounding = 1e-12;
  if (!faces_other || gap > kAsymptotesApart + kRounding) return Beyond::kNeither;
  const Coordinate other = coordinate == kFloor ? kHeadroom : kFloor;
  return domain.lower.at[other] < domain.upper.at[other] ? Beyond::kFittedAsymptote : Beyond::kFixedAsymptote;
}

// Returns the bounds of a fitted coordinate on which `value` lies.
std::vector<ParameterBound> BoundsAt(const Domain& domain, Coordinate coordinate, double value, const Penalty& scale) {
  std::vector<ParameterBound> bounds;
  const double lower = domain.lower.at[coordinate];
  for (const double bound : {lower, domain.upper.at[coordinate]}) {
    if (!IsAt(domain, coordinate, value, bound)) continue;
    // Users bound the ceiling, which rises as the headroom falls.
    const bool is_lower = (bound == lower) != (coordinate == kHeadroom);
    bounds.push_back({coordinate, is_lower, ToParameter(coordinate, bound, scale),
                      domain.has_default_bounds[coordinate], FindBeyond(domain, coordinate, is_lower)});
  }
  return bounds;
}

// Says how to move a bound that may be too narrow.
std::string Remedy(const ParameterBound& bound) {
  switch (bound.beyond) {
    case Beyond::kNeither:
      return "widen the bound";
    case Beyond::kFittedAsymptote:
      return "floor and ceiling meet there, so that widening one alone cuts the other: bound both to meet elsewhere, "
             "or fix one that you know";
    case Beyond::kFixedAsymptote:
      break;
  }
  return absl::StrCat("the ", bound.coordinate == kFloor ? "ceiling" : "floor",
                      " is fixed there: fix it elsewhere, or fit both");
}

// Says whether replicates lie on a bound that cuts an interval. A quantile on the bound needs two of them: with fewer,
// the expansion of the interval took its end there.
std::string DescribeCut(double share, std::size_t replicate_count) {
  const double there = share * static_cast<double>(replicate_count);
  if (there > 1.5) {
    const double percent = 100 * share;
    return absl::StrCat(percent < 0.1 ? absl::StrFormat("%.1g", percent) : absl::StrFormat("%.1f", percent),
                        " % of the replicates lie there");
  }
  return absl::StrCat("its expansion for few units reaches there, and ", there > 0.5 ? "one" : "no",
                      " replicate lies there");
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

std::string AdviceOn(const ParameterBound& bound) {
  if (IsSaturated(bound)) return "its factor is 1 at the reference scale, and larger values are no different";
  if (!IsNatural(bound)) {
    return absl::StrCat("the optimum may lie outside", bound.is_default ? " this default" : "", "; ", Remedy(bound),
                        bound.beyond == Beyond::kNeither ? " or fix the parameter" : "");
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
        warnings.push_back(absl::StrCat(
            Describe(cut, scale), cut.is_default ? " by default" : "", " cuts its interval (",
            DescribeCut(ShareAt(cut, domain, replicates, scale), replicates.size()),
            "): ", IsSaturated(cut) ? "its factor is 1 there, and the data set no upper limit" : Remedy(cut)));
      }
    }
  }
  return warnings;
}

}  // namespace ctxfit

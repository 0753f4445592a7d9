#include "kernels/statistics/profile.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "kernels/base/available_cpus.h"
#include "kernels/base/find_root.h"
#include "kernels/base/status_macros.h"
#include "kernels/base/stop_signal.h"
#include "kernels/base/thread_pool.h"
#include "kernels/data/cells.h"
#include "kernels/descent/descent.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/domain.h"
#include "kernels/law/fitted_law.h"
#include "kernels/law/parameters.h"
#include "kernels/objective/linearization.h"
#include "kernels/statistics/errors/sandwich.h"
#include "kernels/statistics/estimates.h"
#include "kernels/statistics/intervals/intervals.h"
#include "kernels/statistics/numerics/distributions.h"
#include "kernels/statistics/numerics/symmetric_matrix.h"

namespace ctxfit {
namespace {

// Each descent holds the factors of all cells, of which there may be millions.
constexpr int kMaxThreads = 4;
// The error of an end, as a share of the first step towards it.
constexpr double kPrecision = 1e-6;

constexpr const char* kNoOptimum = "a refit ended at a lower cost than the fit";

// The variances of the coordinates for independent records: sigma^2 times the diagonal of H^-1.
std::vector<double> IndependentVariances(const ProfileSource& source, const std::vector<int>& coordinates) {
  const NormalEquations equations = Linearize(source.cells, source.law.point, Curvature::kFisher);
  const std::size_t size = coordinates.size();
  const std::vector<double> inverse = LdltFactor(DenseMatrix(equations, coordinates), static_cast<int>(size)).Inverse();
  std::vector<double> variances(size);
  for (std::size_t i = 0; i < size; ++i) variances[i] = source.variance * inverse[i * size + i];
  return variances;
}

// One side of the profile of one coordinate.
class Side {
 public:
  Side(const ProfileSource& source, int coordinate, double direction, const StopSignal& stop)
      : source_(source),
        coordinate_(static_cast<Coordinate>(coordinate)),
        direction_(direction),
        stop_(stop),
        start_(source.law.point.at[coordinate]),
        inside_(source.law.point),
        min_cost_(WeightedCost(source.cells, source.law.point) - source.cells.within_cost) {}

  // Finds the coordinate at which the cost has risen by `rise` > 0, searching outwards from a first step of `step` > 0.
  ProfileEnd Find(double rise, double step) {
    const double bound = direction_ < 0 ? source_.domain.lower.at[coordinate_] : source_.domain.upper.at[coordinate_];
    const double farthest = std::abs(bound - start_);
    if (farthest == 0) return {{}, "the estimate lies on its bound"};
    const auto excess = [&](double distance) { return Excess(distance, rise); };
    double inner = 0;
    double at_inner = -std::sqrt(rise);
    double outer = std::min(step, farthest);
    double at_outer = excess(outer);
    while (at_outer < 0) {
      if (lower_end_) return {{}, kNoOptimum};
      if (outer >= farthest) return {{}, "the cost does not rise enough up to the bound"};
      inner = std::exchange(outer, std::min(1.5 * outer, farthest));
      at_inner = std::exchange(at_outer, excess(outer));
    }
    const std::optional<double> distance = FindRoot(excess, inner, outer, at_inner, at_outer, kPrecision * step);
    if (lower_end_) return {{}, kNoOptimum};
    if (!distance) return {{}, "a refit has no finite cost"};
    const double value = start_ + direction_ * *distance;
    if (*distance <= kRoundingWidth) return {{}, "it is indistinguishable from the estimate"};
    return {value, ""};
  }

  // The end of a refit below the cost of the fit, if one was met.
  const std::optional<Point>& lower_end() const { return lower_end_; }

 private:
  // Returns sqrt(cost - minimum cost) - sqrt(rise), about linear in `distance`, all other coordinates refitted.
  double Excess(double distance, double rise) {
    const double value = start_ + direction_ * distance;
    Domain domain = source_.domain;
    domain.free[coordinate_] = false;
    domain.lower.at[coordinate_] = domain.upper.at[coordinate_] = value;
    Point from = inside_;
    from.at[coordinate_] = value;
    const DescentEnd end = Descend(source_.cells, domain, from, source_.kernels, stop_);
    const double excess = std::sqrt(std::max(0.0, end.cost - min_cost_)) - std::sqrt(rise);
    if (end.cost < min_cost_ - kAgreement * source_.variance) lower_end_ = end.point;
    if (excess < 0 && distance > distance_inside_) {
      inside_ = end.point;
      distance_inside_ = distance;
    }
    return excess;
  }

  const ProfileSource& source_;
  const Coordinate coordinate_;
  const double direction_;
  const StopSignal& stop_;
  const double start_;
  Point inside_;  // the end of the farthest refit within the interval
  double distance_inside_ = 0;
  double min_cost_;
  std::optional<Point> lower_end_;
};

}  // namespace

absl::StatusOr<Profiles> FindProfiles(const ProfileSource& source, const StopSignal& stop) {
  const std::vector<int> coordinates = FreeCoordinates(source.domain.free);
  Profiles profiles;
  if (coordinates.empty()) return profiles;
  const std::vector<double> variances = IndependentVariances(source, coordinates);
  const std::int32_t records = static_cast<std::int32_t>(source.cells.record_count);
  const std::int32_t freedom = source.sandwich ? source.sandwich->degrees_of_freedom
                                               : std::max(1, records - static_cast<std::int32_t>(coordinates.size()));
  const double t = StudentQuantile(source.confidence, freedom);
  for (const int coordinate : coordinates) profiles.intervals.push_back({static_cast<Coordinate>(coordinate), {}, {}});
  std::vector<std::optional<Point>> lower_ends(2 * coordinates.size());
  ThreadPool pool(std::min(AvailableCpus(), kMaxThreads));
  const auto find_end = [&](std::size_t i, int) {
    const int coordinate = coordinates[i / 2];
    const double independent = variances[i / 2];
    double gradient[kCoordinateCount] = {};
    gradient[coordinate] = 1;
    const double error = source.sandwich ? source.sandwich->StandardError(gradient) : std::sqrt(independent);
    const double rise = t * t * source.variance * error * error / independent;
    const bool is_lower = i % 2 == 0;
    ProfileEnd& end = is_lower ? profiles.intervals[i / 2].lower : profiles.intervals[i / 2].upper;
    if (!std::isfinite(rise) || !(rise > 0) || !(error > 0)) {
      end.reason = "the residuals have no variance to measure a rise of the cost by";
      return;
    }
    Side side(source, coordinate, is_lower ? -1 : 1, stop);
    end = side.Find(rise, t * error);
    lower_ends[i] = side.lower_end();
  };
  CTXFIT_RETURN_IF_ERROR(pool.ParallelFor(lower_ends.size(), stop, find_end));
  CTXFIT_RETURN_IF_ERROR(stop.Check());
  for (const std::optional<Point>& end : lower_ends) {
    if (end) profiles.lower_ends.push_back(*end);
  }
  return profiles;
}

Profiles NoProfiles(const Domain& domain, const std::string& reason) {
  Profiles profiles;
  for (const int coordinate : FreeCoordinates(domain.free)) {
    profiles.intervals.push_back({static_cast<Coordinate>(coordinate), {{}, reason}, {{}, reason}});
  }
  return profiles;
}

void AddProfileIntervals(const Profiles& profiles, const Law& law, std::vector<Estimate>& estimates) {
  for (const ProfileInterval& interval : profiles.intervals) {
    const Coordinate coordinate = interval.coordinate;
    const auto parameter = [&](const ProfileEnd& end) {
      return end.value ? std::optional(ToParameter(coordinate, *end.value, law.penalty)) : std::nullopt;
    };
    // The ceiling rises as the headroom falls.
    const ProfileEnd& left = coordinate == kHeadroom ? interval.upper : interval.lower;
    const ProfileEnd& right = coordinate == kHeadroom ? interval.lower : interval.upper;
    for (Estimate& estimate : estimates) {
      if (estimate.name != ParameterName(coordinate, law.penalty.form) || !estimate.identified) continue;
      estimate.profile_lower = parameter(left);
      estimate.profile_upper = parameter(right);
      if (!left.reason.empty()) estimate.profile_reason = absl::StrCat("no lower end, because ", left.reason);
      if (!right.reason.empty()) {
        absl::StrAppend(&estimate.profile_reason, left.reason.empty() ? "" : "; ", "no upper end, because ",
                        right.reason);
      }
    }
  }
}

}  // namespace ctxfit

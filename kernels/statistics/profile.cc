#include "kernels/statistics/profile.h"

#include <Eigen/Dense>
#include <algorithm>
#include <boost/math/tools/toms748_solve.hpp>
#include <cmath>
#include <cstdint>
#include <utility>

#include "kernels/base/available_cpus.h"
#include "kernels/base/thread_pool.h"
#include "kernels/data/cells.h"
#include "kernels/descent/descent.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/domain.h"
#include "kernels/law/parameters.h"
#include "kernels/objective/linearization.h"

namespace ctxfit {
namespace {

// Each descent holds the factors of all cells, of which there may be millions.
constexpr int kMaxThreads = 4;
// Ends are found to this share of a standard error.
constexpr double kPrecision = 1e-6;

std::vector<int> MovableCoordinates(const Domain& domain) {
  std::vector<int> free_set;
  for (int i = 0; i < kCoordinateCount; ++i) {
    if (domain.free[i]) free_set.push_back(i);
  }
  return free_set;
}

// The variances of the free_set coordinates where records are independent: sigma^2 times the diagonal of H^-1.
Eigen::VectorXd IndependentVariances(const ProfileSource& source, const std::vector<int>& free_set) {
  const NormalEquations equations = Linearize(source.cells, source.law.point, Curvature::kFisher);
  const auto count = static_cast<Eigen::Index>(free_set.size());
  Eigen::MatrixXd hessian(count, count);
  for (Eigen::Index i = 0; i < count; ++i) {
    for (Eigen::Index j = 0; j <= i; ++j) {
      hessian(i, j) = hessian(j, i) = equations.jtj[PackedIndex(free_set[i], free_set[j])];
    }
  }
  return source.variance * hessian.ldlt().solve(Eigen::MatrixXd::Identity(count, count)).diagonal();
}

// One side of the profile of one coordinate.
class Side {
 public:
  Side(const ProfileSource& source, int coordinate, double direction, const StopSignal& stop)
      : source_(source), coordinate_(coordinate), direction_(direction), stop_(stop), last_(source.law.point) {
    least_ = WeightedCost(source.cells, source.law.point) - source.cells.within_cost;
  }

  // The coordinate at which the cost has risen by `rise`, looked for in steps of `step`; unset beyond the bound.
  std::optional<double> Find(double rise, double step) {
    const double start = source_.law.point.at[coordinate_];
    const double bound =
        direction_ < 0 ? source_.free_set.lower.at[coordinate_] : source_.free_set.upper.at[coordinate_];
    const auto excess = [&](double distance) { return Rise(start + direction_ * distance) - std::sqrt(rise); };
    const double farthest = std::abs(bound - start);
    double inner = 0;
    double outer = std::min(step, farthest);
    while (excess(outer) < 0) {
      if (outer >= farthest || !stop_.Check().ok()) return std::nullopt;
      inner = std::exchange(outer, std::min(1.5 * outer, farthest));
    }
    const auto close = [&](double a, double b) { return std::abs(a - b) <= kPrecision * step; };
    std::uintmax_t iterations = 60;
    const auto [a, b] = boost::math::tools::toms748_solve(excess, inner, outer, close, iterations);
    return start + direction_ * (a + b) / 2;
  }

 private:
  // sqrt(cost - least cost), all other coordinates refitted from the last place. About linear in the coordinate.
  double Rise(double value) {
    Domain domain = source_.free_set;
    domain.free[coordinate_] = false;
    domain.lower.at[coordinate_] = domain.upper.at[coordinate_] = value;
    last_.at[coordinate_] = value;
    const DescentEnd end = Descend(source_.cells, domain, last_, source_.kernels, stop_);
    last_ = end.point;
    return std::sqrt(std::max(0.0, end.cost - least_));
  }

  const ProfileSource& source_;
  const int coordinate_;
  const double direction_;
  const StopSignal& stop_;
  Point last_;
  double least_;
};

// The ends of all profiles, two for each free_set coordinate, the lower one first.
absl::StatusOr<std::vector<std::optional<double>>> FindEnds(const ProfileSource& source,
                                                            const std::vector<int>& free_set, const StopSignal& stop) {
  const Eigen::VectorXd variances = IndependentVariances(source, free_set);
  const std::int32_t records = static_cast<std::int32_t>(source.cells.record_count);
  const std::int32_t freedom = source.sandwich ? source.sandwich->degrees_of_freedom
                                               : std::max(1, records - static_cast<std::int32_t>(free_set.size()));
  const double t = StudentQuantile(source.confidence, freedom);
  std::vector<std::optional<double>> ends(2 * free_set.size());
  ThreadPool pool(std::min(AvailableCpus(), kMaxThreads));
  absl::Status status = pool.ParallelFor(ends.size(), stop, [&](std::size_t i, int) {
    const int coordinate = free_set[i / 2];
    const double independent = variances(static_cast<Eigen::Index>(i / 2));
    double gradient[kCoordinateCount] = {};
    gradient[coordinate] = 1;
    const double error = source.sandwich ? source.sandwich->StandardError(gradient) : std::sqrt(independent);
    if (!(independent > 0) || !(error > 0)) return;
    const double rise = t * t * source.variance * error * error / independent;
    ends[i] = Side(source, coordinate, i % 2 == 0 ? -1 : 1, stop).Find(rise, t * error);
  });
  if (status.ok()) status = stop.Check();
  if (!status.ok()) return status;
  return ends;
}

}  // namespace

absl::Status AddProfileIntervals(const ProfileSource& source, const StopSignal& stop,
                                 std::vector<Estimate>& estimates) {
  const std::vector<int> free_set = MovableCoordinates(source.free_set);
  if (free_set.empty()) return absl::OkStatus();
  const absl::StatusOr<std::vector<std::optional<double>>> ends = FindEnds(source, free_set, stop);
  if (!ends.ok()) return ends.status();
  for (std::size_t i = 0; i < free_set.size(); ++i) {
    const auto coordinate = static_cast<Coordinate>(free_set[i]);
    const auto parameter = [&](const std::optional<double>& value) {
      return value ? std::optional(ToParameter(coordinate, *value, source.law.penalty)) : std::nullopt;
    };
    for (Estimate& estimate : estimates) {
      if (estimate.name != ParameterName(coordinate, source.law.penalty.form) || !estimate.identified) continue;
      estimate.profile_lower = parameter((*ends)[2 * i]);
      estimate.profile_upper = parameter((*ends)[2 * i + 1]);
      // The headroom falls as the ceiling rises.
      if (coordinate == kHeadroom) std::swap(estimate.profile_lower, estimate.profile_upper);
    }
  }
  return absl::OkStatus();
}

}  // namespace ctxfit

#include "kernels/statistics/profile.h"

#include <algorithm>
#include <boost/math/tools/toms748_solve.hpp>
#include <cmath>
#include <cstdint>
#include <utility>

#include "absl/status/statusor.h"
#include "kernels/base/available_cpus.h"
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
#include "kernels/statistics/distributions.h"
#include "kernels/statistics/estimates.h"
#include "kernels/statistics/sandwich.h"
#include "kernels/statistics/symmetric_matrix.h"

namespace ctxfit {
namespace {

// Each descent holds the factors of all cells, of which there may be millions.
constexpr int kMaxThreads = 4;
// The error of an end, as a share of the first step towards it.
constexpr double kPrecision = 1e-6;

// The variances of the coordinates for independent records: sigma^2 times the diagonal of H^-1.
std::vector<double> IndependentVariances(const ProfileSource& source, const std::vector<int>& coordinates) {
  const NormalEquations equations = Linearize(source.cells, source.law.point, Curvature::kFisher);
  const std::size_t size = coordinates.size();
  std::vector<double> inverse(size * size);
  for (std::size_t i = 0; i < size; ++i) inverse[i * size + i] = 1;
  LdltFactor(DenseMatrix(equations, coordinates), static_cast<int>(size)).SolveColumnMajor(absl::MakeSpan(inverse));
  std::vector<double> variances(size);
  for (std::size_t i = 0; i < size; ++i) variances[i] = source.variance * inverse[i * size + i];
  return variances;
}

// One side of the profile of one coordinate.
class Side {
 public:
  Side(const ProfileSource& source, int coordinate, double direction, const StopSignal& stop)
      : source_(source), coordinate_(coordinate), direction_(direction), stop_(stop), last_(source.law.point) {
    min_cost_ = WeightedCost(source.cells, source.law.point) - source.cells.within_cost;
  }

  // Returns the coordinate at which the cost has risen by `rise`, searching outwards from a first step of `step`; unset
  // beyond the bound.
  std::optional<double> Find(double rise, double step) {
    const double start = source_.law.point.at[coordinate_];
    const double bound = direction_ < 0 ? source_.domain.lower.at[coordinate_] : source_.domain.upper.at[coordinate_];
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
  // Returns sqrt(cost - minimum cost), about linear in `value`, all other coordinates refitted from where the last
  // refit ended.
  double Rise(double value) {
    Domain domain = source_.domain;
    domain.free[coordinate_] = false;
    domain.lower.at[coordinate_] = domain.upper.at[coordinate_] = value;
    last_.at[coordinate_] = value;
    const DescentEnd end = Descend(source_.cells, domain, last_, source_.kernels, stop_);
    last_ = end.point;
    return std::sqrt(std::max(0.0, end.cost - min_cost_));
  }

  const ProfileSource& source_;
  const int coordinate_;
  const double direction_;
  const StopSignal& stop_;
  Point last_;
  double min_cost_;
};

// Returns the ends of all profiles, two for each coordinate, the lower one first.
absl::StatusOr<std::vector<std::optional<double>>> FindEnds(const ProfileSource& source,
                                                            const std::vector<int>& coordinates,
                                                            const StopSignal& stop) {
  const std::vector<double> variances = IndependentVariances(source, coordinates);
  const std::int32_t records = static_cast<std::int32_t>(source.cells.record_count);
  const std::int32_t freedom = source.sandwich ? source.sandwich->degrees_of_freedom
                                               : std::max(1, records - static_cast<std::int32_t>(coordinates.size()));
  const double t = StudentQuantile(source.confidence, freedom);
  std::vector<std::optional<double>> ends(2 * coordinates.size());
  ThreadPool pool(std::min(AvailableCpus(), kMaxThreads));
  const auto find_end = [&](std::size_t i, int) {
    const int coordinate = coordinates[i / 2];
    const double independent = variances[i / 2];
    double gradient[kCoordinateCount] = {};
    gradient[coordinate] = 1;
    const double error = source.sandwich ? source.sandwich->StandardError(gradient) : std::sqrt(independent);
    if (!(independent > 0) || !(error > 0)) return;
    const double rise = t * t * source.variance * error * error / independent;
    ends[i] = Side(source, coordinate, i % 2 == 0 ? -1 : 1, stop).Find(rise, t * error);
  };
  CTXFIT_RETURN_IF_ERROR(pool.ParallelFor(ends.size(), stop, find_end));
  CTXFIT_RETURN_IF_ERROR(stop.Check());
  return ends;
}

}  // namespace

absl::Status AddProfileIntervals(const ProfileSource& source, const StopSignal& stop,
                                 std::vector<Estimate>& estimates) {
  const std::vector<int> coordinates = FreeCoordinates(source.domain.free);
  if (coordinates.empty()) return absl::OkStatus();
  CTXFIT_ASSIGN_OR_RETURN(const std::vector<std::optional<double>> ends, FindEnds(source, coordinates, stop));
  for (std::size_t i = 0; i < coordinates.size(); ++i) {
    const auto coordinate = static_cast<Coordinate>(coordinates[i]);
    const auto parameter = [&](const std::optional<double>& value) {
      return value ? std::optional(ToParameter(coordinate, *value, source.law.penalty)) : std::nullopt;
    };
    for (Estimate& estimate : estimates) {
      if (estimate.name != ParameterName(coordinate, source.law.penalty.form) || !estimate.identified) continue;
      estimate.profile_lower = parameter(ends[2 * i]);
      estimate.profile_upper = parameter(ends[2 * i + 1]);
      // The ceiling rises as the headroom falls.
      if (coordinate == kHeadroom) std::swap(estimate.profile_lower, estimate.profile_upper);
    }
  }
  return absl::OkStatus();
}

}  // namespace ctxfit

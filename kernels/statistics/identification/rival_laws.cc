#include "kernels/statistics/identification/rival_laws.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "absl/strings/str_format.h"
#include "kernels/base/status_macros.h"
#include "kernels/data/cells.h"
#include "kernels/data/coarsen.h"
#include "kernels/descent/descent.h"
#include "kernels/law/factor.h"
#include "kernels/law/law.h"
#include "kernels/law/parameters.h"
#include "kernels/objective/linearization.h"
#include "kernels/statistics/intervals/intervals.h"
#include "kernels/statistics/numerics/symmetric_matrix.h"

namespace ctxfit {
namespace {

constexpr double kNotRejected = 3.84;  // 95 % quantile of chi-square with one degree of freedom
constexpr double kFarAway = 3;         // distance of a rival, in standard errors
constexpr double kJustBeyond = 3.001;  // distance at which a coordinate is held, in standard errors
constexpr double kNoDistance = 1e-5;   // distance that matters to no one, even in an exact fit
constexpr double kNoDeviance = 1e-9;   // deviance units that are none
constexpr double kKnown = 0.7;         // share of the half-width that a rival implies which replicates must show
constexpr double kNearlyOne = 0.97;    // a factor beyond which its coordinates trade against each other
constexpr int kFewLevels = 4;          // levels of a factor so few that they may all do so
constexpr double kLowerFactors[] = {0.97, 0.85, 0.65, 0.4};  // parts of the best, at its reference, to descend from
constexpr double kLowerExponents[] = {1, 0.5};               // parts of the best
constexpr double kHighestFactor = 0.999;

// A coordinate that replicates move, with its standard error: by the sandwich if there is one, else by Gauss-Newton.
struct Moved {
  Coordinate coordinate;
  double standard_error;
  double ratio;  // its variance by the sandwich over that by Gauss-Newton; 1 without a sandwich
};

// Returns the coordinates that replicates move; none where the data do not determine them together.
std::vector<Moved> MovedCoordinates(const BestLaw& best) {
  const std::vector<int> coordinates = FreeCoordinates(best.free_set);
  if (coordinates.empty()) return {};
  const std::size_t size = coordinates.size();
  const LdltFactor hessian(DenseMatrix(best.curvature, coordinates), static_cast<int>(size));
  if (!hessian.is_invertible()) return {};
  const std::vector<double> inverse = hessian.Inverse();
  std::vector<Moved> moved;
  for (std::size_t i = 0; i < size; ++i) {
    const double by_curvature = best.variance * inverse[i * size + i];
    const double variance = best.sandwich ? best.sandwich->Variance(coordinates[i]) : by_curvature;
    moved.push_back({static_cast<Coordinate>(coordinates[i]), std::sqrt(variance), variance / by_curvature});
  }
  return moved;
}

// The number of ascending levels of which each is at least 10 % above the last counted.
int CountApart(const std::vector<double>& log_levels) {
  constexpr double kApart = 0.1;
  int count = 1;
  double last = log_levels.front();
  for (const double level : log_levels) {
    if (level < last + kApart) continue;
    last = level;
    ++count;
  }
  return count;
}

// True if the factor is not identified, or has few levels, of which it is nearly 1 at the highest, log_levels.back().
bool MayBeLower(const Factor& factor, const std::vector<double>& log_levels, const Domain& domain, const Point& best,
                const Diagnostics& diagnostics) {
  if (!domain.free[factor.coefficient]) return false;
  if (!diagnostics.identified[factor.coefficient] || !diagnostics.identified[factor.exponent]) return true;
  return Saturate(LogRate(best.at[factor.coefficient], best.at[factor.exponent], log_levels.back())) > kNearlyOne &&
         CountApart(log_levels) <= kFewLevels;
}

// The distance of the replicates' 95 % interval from the best law, on the side of `value`; 0 without replicates.
double Reach(const std::vector<Point>& replicates, const Point& best, Coordinate coordinate, double value) {
  if (replicates.empty()) return 0;
  const double side = value > best.at[coordinate] ? 1 : -1;
  std::vector<double> distances;
  for (const Point& replicate : replicates) {
    distances.push_back(side * (replicate.at[coordinate] - best.at[coordinate]));
  }
  return std::max(0.0, Quantile(distances, 0.975));
}

// The best law, with the factor lowered.
std::vector<Point> WithLowerFactor(const Factor& factor, const Domain& domain, const Point& best) {
  const double highest = std::min(Saturate(best.at[factor.coefficient]), kHighestFactor);
  std::vector<Point> points;
  for (const double part : kLowerFactors) {
    for (const double part_of_exponent : kLowerExponents) {
      Point point = best;
      double& coefficient = point.at[factor.coefficient];
      coefficient = std::clamp(std::log(-std::log1p(-part * highest)), domain.lower.at[factor.coefficient],
                               domain.upper.at[factor.coefficient]);
      if (domain.free[factor.exponent]) {
        point.at[factor.exponent] =
            std::max(part_of_exponent * best.at[factor.exponent], domain.lower.at[factor.exponent]);
      }
      points.push_back(point);
    }
  }
  return points;
}

}  // namespace

absl::StatusOr<std::vector<Rival>> DescendAside(const Cells& cells, const Domain& domain, const BestLaw& best,
                                                const Diagnostics& diagnostics, const HostCompute& host,
                                                const StopSignal& stop) {
  std::vector<Point> centres;
  const auto add_lower = [&](const Factor& factor, const std::vector<double>& log_levels) {
    if (!MayBeLower(factor, log_levels, domain, best.point, diagnostics)) return;
    const std::vector<Point> lower = WithLowerFactor(factor, domain, best.point);
    centres.insert(centres.end(), lower.begin(), lower.end());
  };
  add_lower(kComputeFactor, cells.log_compute);
  add_lower(kContextFactor, cells.log_prompt);
  std::vector<Rival> rivals;
  if (centres.empty()) return rivals;
  centres.push_back(best.point);
  const Cells coarse = Coarsen(cells, kCoarsePrompts);
  const double best_over_coarse = WeightedCost(coarse, best.point);
  for (const Moved& moved : MovedCoordinates(best)) {
    const Coordinate coordinate = moved.coordinate;
    if (!diagnostics.identified[coordinate]) continue;
    std::vector<Point> starts;
    for (const double errors : {-kJustBeyond, kJustBeyond}) {
      const double value = best.point.at[coordinate] + errors * moved.standard_error;
      if (value < domain.lower.at[coordinate] || value > domain.upper.at[coordinate]) continue;
      for (Point start : centres) {
        start.at[coordinate] = value;
        starts.push_back(start);
      }
    }
    if (starts.empty()) continue;
    Domain held = domain;
    held.free[coordinate] = false;
    CTXFIT_ASSIGN_OR_RETURN(const std::vector<DescentEnd> ends, DescendFromAll(coarse, held, starts, host, stop));
    for (const DescentEnd& end : ends) {
      rivals.push_back({end.point, best.cost + end.cost + coarse.within_cost - best_over_coarse});
    }
  }
  return rivals;
}

void ExamineRivals(const std::vector<Rival>& rivals, const BestLaw& best, const std::vector<Point>& replicates,
                   Diagnostics& diagnostics) {
  for (const Moved& moved : MovedCoordinates(best)) {
    const double unit = best.variance * moved.ratio;
    for (const Rival& rival : rivals) {
      const double deviance = std::max(0.0, rival.cost - best.cost) / unit;
      const double value = rival.point.at[moved.coordinate];
      const double distance = std::abs(value - best.point.at[moved.coordinate]);
      if (deviance > kNotRejected || !(distance > std::max(kFarAway * moved.standard_error, kNoDistance))) continue;
      // The half-width of a 95 % interval, if costs rise quadratically up to the rival.
      const double implied = distance * std::sqrt(kNotRejected / std::max(deviance, kNoDeviance));
      if (Reach(replicates, best.point, moved.coordinate, value) >= kKnown * implied) continue;
      MarkUnidentified(diagnostics, moved.coordinate,
                       absl::StrFormat("another law, %.2g deviance units worse, has %s at %.3g", deviance,
                                       ParameterName(moved.coordinate, best.scale.form),
                                       ToParameter(moved.coordinate, value, best.scale)));
    }
  }
}

}  // namespace ctxfit

#include "kernels/statistics/rival_laws.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "absl/strings/str_format.h"
#include "kernels/base/status_macros.h"
#include "kernels/data/cells.h"
#include "kernels/descent/descent.h"
#include "kernels/law/parameters.h"
#include "kernels/statistics/symmetric_matrix.h"

namespace ctxfit {
namespace {

constexpr double kNotRejected = 3.84;  // 95 % quantile of chi-square with one degree of freedom
constexpr double kFarAway = 3;         // distance of a rival, in standard errors
constexpr double kNoDistance = 1e-5;   // distance that matters to no one, even in an exact fit
constexpr double kHeldFactors[] = {0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98};
constexpr double kExponentShares[] = {1, 0.5};  // of the best exponent, from which a descent starts

struct FactorCoordinates {
  Coordinate coefficient;
  Coordinate exponent;
};
constexpr FactorCoordinates kFactors[] = {{kLogComputeCoefficient, kComputeExponent},
                                          {kLogContextCoefficient, kContextExponent}};

// Starts in `domain` that have the factor at each of kHeldFactors.
std::vector<Point> StartsAlong(const FactorCoordinates& factor, const Domain& domain, const Point& best) {
  std::vector<Point> starts;
  for (const double value : kHeldFactors) {
    for (const double share : kExponentShares) {
      Point start = best;
      start.at[factor.coefficient] = std::clamp(std::log(-std::log1p(-value)), domain.lower.at[factor.coefficient],
                                                domain.upper.at[factor.coefficient]);
      if (domain.free[factor.exponent]) {
        start.at[factor.exponent] = std::clamp(share * best.at[factor.exponent], domain.lower.at[factor.exponent],
                                               domain.upper.at[factor.exponent]);
      }
      starts.push_back(start);
    }
  }
  return starts;
}

// The Gauss-Newton standard error of each coordinate of `free_set`; none where they are not determined together.
std::vector<double> StandardErrors(const BestLaw& best, const std::vector<int>& coordinates) {
  const std::size_t size = coordinates.size();
  const LdltFactor hessian(DenseMatrix(best.curvature, coordinates), static_cast<int>(size));
  if (!hessian.is_invertible()) return {};
  std::vector<double> inverse(size * size);
  for (std::size_t i = 0; i < size; ++i) inverse[i * size + i] = 1;
  hessian.SolveColumnMajor(absl::MakeSpan(inverse));
  std::vector<double> errors;
  for (std::size_t i = 0; i < size; ++i) errors.push_back(std::sqrt(best.variance * inverse[i * size + i]));
  return errors;
}

}  // namespace

absl::StatusOr<std::vector<Rival>> DescendAlongUnidentified(const Cells& cells, const Domain& domain, const Point& best,
                                                            const Diagnostics& diagnostics, const HostCompute& host,
                                                            const StopSignal& stop) {
  std::vector<Rival> rivals;
  for (const FactorCoordinates& factor : kFactors) {
    const bool identified = diagnostics.identified[factor.coefficient] && diagnostics.identified[factor.exponent];
    if (identified || !domain.free[factor.coefficient]) continue;
    Domain held = domain;
    held.free[factor.coefficient] = false;
    CTXFIT_ASSIGN_OR_RETURN(const std::vector<DescentEnd> ends,
                            DescendFromAll(cells, held, StartsAlong(factor, domain, best), host, stop));
    for (const DescentEnd& end : ends) rivals.push_back({end.point, end.cost + cells.within_cost});
  }
  return rivals;
}

void ExamineRivals(const std::vector<Rival>& rivals, const BestLaw& best, Diagnostics& diagnostics) {
  const std::vector<int> coordinates = FreeCoordinates(best.free_set);
  if (coordinates.empty()) return;
  const std::vector<double> errors = StandardErrors(best, coordinates);
  for (const Rival& rival : rivals) {
    const double deviance = std::max(0.0, rival.cost - best.cost) / best.variance;
    if (deviance > kNotRejected) continue;
    for (std::size_t i = 0; i < errors.size(); ++i) {
      const auto coordinate = static_cast<Coordinate>(coordinates[i]);
      const double distance = std::abs(rival.point.at[coordinate] - best.point.at[coordinate]);
      if (!(distance > std::max(kFarAway * errors[i], kNoDistance))) continue;
      MarkUnidentified(
          diagnostics, coordinate,
          absl::StrFormat("another law, %.2g deviance units worse, has it at %.3g, %.1f standard errors away", deviance,
                          ToParameter(coordinate, rival.point.at[coordinate], best.scale), distance / errors[i]));
    }
  }
}

}  // namespace ctxfit

#ifndef CTXFIT_KERNELS_STATISTICS_ERRORS_SANDWICH_H_
#define CTXFIT_KERNELS_STATISTICS_ERRORS_SANDWICH_H_

#include <cstdint>
#include <optional>

#include "kernels/law/coordinate.h"
#include "kernels/objective/normal_equations.h"

namespace ctxfit {

struct Cells;
struct Contribution;

// The cluster-robust covariance of the estimates, from the law's linearisation at its optimum: a check on the bootstrap
// that costs one pass over the cells.
struct Sandwich {
  // Covariance of the coordinates, row by row; zeros for those that are held.
  double covariance[kCoordinateCount * kCoordinateCount];
  // Degrees of freedom of Student's t for intervals: units of the smaller key, less 1.
  std::int32_t degrees_of_freedom;

  // The variance of a coordinate.
  double Variance(int coordinate) const { return covariance[coordinate * kCoordinateCount + coordinate]; }

  // The standard error of a quantity by the delta method, from its gradient by the coordinates.
  double StandardError(const double (&gradient)[kCoordinateCount]) const;
};

// Returns H^-1 (sum over units of s s') H^-1, where s is the sum of w r dP over a unit and H = J' W J, with the
// correction G / (G - 1) (N - 1) / (N - K) for G units, N records and K fitted coordinates (Cameron and Miller 2015),
// of which only those in `contribution` count.
//
// `cells` kept their units, `curvature` holds H by Curvature::kFisher, `free_set` are the fitted coordinates. Scores
// are taken about their mean within strata. With two keys the middle term is V_1 + V_2 - V_12, V_12 by pairs of units
// (Cameron, Gelbach and Miller 2011), its negative eigenvalues set to 0. Unset with fewer than two units (of either
// key), with no coordinate in `free_set`, and where H is singular.
std::optional<Sandwich> ClusterSandwich(const Cells& cells, const NormalEquations& curvature, const bool* free_set,
                                        const Point& point, const Contribution& contribution);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_STATISTICS_ERRORS_SANDWICH_H_

#ifndef CTXFIT_KERNELS_STATISTICS_SANDWICH_H_
#define CTXFIT_KERNELS_STATISTICS_SANDWICH_H_

#include <cstdint>
#include <optional>

#include "kernels/law/coordinate.h"
#include "kernels/objective/normal_equations.h"

namespace ctxfit {

struct Cells;

// The cluster-robust covariance of the estimates, by the law's linearisation at its optimum: a check on the bootstrap
// that costs one pass over the cells.
struct Sandwich {
  // Covariance of the coordinates, row by row; zeros for those that are held.
  double covariance[kCoordinateCount * kCoordinateCount];
  // Of Student's t, by which intervals are to be taken: units of the smaller key, less 1.
  std::int32_t degrees_of_freedom;

  // The standard error of a quantity by the delta method, from its gradient by the coordinates.
  double StandardError(const double (&gradient)[kCoordinateCount]) const;
};

// H^-1 (sum over units of s s') H^-1 with H = J' W J, s the sum of w r dP over a unit, and the correction
// G / (G - 1) (N - 1) / (N - K) for G units, N records and K fitted coordinates (Cameron and Miller 2015). Two-way:
// V_1 + V_2 - V_12 with V_12 by pairs of units (Cameron, Gelbach and Miller 2011), its negative eigenvalues set to 0.
// `cells` kept their units; `curvature` has H, by the loss's own second derivatives. Nothing where there is but one
// unit, nothing is free_set or H is singular.
std::optional<Sandwich> ClusterSandwich(const Cells& cells, const NormalEquations& curvature, const bool* free_set,
                                        const Point& point);

// The half width, in standard errors, of an interval that covers `confidence`, by Student's t.
double StudentQuantile(double confidence, std::int32_t degrees_of_freedom);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_STATISTICS_SANDWICH_H_

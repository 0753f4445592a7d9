#ifndef CTXFIT_KERNELS_LINEARIZATION_H_
#define CTXFIT_KERNELS_LINEARIZATION_H_

#include "kernels/cells.h"
#include "kernels/law.h"
#include "kernels/normal_equations.h"

namespace ctxfit {

// sum_rows w (y - P)^2 at `point`, in double precision: the scalar reference for every backend.
double WeightedSse(const Cells& cells, const Point& point);

// The weighted residuals sqrt(w) (mean score - P) of all cells at `point`, and where `jacobian` is not null their
// derivatives by the law's coordinates, row by row: cells.size() x cells.coordinate_count().
void WeightedResiduals(const Cells& cells, const Point& point, double* residuals, double* jacobian);

// The normal equations of those residuals in double precision, fixed coordinates included; the cost is without
// within_sse. The scalar reference for every backend.
NormalEquations Linearize(const Cells& cells, const Point& point);

// sigma^2, the variance of one evaluation, estimated as `sse` per degree of freedom: records less fitted parameters, at
// least 1. Never below the square of 1e-12, which is what rounding leaves of residuals in double precision.
double ResidualVariance(const Cells& cells, double sse, int fitted_count);

// g' H^-1 g / variance over the coordinates in `movable`: the squared distance from the optimum in standard errors.
// Directions that the Jacobian does not determine (relative eigenvalue below 1e-12) are left out.
double GradientInStandardErrors(const NormalEquations& equations, const bool* movable, double variance);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_LINEARIZATION_H_

#ifndef CTXFIT_KERNELS_OBJECTIVE_LINEARIZATION_H_
#define CTXFIT_KERNELS_OBJECTIVE_LINEARIZATION_H_

#include <cstdint>

#include "absl/functional/function_ref.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/domain.h"
#include "kernels/objective/normal_equations.h"

namespace ctxfit {

struct Cells;

// The cost of all rows at `point`, sum w (y - P)^2 for the squared loss, in double precision: the scalar reference for
// every backend.
double WeightedCost(const Cells& cells, const Point& point);

// Writes the weighted residuals sqrt(w) (mean score - P) of all cells at `point`, and unless `jacobian` is null their
// derivatives by the law's coordinates, row by row: cells.size() x cells.coordinate_count(). For losses other than the
// squared one both are scaled so that J' r is the direction of descent and J' J the matrix of Linearize().
void WeightedResiduals(const Cells& cells, const Point& point, double* residuals, double* jacobian);

// Calls visit(cell, weighted residual, row of the Jacobian) for every cell, without storing them.
void VisitWeightedResiduals(const Cells& cells, const Point& point,
                            absl::FunctionRef<void(std::int32_t, double, const double*)> visit);

// Calls visit(cell, pull, gradient) for every cell: `gradient` is that of its prediction by the law's coordinates, and
// `pull` its weight times LossTerms::half_gradient, so that pulls times gradients sum to the direction of descent.
void VisitPulls(const Cells& cells, const Point& point,
                absl::FunctionRef<void(std::int32_t, double, const double*)> visit);

// The second derivative of the loss that the normal equations hold.
enum class Curvature {
  kIrls,    // LossTerms::curvature, by which descents step
  kFisher,  // the expected one, by which standard errors are estimated; for Huber's loss 0 beyond the threshold
};

// The normal equations in double precision, fixed coordinates included; their cost excludes within_cost. The scalar
// reference for every backend.
NormalEquations Linearize(const Cells& cells, const Point& point, Curvature curvature = Curvature::kIrls);

// sigma^2, the variance of one evaluation: cost per degree of freedom, records less fitted parameters, at least 1.
// Differences of cost are deviances in its units. 1 for a loss whose cost is a deviance.
class VarianceRule {
 public:
  // The variance is at least the square of the rounding that residuals have, by default of 1e-12 in double precision.
  VarianceRule(const Cells& cells, int fitted_count, double min_variance = 1e-24);

  // Returns the variance at a cost, which includes within_cost.
  double operator()(double cost) const;

 private:
  bool cost_is_deviance_;
  double min_cost_;
  double degrees_of_freedom_;
};

// VarianceRule for one cost.
double ResidualVariance(const Cells& cells, double cost, int fitted_count);

// d' H d: the squared distance of two points, in units of the variance, as the normal equations at one of them see it.
double SquaredDistance(const NormalEquations& equations, const Domain& domain, const Point& a, const Point& b);

// g' H^-1 g / variance over the coordinates in `free_set`: the squared distance from the optimum in standard errors.
// Directions that the Jacobian does not determine (relative eigenvalue below 1e-12) are excluded.
double GradientInStandardErrors(const NormalEquations& equations, const bool* free_set, double variance);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_OBJECTIVE_LINEARIZATION_H_

#ifndef CTXFIT_KERNELS_STATISTICS_DIAGNOSTICS_H_
#define CTXFIT_KERNELS_STATISTICS_DIAGNOSTICS_H_

#include <optional>
#include <string>
#include <vector>

#include "kernels/law/coordinate.h"
#include "kernels/law/domain.h"
#include "kernels/law/penalty.h"
#include "kernels/objective/normal_equations.h"

namespace ctxfit {

struct Cells;

// What the observations determine about the law at a refined optimum; see ctxfit.v1.Diagnostics.
struct Diagnostics {
  std::optional<double> condition_number;
  std::vector<double> singular_values;     // of the Jacobian with columns of unit length, largest first
  std::vector<Coordinate> coordinates;     // the free ones
  std::vector<double> correlation;         // coordinates.size() squared, row by row; empty where singular
  std::vector<std::string> active_bounds;  // "NAME at its lower bound 0"
  std::vector<std::string> warnings;
  bool identified[kCoordinateCount];     // true for fixed ones
  std::string reason[kCoordinateCount];  // why a coordinate is not identified
  bool held[kCoordinateCount];           // to be held while resampling: directions that the data leave flat
};

// Examines the Jacobian at `point`, which lies in the domain, where the normal equations are `equations` and the
// residual variance is `variance`.
//
// A coordinate is not identified where its variable has one observed level (all within 1 %), where it takes part in a
// direction that changes no prediction (relative singular value below 1e-8), or where its Gauss-Newton standard error
// exceeds a quarter of the range that its bounds allow: the data then do not choose among the values allowed.
// `scale` is the one in which the domain tells the penalty's width and onset.
Diagnostics ExamineIdentification(const Cells& cells, const NormalEquations& equations, const Domain& domain,
                                  const Point& point, double variance, const Penalty& scale = {});

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_STATISTICS_DIAGNOSTICS_H_

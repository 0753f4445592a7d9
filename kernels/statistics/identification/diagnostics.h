#ifndef CTXFIT_KERNELS_STATISTICS_IDENTIFICATION_DIAGNOSTICS_H_
#define CTXFIT_KERNELS_STATISTICS_IDENTIFICATION_DIAGNOSTICS_H_

#include <optional>
#include <string>
#include <vector>

#include "kernels/law/coordinate.h"
#include "kernels/law/penalty.h"
#include "kernels/objective/normal_equations.h"
#include "kernels/statistics/identification/active_bounds.h"

namespace ctxfit {

struct Cells;
struct Domain;

// The parts of the law that the observations determine at a refined optimum; see ctxfit.v1.Diagnostics.
struct Diagnostics {
  std::optional<double> condition_number;  // largest over smallest singular value; unset where singular
  std::vector<double> singular_values;     // singular values of the Jacobian with columns of unit length, largest first
  std::vector<Coordinate> coordinates;     // the free ones
  std::vector<double> correlation;         // coordinates.size() squared elements, row by row; empty where singular
  std::vector<ParameterBound> active_bounds;
  std::vector<std::string> warnings;
  std::string misfit;                    // the first of `warnings` that the law does not fit; "" if there is none
  bool identified[kCoordinateCount];     // true for fixed ones
  std::string reason[kCoordinateCount];  // why a coordinate is not identified
  bool held[kCoordinateCount];           // held fixed while resampling, since the data leave its direction flat
};

// A rise of the cost that leaves a law nearly as likely, in deviance units: odds of 20 to 1.
inline constexpr double kNearlyTheSame = 6;

// True if the coordinate was free.
bool IsFitted(const Diagnostics& diagnostics, Coordinate coordinate);

// True if both the width and the onset of the penalty were free.
bool IsPenaltyFitted(const Diagnostics& diagnostics);

// Marks an identified coordinate as not identified, for that reason.
void MarkUnidentified(Diagnostics& diagnostics, Coordinate coordinate, std::string reason);

// Examines the weighted Jacobian at `point`, a refined optimum in `domain`, where the normal equations are `equations`
// and the dispersion is `variance` (DispersionOf()). Coordinates of the penalty are relative to the width and onset of
// `scale`.
//
// A coordinate is not identified where its variable has one observed level (all within 1 %), where it takes part in a
// direction that changes no prediction (relative singular value below 1e-8), or where its Gauss-Newton standard error
// exceeds a quarter of the distance between its bounds: the data then do not choose among the values allowed. Width and
// onset of the penalty are not identified either where the data fit nearly as well without a penalty, where
// PenaltyDeviance() is less than kNearlyTheSame. Only coordinates along which the data are flat, of the first two
// kinds, are held in replicates.
Diagnostics ExamineIdentification(const Cells& cells, const NormalEquations& equations, const Domain& domain,
                                  const Point& point, double variance, const Penalty& scale = {});

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_STATISTICS_IDENTIFICATION_DIAGNOSTICS_H_

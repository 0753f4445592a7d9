#ifndef CTXFIT_KERNELS_STATISTICS_ACTIVE_BOUNDS_H_
#define CTXFIT_KERNELS_STATISTICS_ACTIVE_BOUNDS_H_

#include <string>
#include <vector>

#include "kernels/law/coordinate.h"

namespace ctxfit {

struct Domain;
struct Penalty;

// A bound of a fitted parameter, in its unit.
struct ParameterBound {
  Coordinate coordinate;
  bool is_lower;
  double value;
};

// Returns the bounds of the fitted parameters on which `point` lies. Coordinates of the penalty are relative to the
// width and onset of `scale`.
std::vector<ParameterBound> FindActiveBounds(const Domain& domain, const Point& point, const Penalty& scale);

// Describes a bound: "compute_exponent at its lower bound 0".
std::string Describe(const ParameterBound& bound, const Penalty& scale);

// Returns advice on an estimate at a bound. For a natural bound, such as 0 of an exponent, it says what
// lying there means; one that ctxfit or the caller chose may cut the optimum off.
std::string AdviceOn(const ParameterBound& bound, const Penalty& scale);

// Returns a warning for every chosen bound on which more than the share `tail` of the replicates lie and the estimate
// does not: it cuts the interval.
std::vector<std::string> FindCutIntervals(const Domain& domain, const Point& point,
                                          const std::vector<Point>& replicates, double tail, const Penalty& scale);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_STATISTICS_ACTIVE_BOUNDS_H_

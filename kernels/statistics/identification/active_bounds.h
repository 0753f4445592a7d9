#ifndef CTXFIT_KERNELS_STATISTICS_IDENTIFICATION_ACTIVE_BOUNDS_H_
#define CTXFIT_KERNELS_STATISTICS_IDENTIFICATION_ACTIVE_BOUNDS_H_

#include <string>
#include <vector>

#include "kernels/law/coordinate.h"
#include "kernels/law/range.h"

namespace ctxfit {

struct Domain;
struct Penalty;

// The neighbour of a bound of floor or ceiling: the other of them, where its values begin there or it is fixed there.
enum class Beyond { kNeither, kFittedAsymptote, kFixedAsymptote };

// A bound of a fitted parameter, in its unit.
struct ParameterBound {
  Coordinate coordinate;
  bool is_lower;
  double value;
  bool is_default = false;  // true if nobody chose it
  Beyond beyond = Beyond::kNeither;
};

// Returns the bounds of the fitted parameters on which `point` lies. Coordinates of the penalty are relative to the
// width and onset of `scale`.
std::vector<ParameterBound> FindActiveBounds(const Domain& domain, const Point& point, const Penalty& scale);

// Describes a bound: "compute_exponent at its lower bound 0".
std::string Describe(const ParameterBound& bound, const Penalty& scale);

// Returns advice on an estimate at a bound. For a natural bound, such as 0 of an exponent, it says what lying there
// means; one that ctxfit or the caller chose may cut the optimum off. Where floor and ceiling meet, neither can be
// widened alone.
std::string AdviceOn(const ParameterBound& bound);

// True for the bounds of the law itself, beyond which it has no values.
bool IsNatural(const ParameterBound& bound);

// True for an upper bound of a coefficient at which its factor is 1 at its reference scale, to double precision: no
// score there tells larger values apart.
bool IsSaturated(const ParameterBound& bound);

// The share of the replicates, at least one, that lie on a bound.
double ShareAt(const ParameterBound& bound, const Domain& domain, const std::vector<Point>& replicates,
               const Penalty& scale);

// The interval of a fitted parameter, in its unit.
struct ParameterInterval {
  Coordinate coordinate;
  Range ends;
};

// Returns a warning for every end of an interval that lies on a bound, other than a natural one, on which the estimate
// does not lie. The bound cuts the interval, and the warning says whether replicates lie there or the expansion for few
// units took the end there.
std::vector<std::string> FindCutIntervals(const Domain& domain, const Point& point,
                                          const std::vector<ParameterInterval>& intervals,
                                          const std::vector<Point>& replicates, const Penalty& scale);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_STATISTICS_IDENTIFICATION_ACTIVE_BOUNDS_H_

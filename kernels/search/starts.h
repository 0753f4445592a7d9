#ifndef CTXFIT_KERNELS_SEARCH_STARTS_H_
#define CTXFIT_KERNELS_SEARCH_STARTS_H_

#include <vector>

#include "kernels/law/coordinate.h"
#include "kernels/law/domain.h"

namespace ctxfit {

struct Cells;

// A point that may lie in a basin of its own, and the shape of its law. Candidates of one shape are alternatives.
struct StartCandidate {
  Point point;
  int shape;
};

// Returns starts on the faces where a factor no longer depends on its variable: its exponent is at the lower bound, or
// its coefficient at the upper one. Optima there have narrow basins, which a population rarely enters. Each start is
// `best` with one factor changed; a face has two, at different levels of the factor's other coordinate, so that one can
// confirm the other.
std::vector<Point> FlatStarts(const Domain& domain, const Point& best);

// Returns `best` with floor and ceiling at either of their bounds, four points, where both are fitted; else none. The
// two trade with the factors: about an optimum with other asymptotes no start changes them.
std::vector<Point> AsymptoteCorners(const Domain& domain, const Point& best);

// Returns about 1,400 candidates with every combination of a compute factor and a context factor that are saturated,
// constant, a power, or a step somewhere in the data, up to the upper bound of the exponent. Their other coordinates
// are those of `best`. 36 shapes; 81 where more than the factors is fitted, since steep steps are then shapes of their
// own. Empty if both factors are fixed.
std::vector<StartCandidate> FactorCandidates(const Cells& cells, const Domain& domain, const Point& best);

// Returns up to 704 candidates with penalties of every width between its bounds and with every onset in the data, as
// far as they are fitted. Their other coordinates are those of `best`. 32 shapes. Empty if the penalty is not fitted.
std::vector<StartCandidate> PenaltyCandidates(const Cells& cells, const Domain& domain, const Point& best);

// Returns the candidate of the lowest cost of each shape, the lowest first. `costs` has the order of the candidates.
std::vector<Point> BestOfEachShape(const std::vector<StartCandidate>& candidates, const std::vector<double>& costs);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_SEARCH_STARTS_H_

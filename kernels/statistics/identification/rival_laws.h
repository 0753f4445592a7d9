#ifndef CTXFIT_KERNELS_STATISTICS_IDENTIFICATION_RIVAL_LAWS_H_
#define CTXFIT_KERNELS_STATISTICS_IDENTIFICATION_RIVAL_LAWS_H_

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "kernels/base/stop_signal.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/domain.h"
#include "kernels/law/penalty.h"
#include "kernels/objective/host_compute.h"
#include "kernels/objective/normal_equations.h"
#include "kernels/statistics/errors/sandwich.h"
#include "kernels/statistics/identification/diagnostics.h"

namespace ctxfit {

struct Cells;

// A law beside the best one.
struct Rival {
  Point point;
  double cost;  // with within_cost
};

// The best law, and the uncertainty that intervals give it.
struct BestLaw {
  const Point& point;
  double cost;                       // with within_cost
  const NormalEquations& curvature;  // at the point
  const bool* free_set;              // the coordinates that replicates move
  double variance;                   // DispersionOf()
  const std::optional<Sandwich>& sandwich;
  const Penalty& scale;  // of the penalty's coordinates
};

// Returns laws beside the best one, if a factor has a coordinate that is not identified, or at most four levels 10 %
// apart, of which it is nearly 1 at the highest: ends of descents that hold one identified coordinate three standard
// errors away, to either side. Replicates keep a factor that is 1, where it is flat, though a lower one may fit as well
// with a higher other factor; descents therefore also start from lowered factors. They run over coarse cells
// (Coarsen()). Errors: those of `stop`.
absl::StatusOr<std::vector<Rival>> DescendAside(const Cells& cells, const Domain& domain, const BestLaw& best,
                                                const Diagnostics& diagnostics, const HostCompute& host,
                                                const StopSignal& stop);

// Marks as not identified each coordinate that a rival moves further than its standard error allows. A rival within
// 3.84 deviance units of the best law lies in the region that a likelihood-ratio test at 95 % does not reject; the unit
// is the variance, times the ratio of the coordinate's variance by the sandwich to that by Gauss-Newton. Where the
// coordinate is more than three standard errors away, by the sandwich if there is one, the quadratic model behind the
// intervals expects 9 units, and does not hold. Replicates know of such a rival if they spread as far on its side, by
// their 97.5 % quantile, as 0.7 times the half-width of an interval that it implies: its interval then tells. There may
// be none.
void ExamineRivals(const std::vector<Rival>& rivals, const BestLaw& best, const std::vector<Point>& replicates,
                   Diagnostics& diagnostics);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_STATISTICS_IDENTIFICATION_RIVAL_LAWS_H_

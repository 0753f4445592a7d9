#ifndef CTXFIT_KERNELS_STATISTICS_RIVAL_LAWS_H_
#define CTXFIT_KERNELS_STATISTICS_RIVAL_LAWS_H_

#include <vector>

#include "absl/status/statusor.h"
#include "kernels/base/stop_signal.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/domain.h"
#include "kernels/law/penalty.h"
#include "kernels/objective/host_compute.h"
#include "kernels/objective/normal_equations.h"
#include "kernels/statistics/diagnostics.h"

namespace ctxfit {

struct Cells;

// A law beside the best one.
struct Rival {
  Point point;
  double cost;  // with within_cost
};

// Returns the laws that the data leave beside the best one along each factor that is not identified: the ends of
// descents from `best` that hold the factor's coefficient where f, or g, is 0.1 to 0.98 at its reference. A factor that
// is 1 at all levels is flat there, and every replicate keeps it, though a lower one may fit as well with a higher
// other factor. Errors: those of `stop`.
absl::StatusOr<std::vector<Rival>> DescendAlongUnidentified(const Cells& cells, const Domain& domain, const Point& best,
                                                            const Diagnostics& diagnostics, const HostCompute& host,
                                                            const StopSignal& stop);

// The best law, and the uncertainty that intervals give it.
struct BestLaw {
  const Point& point;
  double cost;                       // with within_cost
  const NormalEquations& curvature;  // at the point
  const bool* free_set;              // the coordinates that replicates move
  double variance;                   // DispersionOf(), the deviance unit
  const Penalty& scale;              // of the penalty's coordinates
};

// Marks as not identified each coordinate that a rival moves further than its standard error allows. A rival within
// 3.84 deviance units of the best law lies in the region that a likelihood-ratio test at 95 % does not reject. Where
// its coordinate is more than three Gauss-Newton standard errors away, at which the quadratic model behind the
// intervals expects 9 deviance units, that model does not hold.
void ExamineRivals(const std::vector<Rival>& rivals, const BestLaw& best, Diagnostics& diagnostics);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_STATISTICS_RIVAL_LAWS_H_

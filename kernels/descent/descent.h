#ifndef CTXFIT_KERNELS_DESCENT_DESCENT_H_
#define CTXFIT_KERNELS_DESCENT_DESCENT_H_

#include <vector>

#include "absl/status/statusor.h"
#include "kernels/base/stop_signal.h"
#include "kernels/base/thread_pool.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/domain.h"
#include "kernels/objective/normal_equations.h"

namespace ctxfit {

struct Cells;

// Where a descent ended. Costs are without within_cost.
struct DescentEnd {
  Point point;
  NormalEquations equations;  // at the point
  double initial_cost;
  double cost;
  int iterations;
  bool converged;
};

// Goes down from `start`, a point of the domain, by the bounded Levenberg-Marquardt of the replicates, under any loss,
// to 3e-5 standard errors of an optimum. Ends early where `stop` says so.
DescentEnd Descend(const Cells& cells, const Domain& domain, const Point& start, const StopSignal& stop);

// The same from many starts, side by side in vector lanes and on the threads of `pool`. Errors: those of `stop`.
absl::StatusOr<std::vector<DescentEnd>> DescendFromAll(const Cells& cells, const Domain& domain,
                                                       const std::vector<Point>& starts, ThreadPool& pool,
                                                       const StopSignal& stop);

// The normal equations at each of some points, kCoordinateCount at most: side by side, as long as one takes. Undefined
// where the stop signal came between.
std::vector<NormalEquations> EquationsAt(const Cells& cells, const std::vector<Point>& points, ThreadPool& pool,
                                         const StopSignal& stop);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_DESCENT_DESCENT_H_

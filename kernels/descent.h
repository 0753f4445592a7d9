#ifndef CTXFIT_KERNELS_DESCENT_H_
#define CTXFIT_KERNELS_DESCENT_H_

#include "kernels/cells.h"
#include "kernels/options.h"
#include "kernels/stop_signal.h"

namespace ctxfit {

// Where a descent ended. The cost is without within_cost.
struct DescentEnd {
  Point point;
  double cost;
  int iterations;
  bool converged;
};

// Goes down from `start`, a point of the domain, by the bounded Levenberg-Marquardt of the replicates, under any loss,
// to 3e-5 standard errors of an optimum. Ends early where `stop` says so.
DescentEnd Descend(const Cells& cells, const Domain& domain, const Point& start, const StopSignal& stop);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_DESCENT_H_

#ifndef CTXFIT_KERNELS_DESCENT_POLISH_H_
#define CTXFIT_KERNELS_DESCENT_POLISH_H_

#include "kernels/base/stop_signal.h"
#include "kernels/descent/descent.h"
#include "kernels/law/domain.h"
#include "kernels/objective/host_compute.h"

namespace ctxfit {

struct Cells;

// Moves `end`, the end of a descent, to the bounded local optimum as exactly as double precision allows, and updates
// its cost, equations and iteration count. If the descent did not converge and the loss is a sum of squares, Ceres
// Solver continues it first: a QR factorisation of the Jacobian resolves directions that normal equations cannot.
// Newton steps follow for as long as each makes the gradient smaller in standard errors; their cost differs by rounding
// at most. Stops early, at the best point so far, once `stop` is set.
void Polish(const Cells& cells, const Domain& domain, const HostCompute& host, const StopSignal& stop, DescentEnd& end);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_DESCENT_POLISH_H_

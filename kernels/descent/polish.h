#ifndef CTXFIT_KERNELS_DESCENT_POLISH_H_
#define CTXFIT_KERNELS_DESCENT_POLISH_H_

#include "kernels/base/stop_signal.h"
#include "kernels/base/thread_pool.h"
#include "kernels/descent/descent.h"
#include "kernels/law/domain.h"

namespace ctxfit {

struct Cells;

// Goes on from where a descent ended to the bounded optimum, to what double precision tells of it. Where the descent
// did not converge, Ceres Solver takes over: it factorises the Jacobian itself, and can tell directions apart that
// normal equations cannot. (Under losses that are no sums of squares the end stays where it is, then.) Ends early where
// `stop` says so.
void Polish(const Cells& cells, const Domain& domain, ThreadPool& pool, const StopSignal& stop, DescentEnd& end);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_DESCENT_POLISH_H_

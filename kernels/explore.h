#ifndef CTXFIT_KERNELS_EXPLORE_H_
#define CTXFIT_KERNELS_EXPLORE_H_

#include <vector>

#include "absl/status/statusor.h"
#include "kernels/cells.h"
#include "kernels/cpu/thread_pool.h"
#include "kernels/options.h"
#include "kernels/stop_signal.h"

namespace ctxfit {

// Goes down from the best candidates of a search, and from explorers, some at a time until two end where the best of
// all does. Returns the ends within reach of it, the best first, two for each optimum at most: where a refinement finds
// the lowest optimum, though the search may have passed it by. Errors: those of `stop`.
absl::StatusOr<std::vector<Point>> Explore(const Cells& coarse, const Domain& domain, const std::vector<Point>& best,
                                           const std::vector<Point>& explorers, ThreadPool& pool,
                                           const StopSignal& stop);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_EXPLORE_H_

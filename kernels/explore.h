#ifndef CTXFIT_KERNELS_EXPLORE_H_
#define CTXFIT_KERNELS_EXPLORE_H_

#include <vector>

#include "absl/status/statusor.h"
#include "kernels/cells.h"
#include "kernels/options.h"
#include "kernels/stop_signal.h"

namespace ctxfit {

// Goes down from explorers, some at a time until two end where the best of them does, and returns the ends within reach
// of it, two for each optimum at most: where a refinement might find an optimum that the search passed by. Errors:
// those of `stop`.
absl::StatusOr<std::vector<Point>> Explore(const Cells& coarse, const Domain& domain,
                                           const std::vector<Point>& explorers, const StopSignal& stop);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_EXPLORE_H_

#ifndef CTXFIT_KERNELS_SEARCH_MULTISTART_H_
#define CTXFIT_KERNELS_SEARCH_MULTISTART_H_

#include <vector>

#include "absl/status/statusor.h"
#include "kernels/base/stop_signal.h"
#include "kernels/base/thread_pool.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/domain.h"

namespace ctxfit {

struct Cells;
class Trace;

// Goes down from the best candidates of a search, and from extra_starts, some at a time until two end where the best of
// all does. Returns the ends within reach of it, the best first, two for each optimum at most: where a refinement finds
// the lowest optimum, though the search may have passed it by. Errors: those of `stop`. `trace` may be null.
absl::StatusOr<std::vector<Point>> Multistart(const Cells& coarse, const Domain& domain, const std::vector<Point>& best,
                                              const std::vector<Point>& extra_starts, ThreadPool& pool,
                                              const StopSignal& stop, Trace* trace = nullptr);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_SEARCH_MULTISTART_H_

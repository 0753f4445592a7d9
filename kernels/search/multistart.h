#ifndef CTXFIT_KERNELS_SEARCH_MULTISTART_H_
#define CTXFIT_KERNELS_SEARCH_MULTISTART_H_

#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "kernels/base/stop_signal.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/domain.h"
#include "kernels/objective/host_compute.h"

namespace ctxfit {

struct Cells;
class Trace;

// Proposes starts, given the best end so far. Errors end a multistart.
using ProposeStarts = absl::FunctionRef<absl::StatusOr<std::vector<Point>>(const Point& best)>;

// Descends from `best`, the best candidates of a search (at least one), and from what `propose` returns for the best
// end (where a penalty, a floor or a ceiling is fitted: for each of the best four), again for every better one.
// Descends from batches of `extra_starts` until a second end confirms the best one or the starts are used up. Returns
// the ends whose costs lie within 20 deviance units of the best, the best first and at most two per optimum. A
// refinement that starts from them finds the lowest optimum even if the search has missed its basin. Errors: those of
// `stop` and of `propose`. `trace` may be null.
absl::StatusOr<std::vector<Point>> Multistart(const Cells& coarse, const Domain& domain, const std::vector<Point>& best,
                                              ProposeStarts propose, const std::vector<Point>& extra_starts,
                                              const HostCompute& host, const StopSignal& stop, Trace* trace = nullptr);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_SEARCH_MULTISTART_H_

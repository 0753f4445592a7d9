#ifndef CTXFIT_KERNELS_DESCENT_DESCENT_H_
#define CTXFIT_KERNELS_DESCENT_DESCENT_H_

#include <vector>

#include "absl/status/statusor.h"
#include "kernels/base/stop_signal.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/domain.h"
#include "kernels/objective/host_compute.h"
#include "kernels/objective/normal_equations.h"

namespace ctxfit {

struct Cells;
struct VectorKernels;

// Ends whose costs differ by at most this many deviance units agree: they are one optimum.
inline constexpr double kAgreement = 0.01;

// The end of a descent. Costs leave out within_cost.
struct DescentEnd {
  Point point;
  NormalEquations equations;  // at the point
  double initial_cost;
  double cost;
  int iterations;
  bool converged;
};

// Descends from `start`, a point of the domain, to within 3e-5 standard errors of a local optimum under any loss, by
// the bounded Levenberg-Marquardt method of levenberg_marquardt.h with at most 100 evaluations. Runs on the calling
// thread. Once `stop` is set, ends where it is, not converged.
DescentEnd Descend(const Cells& cells, const Domain& domain, const Point& start, const VectorKernels& kernels,
                   const StopSignal& stop);

// Descends like Descend() from all `starts` concurrently, in vector lanes and on the threads of `host`. Returns the end
// of each, in the order of the starts. The bits of an end do not depend on the number of threads, nor on the other
// starts as long as there are at most kReplicateLanes of them, or always more. Errors: those of `stop`.
absl::StatusOr<std::vector<DescentEnd>> DescendFromAll(const Cells& cells, const Domain& domain,
                                                       const std::vector<Point>& starts, const HostCompute& host,
                                                       const StopSignal& stop);

// Returns the normal equations at each of 1 to kCoordinateCount points, whose sums take together as long as one. The
// values are undefined once `stop` is set.
std::vector<NormalEquations> EquationsAt(const Cells& cells, const std::vector<Point>& points, const HostCompute& host,
                                         const StopSignal& stop);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_DESCENT_DESCENT_H_

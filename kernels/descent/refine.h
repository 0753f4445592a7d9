#ifndef CTXFIT_KERNELS_DESCENT_REFINE_H_
#define CTXFIT_KERNELS_DESCENT_REFINE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "kernels/base/stop_signal.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/domain.h"
#include "kernels/objective/host_compute.h"
#include "kernels/objective/normal_equations.h"

namespace ctxfit {

struct Cells;
class Trace;

// One local optimum, where at least one descent ended.
struct Basin {
  Point point;
  double cost;
  double deviance;  // cost above that of the best basin, in units of sigma^2
  int end_count;    // starts that ended here
};

// The result of all descents. Costs include within_cost.
struct Refinement {
  Point point;                  // the best end
  NormalEquations equations{};  // at the point
  // The gradient below is less than 1e-6, or no step along it lowers the cost by 0.001 sigma^2; and two starts agree.
  bool converged = false;
  std::string termination_message;  // both rules, with the numbers reached
  int start_count = 0;
  int agreeing_count = 0;     // ends within kAgreement of the best, itself included
  std::vector<Basin> basins;  // ends that differ by more than rounding explains, the best first
  int iteration_count = 0;    // iterations of the best start
  double initial_cost = 0;
  double final_cost = 0;
  double gradient_in_standard_errors = 0;  // g' H^-1 g / sigma^2
  absl::Duration duration;
};

// Refines `starts` on the host in double precision: descends from all by DescendFromAll() and continues the best end by
// Polish(). There is at least one start, and all lie in the domain. Not converging is a result. Errors: those of
// `stop`. `trace` may be null.
absl::StatusOr<Refinement> Refine(const Cells& cells, const Domain& domain, const std::vector<Point>& starts,
                                  const HostCompute& host, const StopSignal& stop, Trace* trace = nullptr);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_DESCENT_REFINE_H_

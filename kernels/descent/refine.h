#ifndef CTXFIT_KERNELS_DESCENT_REFINE_H_
#define CTXFIT_KERNELS_DESCENT_REFINE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "kernels/base/stop_signal.h"
#include "kernels/base/thread_pool.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/domain.h"
#include "kernels/objective/normal_equations.h"

namespace ctxfit {

struct Cells;
class Trace;

// Ends of local optimisations that are one optimum.
struct Basin {
  Point point;
  double cost;
  double deviance;  // cost above that of the best basin, in units of sigma^2
  int end_count;    // starts that ended here
};

// What the local optimisations found. Costs include within_cost.
struct Refinement {
  Point point;                      // the best end
  NormalEquations equations{};      // at the point
  bool converged = false;           // gradient small in standard errors, and two starts agree
  std::string termination_message;  // the rule with its numbers
  int start_count = 0;
  int agreeing_count = 0;     // ends within 0.01 deviance units of the best
  std::vector<Basin> basins;  // ends that differ by more than rounding explains, the best first
  int iteration_count = 0;    // of the best
  double initial_cost = 0;
  double final_cost = 0;
  double gradient_in_standard_errors = 0;  // g' H^-1 g / sigma^2
  absl::Duration duration;
};

// Refines every start on the host in double precision and returns the best end: all of them go down side by side by
// the bounded Levenberg-Marquardt of the replicates, and the best goes on by Polish(). All lie in the domain; at least
// one start. Errors: those of `stop`. `trace` may be null.
absl::StatusOr<Refinement> Refine(const Cells& cells, const Domain& domain, const std::vector<Point>& starts,
                                  ThreadPool& pool, const StopSignal& stop, Trace* trace = nullptr);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_DESCENT_REFINE_H_

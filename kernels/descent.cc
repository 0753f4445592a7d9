#include "kernels/descent.h"

#include "kernels/levenberg_marquardt.h"
#include "kernels/linearization.h"

namespace ctxfit {

DescentEnd Descend(const Cells& cells, const Domain& domain, const Point& start, const StopSignal& stop) {
  ReplicateRule rule;
  rule.tolerance = 1e-9;
  rule.max_iterations = 500;
  ReplicateState state = StartReplicate(start);
  while (!state.finished && stop.Check().ok()) {
    const NormalEquations equations = Linearize(cells, state.trial);
    // The unit of deviances falls with the cost.
    const double cost = state.iterations == 0 ? equations.cost : state.equations.cost;
    rule.variance = ResidualVariance(cells, cost + cells.within_cost, domain.free_count());
    AdvanceReplicate(domain, rule, equations, state);
  }
  return {state.best, state.equations.cost, state.iterations, state.converged};
}

}  // namespace ctxfit

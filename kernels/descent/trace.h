#ifndef CTXFIT_KERNELS_DESCENT_TRACE_H_
#define CTXFIT_KERNELS_DESCENT_TRACE_H_

#include <vector>

#include "kernels/descent/descent.h"

namespace ctxfit {

// Follows a search and a refinement step by step, for diagnosis. Called on the thread that fits, between pieces of
// work.
class Trace {
 public:
  virtual ~Trace() = default;

  // The population after a generation. Costs are over the cells that the search evaluates, with within_cost.
  virtual void OnGeneration(int generation, double best_cost, double mean_cost) = 0;

  // The ends of all descents over the coarse cells of the search, the best first. `variance` is one deviance unit.
  virtual void OnSearchEnds(const std::vector<DescentEnd>& ends, double variance) = 0;

  // The ends of all descents over the cells, the best first.
  virtual void OnRefinementEnds(const std::vector<DescentEnd>& ends, double variance) = 0;

  // The best end of the refinement, before and after Polish().
  virtual void OnPolish(const DescentEnd& before, const DescentEnd& after, double variance) = 0;
};

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_DESCENT_TRACE_H_

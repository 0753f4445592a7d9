#ifndef CTXFIT_KERNELS_LEVENBERG_MARQUARDT_H_
#define CTXFIT_KERNELS_LEVENBERG_MARQUARDT_H_

#include "kernels/host_device.h"
#include "kernels/law.h"
#include "kernels/normal_equations.h"
#include "kernels/options.h"

// Levenberg-Marquardt for one small bounded problem, as a state that is advanced by the normal equations at its trial
// point. Both backends refine bootstrap replicates with it, thousands at once: they only differ in how they sum.

namespace ctxfit {

// When a replicate has converged, and when it is given up.
struct ReplicateRule {
  // Converged where g' H^-1 g <= tolerance * variance: within sqrt(tolerance) standard errors of the optimum.
  double tolerance = 1e-6;
  double variance = 1;  // sigma^2 of one evaluation, as the point estimate leaves it; > 0
  int max_iterations = 50;
};

// One replicate under way. Starts as {start, start}; `trial` is the point whose normal equations are wanted next.
struct ReplicateState {
  Point best;
  Point trial;
  NormalEquations equations;  // at `best`, once iterations > 0
  double damping;
  int iterations;  // evaluations so far
  bool converged;
  bool finished;  // converged, or given up
};

CTXFIT_HD ReplicateState StartReplicate(const Point& start) {
  ReplicateState state{};
  state.best = start;
  state.trial = start;
  return state;
}

// Moves `point` by `step` and back into the box.
CTXFIT_HD Point StepWithin(const Domain& domain, const Point& point, const double* step) {
  Point moved = point;
  for (int i = 0; i < kCoordinateCount; ++i) {
    const double value = point.at[i] + step[i];
    moved.at[i] = value < domain.lower.at[i]   ? domain.lower.at[i]
                  : value > domain.upper.at[i] ? domain.upper.at[i]
                                               : value;
  }
  return moved;
}

// The coordinates that can move: free ones, but those on a bound that the descent would cross.
CTXFIT_HD void FindMovable(const Domain& domain, const Point& point, const double* descent, bool* movable) {
  for (int i = 0; i < kCoordinateCount; ++i) {
    const bool held_below = point.at[i] <= domain.lower.at[i] && descent[i] <= 0;
    const bool held_above = point.at[i] >= domain.upper.at[i] && descent[i] >= 0;
    movable[i] = domain.free[i] && !held_below && !held_above;
  }
}

// Takes the normal equations at `state.trial` and either finishes the replicate or sets its next trial.
//
// A trial that lowers the cost becomes the best point and relaxes the damping; another raises it. The first step is
// undamped Gauss-Newton: a replicate starts at the fit's own optimum, close to its own.
CTXFIT_HD void AdvanceReplicate(const Domain& domain, const ReplicateRule& rule, const NormalEquations& at_trial,
                                ReplicateState& state) {
  const bool first = state.iterations == 0;
  ++state.iterations;
  if (first || at_trial.cost <= state.equations.cost) {
    state.best = state.trial;
    state.equations = at_trial;
    state.damping = state.damping > 1e-6 ? state.damping * 0.1 : 0;
  } else {
    state.damping = state.damping > 0 ? state.damping * 10 : 1e-3;
  }

  bool movable[kCoordinateCount];
  double step[kCoordinateCount];
  FindMovable(domain, state.best, state.equations.jtr, movable);
  bool solved = SolveNormalEquations(state.equations, movable, 0, step);
  double decrement = 0;
  for (int i = 0; i < kCoordinateCount; ++i) decrement += step[i] * state.equations.jtr[i];
  state.converged = solved && decrement <= rule.tolerance * rule.variance;
  state.finished = state.converged || state.iterations >= rule.max_iterations;
  if (state.finished) return;

  if (!solved && state.damping == 0) state.damping = 1e-3;
  if (state.damping > 0) solved = SolveNormalEquations(state.equations, movable, state.damping, step);
  state.finished = !solved;
  if (solved) state.trial = StepWithin(domain, state.best, step);
}

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_LEVENBERG_MARQUARDT_H_

#ifndef CTXFIT_KERNELS_DESCENT_LEVENBERG_MARQUARDT_H_
#define CTXFIT_KERNELS_DESCENT_LEVENBERG_MARQUARDT_H_

#include "kernels/base/host_device.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/domain.h"
#include "kernels/objective/normal_equations.h"

// The Levenberg-Marquardt method for one small bounded problem, as a state that is advanced by the normal equations at
// its trial point. Point estimates and bootstrap replicates, thousands at once, descend by it on every backend;
// backends differ only in how they sum the equations.
//
// The damping is Nielsen's ("Damping Parameter in Marquardt's Method", IMM-REP-1999-05, Technical University of
// Denmark, 1999). Bounds are kept by an active set: a free coordinate on a bound that the descent would cross is held
// there for the step, and the step is then clipped to the box.

namespace ctxfit {

// The criteria for convergence and for giving up.
struct LmCriteria {
  // Converged if g' H^-1 g <= tolerance * variance, over the free set: within sqrt(tolerance) standard errors of the
  // optimum.
  double tolerance = 1e-6;
  double variance = 1;  // sigma^2, the residual variance of one evaluation; > 0
  int max_iterations = 200;
};

// The state of one descent. AdvanceLm() wants the normal equations at `trial`.
struct LmState {
  Point best;
  Point trial;
  NormalEquations equations;  // at `best`, once iterations > 0
  double damping;             // Nielsen's mu, as a share of diag(J' W J); 0: Gauss-Newton
  double growth;              // Nielsen's nu: the factor by which the next rejection raises the damping
  double predicted;           // decrease of the cost at `trial` by the linear model
  int iterations;             // evaluations so far
  bool converged;
  bool finished;  // converged, or given up
};

// A descent that has yet to evaluate `start`, its first trial. A warm start, one near the optimum, costs few steps: the
// first one is undamped Gauss-Newton.
CTXFIT_HD LmState StartLm(const Point& start) {
  LmState state{};
  state.best = start;
  state.trial = start;
  state.growth = 2;
  return state;
}

// Moves `point` by `step` and clips it to the box.
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

// Finds the free set: the free coordinates outside the active set, which holds those on a bound that `descent`, a
// direction of descent, would cross.
CTXFIT_HD void FindFreeSet(const Domain& domain, const Point& point, const double* descent, bool* free_set) {
  for (int i = 0; i < kCoordinateCount; ++i) {
    const bool held_below = point.at[i] <= domain.lower.at[i] && descent[i] <= 0;
    const bool held_above = point.at[i] >= domain.upper.at[i] && descent[i] >= 0;
    free_set[i] = domain.free[i] && !held_below && !held_above;
  }
}

// The decrease of the cost along `step` by the linear model: 2 step' J' W r - step' J' W J step.
CTXFIT_HD double PredictedDecrease(const NormalEquations& equations, const double* step) {
  double sum = 0;
  for (int i = 0; i < kCoordinateCount; ++i) {
    sum += 2 * step[i] * equations.jtr[i] - step[i] * step[i] * equations.jtj[PackedIndex(i, i)];
    for (int j = 0; j < i; ++j) sum -= 2 * step[i] * step[j] * equations.jtj[PackedIndex(i, j)];
  }
  return sum;
}

// Accepts or rejects the trial and updates the damping mu and its growth nu (Nielsen 1999): with the gain ratio
// rho = actual / predicted decrease, mu *= max(1/3, 1 - (2 rho - 1)^3) and nu = 2 if accepted, mu *= nu and nu *= 2 if
// rejected. A mu of 0 first becomes 1e-4.
CTXFIT_HD void JudgeTrial(const NormalEquations& at_trial, LmState& state) {
  const bool first = state.iterations == 0;
  const double decrease = state.equations.cost - at_trial.cost;
  ++state.iterations;
  if (first || decrease >= 0) {
    const double surplus = first ? 1 : 2 * decrease / state.predicted - 1;
    const double relaxed = 1 - surplus * surplus * surplus;
    state.best = state.trial;
    state.equations = at_trial;
    state.damping *= relaxed > 1.0 / 3 ? relaxed : 1.0 / 3;
    state.growth = 2;
  } else {
    state.damping = state.damping > 0 ? state.damping * state.growth : 1e-4;
    state.growth *= 2;
  }
}

// Takes the normal equations at `state.trial` and either finishes the descent or sets its next trial.
CTXFIT_HD void AdvanceLm(const Domain& domain, const LmCriteria& criteria, const NormalEquations& at_trial,
                         LmState& state) {
  JudgeTrial(at_trial, state);
  bool free_set[kCoordinateCount];
  double step[kCoordinateCount];
  FindFreeSet(domain, state.best, state.equations.jtr, free_set);
  // A coordinate without influence at this point takes no step.
  for (int i = 0; i < kCoordinateCount; ++i) free_set[i] = free_set[i] && state.equations.jtj[PackedIndex(i, i)] > 0;
  bool solved = SolveNormalEquations(state.equations, free_set, 0, step);
  double decrement = 0;
  for (int i = 0; i < kCoordinateCount; ++i) decrement += step[i] * state.equations.jtr[i];
  state.converged = solved && decrement <= criteria.tolerance * criteria.variance;
  state.finished = state.converged || state.iterations >= criteria.max_iterations;
  if (state.finished) return;

  if (!solved && state.damping == 0) state.damping = 1e-4;
  if (state.damping > 0) solved = SolveNormalEquations(state.equations, free_set, state.damping, step);
  state.finished = !solved;
  if (!solved) return;
  state.trial = StepWithin(domain, state.best, step);
  for (int i = 0; i < kCoordinateCount; ++i) step[i] = state.trial.at[i] - state.best.at[i];
  state.predicted = PredictedDecrease(state.equations, step);
}

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_DESCENT_LEVENBERG_MARQUARDT_H_

#ifndef CTXFIT_KERNELS_DESCENT_LEVENBERG_MARQUARDT_H_
#define CTXFIT_KERNELS_DESCENT_LEVENBERG_MARQUARDT_H_

#include "kernels/base/host_device.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/domain.h"
#include "kernels/objective/normal_equations.h"

// Levenberg-Marquardt for one small bounded problem, as a state that is advanced by the normal equations at its trial
// point. Both backends refine bootstrap replicates with it, thousands at once: they only differ in how they sum.

namespace ctxfit {

// When a replicate has converged, and when it is given up.
struct LmCriteria {
  // Converged where g' H^-1 g <= tolerance * variance: within sqrt(tolerance) standard errors of the optimum.
  double tolerance = 1e-6;
  double variance = 1;  // sigma^2 of one evaluation, as the point estimate leaves it; > 0
  int max_iterations = 200;
};

// One replicate under way. Starts as {start, start}; `trial` is the point whose normal equations are wanted next.
struct LmState {
  Point best;
  Point trial;
  NormalEquations equations;  // at `best`, once iterations > 0
  double damping;             // 0: Gauss-Newton
  double growth;              // factor by which the next rejection raises the damping
  double predicted;           // decrease of the cost that the linear model expects of `trial`
  int iterations;             // evaluations so far
  bool converged;
  bool finished;  // converged, or given up
};

CTXFIT_HD LmState StartLm(const Point& start) {
  LmState state{};
  state.best = start;
  state.trial = start;
  state.growth = 2;
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
CTXFIT_HD void FindFreeSet(const Domain& domain, const Point& point, const double* descent, bool* free_set) {
  for (int i = 0; i < kCoordinateCount; ++i) {
    const bool held_below = point.at[i] <= domain.lower.at[i] && descent[i] <= 0;
    const bool held_above = point.at[i] >= domain.upper.at[i] && descent[i] >= 0;
    free_set[i] = domain.free[i] && !held_below && !held_above;
  }
}

// Decrease of the cost along `step` in the linear model: 2 step' J' W r - step' J' W J step.
CTXFIT_HD double PredictedDecrease(const NormalEquations& equations, const double* step) {
  double sum = 0;
  for (int i = 0; i < kCoordinateCount; ++i) {
    sum += 2 * step[i] * equations.jtr[i] - step[i] * step[i] * equations.jtj[PackedIndex(i, i)];
    for (int j = 0; j < i; ++j) sum -= 2 * step[i] * step[j] * equations.jtj[PackedIndex(i, j)];
  }
  return sum;
}

// Takes or rejects the trial whose normal equations these are, and sets the damping by the ratio of actual to predicted
// decrease (Nielsen 1999): it settles where the linear model is as wrong as the problem makes it.
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

// Takes the normal equations at `state.trial` and either finishes the replicate or sets its next trial. The first step
// is undamped Gauss-Newton: a replicate starts at the fit's own optimum, close to its own.
CTXFIT_HD void AdvanceLm(const Domain& domain, const LmCriteria& rule, const NormalEquations& at_trial,
                         LmState& state) {
  JudgeTrial(at_trial, state);
  bool free_set[kCoordinateCount];
  double step[kCoordinateCount];
  FindFreeSet(domain, state.best, state.equations.jtr, free_set);
  // What has no influence where it stands has no step either.
  for (int i = 0; i < kCoordinateCount; ++i) free_set[i] = free_set[i] && state.equations.jtj[PackedIndex(i, i)] > 0;
  bool solved = SolveNormalEquations(state.equations, free_set, 0, step);
  double decrement = 0;
  for (int i = 0; i < kCoordinateCount; ++i) decrement += step[i] * state.equations.jtr[i];
  state.converged = solved && decrement <= rule.tolerance * rule.variance;
  state.finished = state.converged || state.iterations >= rule.max_iterations;
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

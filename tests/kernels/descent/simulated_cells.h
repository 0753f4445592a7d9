#ifndef CTXFIT_TESTS_KERNELS_DESCENT_SIMULATED_CELLS_H_
#define CTXFIT_TESTS_KERNELS_DESCENT_SIMULATED_CELLS_H_

#include <algorithm>

#include "kernels/data/cells.h"
#include "kernels/descent/levenberg_marquardt.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/domain.h"
#include "kernels/law/loss_rule.h"
#include "kernels/objective/linearization.h"
#include "tests/kernels/simulated_data.h"

namespace ctxfit {

// The standard deviation of the simulated scores about the law.
inline constexpr double kNoise = 0.05;

// Cells of 5 * per_model records, at the references of the simulation's law; in the full form under a loss other than
// the squared one.
inline Cells SimulatedCells(int per_model = 40, Loss loss = Loss::kSquared) {
  Simulation simulation;
  simulation.per_model = per_model;
  simulation.noise = kNoise;
  return Collapse(OnlyTask(Simulate(simulation)), simulation.law.references, {}, Units::kMerge,
                  {.full = loss != Loss::kSquared, .loss = {loss}});
}

// The squared distance of `point` from the bounded optimum in standard errors, by the scalar reference.
inline double SquaredStandardErrors(const Cells& cells, const Domain& domain, const Point& point) {
  const NormalEquations equations = Linearize(cells, point);
  const double variance = ResidualVariance(cells, WeightedCost(cells, point), domain.free_count());
  bool free_set[kCoordinateCount];
  FindFreeSet(domain, point, equations.jtr, free_set);
  return GradientInStandardErrors(equations, free_set, variance);
}

inline bool SameBits(const Point& a, const Point& b) { return std::equal(std::begin(a.at), std::end(a.at), b.at); }

}  // namespace ctxfit

#endif  // CTXFIT_TESTS_KERNELS_DESCENT_SIMULATED_CELLS_H_

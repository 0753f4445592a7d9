#ifndef CTXFIT_TESTS_KERNELS_MOMENT_PROBLEM_H_
#define CTXFIT_TESTS_KERNELS_MOMENT_PROBLEM_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>

#include "kernels/backend/backend.h"
#include "kernels/base/stop_signal.h"
#include "kernels/base/thread_pool.h"
#include "kernels/data/cells.h"
#include "kernels/data/observations.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/domain.h"
#include "kernels/law/resampling.h"
#include "kernels/objective/linearization.h"
#include "kernels/objective/moments.h"
#include "kernels/objective/vector_kernels.h"
#include "kernels/resample/unit_weights.h"
#include "tests/kernels/defaults.h"
#include "tests/kernels/simulated_data.h"

namespace ctxfit {

// Settings of simulated cells whose replicates are refitted by moments.
struct MomentDesign {
  bool distinct_prompts = true;
  int clusters = 10;
  Resampling resampling = Resampling::kAuto;
  int models = 5;
  int per_model = 2000;
  double compute_step = 3;
  double noise = 0.1;
};

// Cells, with units kept, of `models * per_model` records (10,000 by default) whose law has the context exponent 0.6.
inline Cells ManyCells(const MomentDesign& design) {
  Simulation simulation;
  simulation.models = design.models;
  simulation.per_model = design.per_model;
  simulation.compute_step = design.compute_step;
  simulation.noise = design.noise;
  simulation.distinct_prompts = design.distinct_prompts;
  simulation.clusters = design.clusters;
  const Observations observations = OnlyTask(Simulate(simulation), design.resampling);
  return Collapse(observations, simulation.law.references, {}, Units::kKeep);
}

inline constexpr Point kCentre = {{-0.1, 0.4, 0.1, 0.6}};

// A request for refits that start at kCentre.
inline ReplicateRequest Request(const Cells& cells, int replicates) {
  ReplicateRequest request;
  request.start = kCentre;
  request.replicates = replicates;
  request.weights.seed = 5;
  request.criteria.variance = ResidualVariance(cells, WeightedCost(cells, kCentre), kFactorCoordinateCount);
  return request;
}

// Cells some of whose replicates leave the range of the moments' polynomials: the scores of one of eight clusters jump
// at the reference prompt length, those of the others do not.
inline Cells CellsWithAStep() {
  Cells cells = ManyCells({.clusters = 8, .noise = 0.02});
  for (std::size_t k = 0; k < cells.log_prompt.size(); ++k) {
    for (std::int32_t i = cells.prompt_begin[k]; i < cells.prompt_begin[k + 1]; ++i) {
      if (cells.unit[i] == 0) cells.score[i] = cells.log_prompt[k] < 0 ? 0 : 0.9;
      if (cells.unit[i] == 0) cells.weight[i] *= 20;
    }
  }
  return cells;
}

// Expects that every replicate, fitted within the default domain, ended where its gradient over its weighted cells is
// at most 1.1 times the tolerance of the request: the tenth allows for the error of the moments.
inline void ExpectOptimaOverCells(const Cells& cells, const ReplicateRequest& request, const ReplicateFits& fits) {
  const Domain domain = DefaultDomain();
  Cells weighed = cells;
  for (int b = 0; b < request.replicates; ++b) {
    weighed.weight = ReplicateCellWeights(cells, request.weights, b, StopSignal());
    const NormalEquations equations = Linearize(weighed, fits.points[b]);
    bool free_set[kCoordinateCount];
    FindFreeSet(domain, fits.points[b], equations.jtr, free_set);
    EXPECT_LT(GradientInStandardErrors(equations, free_set, request.criteria.variance),
              1.1 * request.criteria.tolerance)
        << "replicate " << b;
  }
}

// The moments of `cells` about `centre`; unset if GatherMoments() declines these cells.
inline std::optional<Moments> Gather(const Cells& cells, const Point& centre) {
  ThreadPool pool(2);
  return GatherMoments(cells, centre, {BestVectorKernels(), pool}, StopSignal()).value();
}

}  // namespace ctxfit

#endif  // CTXFIT_TESTS_KERNELS_MOMENT_PROBLEM_H_

#ifndef CTXFIT_KERNELS_BACKEND_CUDA_MOMENT_LOOPS_H_
#define CTXFIT_KERNELS_BACKEND_CUDA_MOMENT_LOOPS_H_

#include <cstdint>

#include "kernels/backend/cuda/moment_plan.h"
#include "kernels/backend/cuda/moment_table.h"
#include "kernels/backend/cuda/work_plan.h"
#include "kernels/base/host_device.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/law.h"
#include "kernels/objective/moment_equations.h"
#include "kernels/objective/normal_equations.h"
#include "kernels/resample/replicate_weights.h"

// The work of each thread of a block for its replicate, between barriers. Threads interleave in every loop: thread i of
// n takes the elements i, i + n, i + 2n ...

namespace ctxfit {

struct BlockThread {
  std::int32_t index;
  std::int32_t count;
};

// Fills `tables.weights`, by the random words of four units at a time.
CTXFIT_HD void DrawWeights(const MomentsView& moments, std::uint64_t seed, std::uint32_t replicate, BlockThread thread,
                           const MomentTables& tables) {
  for (std::int32_t quad = thread.index; quad < CountTiles(moments.unit_count, 4); quad += thread.count) {
    const RandomWords words = ReplicateWords(seed, replicate, quad);
    double* weights = tables.weights + 4 * quad;
    const std::int32_t count = moments.unit_count - 4 * quad;
    for (int k = 0; k < 4; ++k) {
      if (k < count) weights[k] = ExponentialWeight(words.word[k]);
    }
  }
}

// Fills `tables.sums`.
CTXFIT_HD void WeighPlaces(const MomentsView& moments, BlockThread thread, const MomentTables& tables) {
  for (std::int32_t place = thread.index; place < moments.place_count; place += thread.count) {
    const LevelParts level = moments.parts[moments.level[place]];
    const MomentSums* moment = moments.moments + level.moment_begin + (place - level.place_begin);
    MomentSums sums = {0, 0};
    for (std::int32_t e = level.part_begin; e < level.part_end; ++e, moment += level.node_count) {
      const double weight = tables.weights[moments.unit[e]];
      sums.weight += weight * moment->weight;
      sums.residual += weight * moment->residual;
    }
    tables.sums[place] = sums;
  }
}

// Fills `tables.context` and `tables.compute`.
CTXFIT_HD void FillFactors(const MomentsView& moments, const Point& point, BlockThread thread,
                           const MomentTables& tables) {
  for (std::int32_t k = thread.index; k < moments.node_count; k += thread.count) {
    tables.context[k] = ContextFactorWithSlope(point, moments.log_prompt[k]);
  }
  for (std::int32_t j = thread.index; j < moments.compute_count; j += thread.count) {
    tables.compute[j] = ComputeFactorWithSlope(point, moments.log_compute[j]);
  }
}

// Returns the thread's share of the normal equations.
CTXFIT_HD FactorEquations SumPlaces(const MomentsView& moments, BlockThread thread, const MomentTables& tables) {
  FactorEquations equations = {};
  for (std::int32_t i = thread.index; i < moments.place_count; i += thread.count) {
    const PlaceIndices indices = moments.place[i];
    const MomentPlace place = {moments.log_compute[indices.compute], moments.log_prompt[indices.node], indices.centre};
    const MomentSums sums = tables.sums[i];
    AddMomentSums(place, tables.compute[indices.compute], tables.context[indices.node], sums.weight, sums.residual,
                  equations);
  }
  return equations;
}

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BACKEND_CUDA_MOMENT_LOOPS_H_

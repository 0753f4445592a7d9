#ifndef CTXFIT_KERNELS_BACKEND_CUDA_REPLICATES_H_
#define CTXFIT_KERNELS_BACKEND_CUDA_REPLICATES_H_

#include <cuda_runtime_api.h>

#include <cstdint>

#include "absl/status/status.h"
#include "kernels/backend/cuda/device_cells.h"
#include "kernels/backend/cuda/device_weights.h"
#include "kernels/descent/levenberg_marquardt.h"
#include "kernels/law/domain.h"
#include "kernels/objective/normal_equations.h"

namespace ctxfit {

// Inputs of a replicate's steps besides the cells and the weights, the same for all replicates.
struct ReplicateProblem {
  Domain domain;
  LmCriteria criteria;
  std::uint64_t seed;  // of the weights that kernels draw
};

// Replicates in progress, in device memory. Equations are FactorEquations, or in the full form NormalEquations.
template <class Equations>
struct ReplicatesView {
  const std::int32_t* indices;  // by replicate in progress: its index, by which its weights are drawn
  LmState* states;              // state of each replicate
  Equations* partials;          // by replicate of a launch and split
  std::int32_t* unfinished;     // number of unfinished replicates
  std::int32_t splits;
};

// Enqueues one iteration of every unfinished replicate in [first, first + count): the normal equations at their trial
// points, summed over all cells, and the step that follows. `partials` holds count * splits elements. Does not wait.
absl::Status LaunchReplicateIteration(const CellsView& cells, const WeightsView& weights,
                                      const ReplicateProblem& problem,
                                      const ReplicatesView<FactorEquations>& replicates, std::int32_t first,
                                      std::int32_t count, cudaStream_t stream);

// Enqueues such an iteration over cells of the full form.
absl::Status LaunchReplicateIteration(const CellsView& cells, const WeightsView& weights,
                                      const ReplicateProblem& problem,
                                      const ReplicatesView<NormalEquations>& replicates, std::int32_t first,
                                      std::int32_t count, cudaStream_t stream);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BACKEND_CUDA_REPLICATES_H_

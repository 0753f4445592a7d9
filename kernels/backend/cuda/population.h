#ifndef CTXFIT_KERNELS_BACKEND_CUDA_POPULATION_H_
#define CTXFIT_KERNELS_BACKEND_CUDA_POPULATION_H_

#include <cuda_runtime_api.h>

#include <cstdint>

#include "absl/status/status.h"
#include "kernels/backend/proposal.h"
#include "kernels/law/coordinate.h"

namespace ctxfit {

// State of a search, in device memory. The generation is here and not an argument of the kernels, so that a
// captured generation can be replayed.
struct SearchState {
  std::uint32_t generation;
  std::uint32_t best;
  double best_cost;
  double mean_cost;
  unsigned long long evaluation_count;  // the types that atomicAdd takes
  unsigned long long non_finite_count;
};

// A population in device memory, `count` members with their trials, how trials are made, and where it stands.
struct PopulationView {
  BasicPoint<float>* members;
  BasicPoint<float>* trials;
  double* costs;
  double* trial_costs;
  SearchState* state;
  std::int32_t count;
  ProposalSettings settings;
};

// Populations that go through a generation together. None sees another.
struct PopulationBatch {
  const PopulationView* populations;  // in device memory
  std::int32_t count;
  std::int32_t most_members;  // of one of them
};

// The steps of a generation, in their order; the objective stands between the first two. None waits.

// Sets the trials of all members, made from the population of the state's generation.
absl::Status LaunchPropose(const PopulationBatch& batch, cudaStream_t stream);

// Replaces the members whose trials cost no more. A cost that is not finite counts as +infinity, and is counted.
absl::Status LaunchSelect(const PopulationBatch& batch, cudaStream_t stream);

// Updates the states after a selection: generations advance by `generations`, 0 for initial populations.
absl::Status LaunchSummarise(const PopulationBatch& batch, std::uint32_t generations, cudaStream_t stream);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BACKEND_CUDA_POPULATION_H_

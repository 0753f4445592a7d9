#ifndef CTXFIT_KERNELS_CUDA_OBJECTIVE_H_
#define CTXFIT_KERNELS_CUDA_OBJECTIVE_H_

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "kernels/cuda/device_cells.h"
#include "kernels/cuda/work_plan.h"
#include "kernels/law.h"

namespace ctxfit {

// Sums of eight candidates that one block leaves behind.
struct alignas(16) CandidateSums {
  double at[kCandidatesPerBlock];
};

// Elements of the `partials` that LaunchObjective needs.
constexpr std::size_t PartialCount(const ObjectivePlan& plan) {
  return static_cast<std::size_t>(plan.blocks_per_slice) * plan.splits;
}

// Enqueues the evaluation of the candidates of one slice of `plan`: costs[i] = sum w (mean y - P)^2 at members[i], for
// `count` members in all. `partials` is working space that slices share. Does not wait.
absl::Status LaunchObjective(const CellsView<float>& cells, const ObjectivePlan& plan, std::int32_t slice,
                             const BasicPoint<float>* members, std::int32_t count, CandidateSums* partials,
                             double* costs, cudaStream_t stream);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_CUDA_OBJECTIVE_H_

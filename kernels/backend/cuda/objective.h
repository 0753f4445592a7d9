#ifndef CTXFIT_KERNELS_BACKEND_CUDA_OBJECTIVE_H_
#define CTXFIT_KERNELS_BACKEND_CUDA_OBJECTIVE_H_

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "kernels/backend/cuda/objective_cells.h"
#include "kernels/backend/cuda/work_plan.h"
#include "kernels/law/coordinate.h"

namespace ctxfit {

// Returns the number of `partials` that LaunchObjective needs: one per block and candidate.
constexpr std::size_t PartialCount(const ObjectivePlan& plan) {
  return static_cast<std::size_t>(plan.groups) * plan.splits * plan.group_size();
}

// Enqueues the evaluation of one slice of the cells. After all slices of `plan`, in their order,
// costs[i] = the cost of all cells at members[i], without Cells::within_cost, for `count` members. `partials` is
// working space that slices share. Does not wait.
absl::Status LaunchObjective(const ObjectiveCellsView& cells, const ObjectivePlan& plan, std::int32_t slice,
                             const BasicPoint<float>* members, std::int32_t count, double* partials, double* costs,
                             cudaStream_t stream);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BACKEND_CUDA_OBJECTIVE_H_

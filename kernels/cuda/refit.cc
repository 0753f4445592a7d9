#include "kernels/cuda/refit.h"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <vector>

#include "kernels/cuda/refit_over_cells.h"
#include "kernels/cuda/status.h"

namespace ctxfit {
namespace {

ReplicateFits Collect(const std::vector<ReplicateState>& states) {
  ReplicateFits fits;
  for (const ReplicateState& state : states) {
    fits.points.push_back(state.best);
    fits.converged.push_back(state.converged);
    fits.max_iteration_count = std::max(fits.max_iteration_count, state.iterations);
  }
  return fits;
}

}  // namespace

absl::StatusOr<ReplicateFits> RefitOnDevice(std::shared_ptr<CudaDevice> device, const Cells& cells,
                                            const Domain& domain, const ReplicateRequest& request,
                                            const StopSignal& stop) {
  if (request.replicates == 0) return ReplicateFits{};
  CTXFIT_RETURN_IF_ERROR(device->Activate());
  const ReplicateProblem problem = {domain, request.rule, request.seed};
  std::vector<std::int32_t> numbers(request.replicates);
  std::iota(numbers.begin(), numbers.end(), 0);
  const auto states = RefitOverCells(device, cells, problem, request.start, numbers, stop);
  if (!states.ok()) return states.status();
  return Collect(*states);
}

}  // namespace ctxfit

#include "kernels/backend/cuda/refit.h"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <optional>
#include <vector>

#include "kernels/backend/cuda/moment_plan.h"
#include "kernels/backend/cuda/moment_table.h"
#include "kernels/backend/cuda/refit_by_moments.h"
#include "kernels/backend/cuda/refit_over_cells.h"
#include "kernels/backend/cuda/status.h"
#include "kernels/data/cells.h"
#include "kernels/law/domain.h"
#include "kernels/objective/moments.h"

namespace ctxfit {
namespace {

// The replicates that did not end where the moments tell costs as the cells do.
std::vector<std::int32_t> BeyondMoments(const std::vector<LmState>& states, const Moments& moments) {
  std::vector<std::int32_t> numbers;
  for (std::size_t b = 0; b < states.size(); ++b) {
    if (!moments.HoldAt(states[b].best)) numbers.push_back(static_cast<std::int32_t>(b));
  }
  return numbers;
}

ReplicateFits Collect(const std::vector<LmState>& states) {
  ReplicateFits fits;
  for (const LmState& state : states) {
    fits.points.push_back(state.best);
    fits.converged.push_back(state.converged);
    fits.max_iteration_count = std::max(fits.max_iteration_count, state.iterations);
  }
  return fits;
}

}  // namespace

absl::StatusOr<ReplicateFits> RefitOnDevice(const std::shared_ptr<CudaDevice>& device, const Cells& cells,
                                            const Domain& domain, const ReplicateRequest& request, ThreadPool& pool,
                                            const StopSignal& stop) {
  if (request.replicates == 0) return ReplicateFits{};
  CTXFIT_RETURN_IF_ERROR(device->Activate());
  const ReplicateProblem problem = {domain, request.rule, request.weights.seed};
  std::vector<LmState> states(request.replicates);
  std::vector<std::int32_t> over_cells(request.replicates);
  std::iota(over_cells.begin(), over_cells.end(), 0);

  const absl::StatusOr<std::optional<Moments>> gathered = GatherMoments(cells, request.start, pool, stop);
  if (!gathered.ok()) return gathered.status();
  const std::optional<Moments>& moments = *gathered;
  if (moments && SuitBlocks(*moments)) {
    const MomentTable table = TabulateMoments(*moments, cells.unit_count);
    auto ended = RefitByMoments(device, table, problem, request.start, request.replicates, stop);
    if (!ended.ok()) return ended.status();
    states = *std::move(ended);
    over_cells = BeyondMoments(states, *moments);
  }
  if (over_cells.empty()) return Collect(states);
  const auto ended = RefitOverCells(device, cells, problem, request.start, over_cells, stop);
  if (!ended.ok()) return ended.status();
  for (std::size_t i = 0; i < over_cells.size(); ++i) states[over_cells[i]] = (*ended)[i];
  return Collect(states);
}

}  // namespace ctxfit

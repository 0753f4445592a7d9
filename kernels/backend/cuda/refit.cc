#include "kernels/backend/cuda/refit.h"

#include <cstdint>
#include <numeric>
#include <optional>
#include <vector>

#include "kernels/backend/cuda/device_weights.h"
#include "kernels/backend/cuda/moment_plan.h"
#include "kernels/backend/cuda/moment_table.h"
#include "kernels/backend/cuda/refit_by_moments.h"
#include "kernels/backend/cuda/refit_over_cells.h"
#include "kernels/backend/cuda/status.h"
#include "kernels/data/cells.h"
#include "kernels/descent/replicate_fits.h"
#include "kernels/law/domain.h"
#include "kernels/objective/moments.h"

namespace ctxfit {

absl::StatusOr<ReplicateFits> RefitOnDevice(const std::shared_ptr<CudaDevice>& device, const Cells& cells,
                                            const Domain& domain, const ReplicateRequest& request,
                                            const HostCompute& host, const StopSignal& stop) {
  if (request.replicates == 0) return ReplicateFits{};
  CTXFIT_RETURN_IF_ERROR(device->Activate());
  std::vector<LmState> states(request.replicates);
  std::vector<std::int32_t> over_cells(request.replicates);
  std::iota(over_cells.begin(), over_cells.end(), 0);

  std::optional<Moments> moments;
  if (AreDrawnInKernels(cells, request.weights)) {
    CTXFIT_ASSIGN_OR_RETURN(moments, GatherMoments(cells, request.start, host, stop));
  }
  if (moments && SuitBlocks(*moments)) {
    const MomentTable table = TabulateMoments(*moments, cells.unit_count);
    const ReplicateProblem problem = {domain, request.criteria, request.weights.seed};
    CTXFIT_ASSIGN_OR_RETURN(states, RefitByMoments(device, table, problem, request.start, request.replicates, stop));
    const std::vector<std::uint32_t> beyond = BeyondMoments(states, *moments);
    over_cells.assign(beyond.begin(), beyond.end());
  }
  if (over_cells.empty()) return CollectReplicates(states);
  CTXFIT_ASSIGN_OR_RETURN(const std::vector<LmState> ended,
                          RefitOverCells(device, cells, domain, request, over_cells, host.pool, stop));
  for (std::size_t i = 0; i < over_cells.size(); ++i) states[over_cells[i]] = ended[i];
  return CollectReplicates(states);
}

}  // namespace ctxfit

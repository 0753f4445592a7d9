#include "kernels/backend/cuda/refit_over_cells.h"

#include <algorithm>
#include <cstddef>

#include "absl/types/span.h"
#include "kernels/backend/cuda/buffer.h"
#include "kernels/backend/cuda/device_cells.h"
#include "kernels/backend/cuda/device_weights.h"
#include "kernels/backend/cuda/replicate_launches.h"
#include "kernels/backend/cuda/replicates.h"
#include "kernels/backend/cuda/status.h"
#include "kernels/backend/cuda/work_plan.h"
#include "kernels/data/cells.h"
#include "kernels/objective/normal_equations.h"

namespace ctxfit {
namespace {

// Normal equations that a launch leaves behind at most: 7.5 MiB of them, or 22.5 MiB in the full form.
constexpr std::int32_t kMaxPartials = 65536;

// The inputs that all replicates have in common.
struct Inputs {
  const std::shared_ptr<CudaDevice>& device;
  const CellsView cells;
  const ReplicateProblem problem;
  const LmState start;
  std::int32_t splits;
};

// Refits the replicates of those indices, whose weights are `weights`. Returns the states in which they ended.
template <class Equations>
absl::StatusOr<std::vector<LmState>> RefitTogether(const Inputs& inputs, const WeightsView& weights,
                                                   absl::Span<const std::int32_t> indices, const StopSignal& stop) {
  const auto count = static_cast<std::int32_t>(indices.size());
  const std::shared_ptr<CudaDevice>& device = inputs.device;
  const LaunchSize size(std::clamp(kMaxPartials / inputs.splits, 1, count), inputs.cells.cell_count);
  CTXFIT_ASSIGN_OR_RETURN(const auto device_indices,
                          DeviceBuffer<std::int32_t>::CopyOf(device, {indices.begin(), indices.end()}));
  const std::vector<LmState> starts(count, inputs.start);
  CTXFIT_ASSIGN_OR_RETURN(const auto states, DeviceBuffer<LmState>::CopyOf(device, starts));
  CTXFIT_ASSIGN_OR_RETURN(const auto partials,
                          DeviceBuffer<Equations>::Allocate(device, std::size_t(size.highest()) * inputs.splits));
  CTXFIT_ASSIGN_OR_RETURN(const auto unfinished, DeviceBuffer<std::int32_t>::CopyOf(device, {count}));

  const ReplicatesView<Equations> replicates = {device_indices.data(), states.data(), partials.data(),
                                                unfinished.data(), inputs.splits};
  CTXFIT_RETURN_IF_ERROR(LaunchUntilFinished(
      *device, {count, unfinished.data(), size}, stop, [&](std::int32_t first, std::int32_t launched) {
        return LaunchReplicateIteration(inputs.cells, weights, inputs.problem, replicates, first, launched,
                                        device->stream());
      }));
  return states.ToHost();
}

}  // namespace

absl::StatusOr<std::vector<LmState>> RefitOverCells(const std::shared_ptr<CudaDevice>& device, const Cells& cells,
                                                    const Domain& domain, const ReplicateRequest& request,
                                                    const std::vector<std::int32_t>& indices, ThreadPool& pool,
                                                    const StopSignal& stop, std::int64_t max_weights) {
  const auto count = static_cast<std::int32_t>(indices.size());
  CTXFIT_ASSIGN_OR_RETURN(const DeviceCells uploaded, DeviceCells::Upload(device, cells, stop));
  // The division follows from all replicates, so that a result does not depend on how many share a table.
  const Inputs inputs = {device,
                         uploaded.view(),
                         {domain, request.criteria, request.weights.seed},
                         StartLm(request.start),
                         SplitReplicates(count, uploaded.view().cell_count)};
  const auto refit = [&](const WeightsView& weights, absl::Span<const std::int32_t> together) {
    return cells.full() ? RefitTogether<NormalEquations>(inputs, weights, together, stop)
                        : RefitTogether<FactorEquations>(inputs, weights, together, stop);
  };
  if (AreDrawnInKernels(cells, request.weights)) return refit({}, indices);

  std::vector<LmState> states;
  const std::int32_t per_table = ReplicatesPerTable(cells, count, max_weights);
  for (std::int32_t first = 0; first < count; first += per_table) {
    const auto together = absl::MakeConstSpan(indices).subspan(first, per_table);
    CTXFIT_ASSIGN_OR_RETURN(const DeviceWeights weights,
                            DeviceWeights::Draw(device, cells, request.weights, together, pool, stop));
    CTXFIT_ASSIGN_OR_RETURN(const std::vector<LmState> ended, refit(weights.view(), together));
    states.insert(states.end(), ended.begin(), ended.end());
  }
  return states;
}

}  // namespace ctxfit

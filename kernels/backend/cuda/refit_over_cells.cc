#include "kernels/backend/cuda/refit_over_cells.h"

#include <algorithm>
#include <cstddef>

#include "kernels/backend/cuda/buffer.h"
#include "kernels/backend/cuda/device_cells.h"
#include "kernels/backend/cuda/replicate_launches.h"
#include "kernels/backend/cuda/status.h"
#include "kernels/backend/cuda/work_plan.h"
#include "kernels/data/cells.h"
#include "kernels/law/coordinate.h"

namespace ctxfit {
namespace {

// Normal equations that a launch leaves behind at most: 7.5 MiB of them.
constexpr std::int32_t kMaxPartials = 65536;

}  // namespace

absl::StatusOr<std::vector<LmState>> RefitOverCells(const std::shared_ptr<CudaDevice>& device, const Cells& cells,
                                                    const ReplicateProblem& problem, const Point& start,
                                                    const std::vector<std::int32_t>& indices, const StopSignal& stop) {
  const auto count = static_cast<std::int32_t>(indices.size());
  CTXFIT_ASSIGN_OR_RETURN(const DeviceCells uploaded, DeviceCells::Upload(device, cells, stop));
  const std::int32_t cell_count = uploaded.view().cell_count;
  const std::int32_t splits = SplitReplicates(count, cell_count);
  const LaunchSize size(std::clamp(kMaxPartials / splits, 1, count), cell_count);

  CTXFIT_ASSIGN_OR_RETURN(const auto device_indices, DeviceBuffer<std::int32_t>::CopyOf(device, indices));
  const std::vector<LmState> starts(count, StartLm(start));
  CTXFIT_ASSIGN_OR_RETURN(const auto states, DeviceBuffer<LmState>::CopyOf(device, starts));
  CTXFIT_ASSIGN_OR_RETURN(const auto partials,
                          DeviceBuffer<FactorEquations>::Allocate(device, std::size_t(size.highest()) * splits));
  CTXFIT_ASSIGN_OR_RETURN(const auto unfinished, DeviceBuffer<std::int32_t>::CopyOf(device, {count}));

  const ReplicatesView replicates = {device_indices.data(), states.data(), partials.data(), unfinished.data(), splits};
  CTXFIT_RETURN_IF_ERROR(LaunchUntilFinished(
      *device, {count, unfinished.data(), size}, stop, [&](std::int32_t first, std::int32_t launched) {
        return LaunchReplicateIteration(uploaded.view(), problem, replicates, first, launched, device->stream());
      }));
  return states.ToHost();
}

}  // namespace ctxfit

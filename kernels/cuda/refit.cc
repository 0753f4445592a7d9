#include "kernels/cuda/refit.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "kernels/cuda/buffer.h"
#include "kernels/cuda/device_cells.h"
#include "kernels/cuda/replicates.h"
#include "kernels/cuda/status.h"
#include "kernels/cuda/work_plan.h"

namespace ctxfit {
namespace {

// Normal equations that a launch leaves behind at most: 7.5 MiB of them.
constexpr std::int32_t kMaxPartials = 65536;

// How many replicates go into one launch. They do not touch each other, so this is free to follow the clock: a launch
// should be long against a wait for the device and short against the 100 ms in which a cancellation must end a fit,
// from GPUs with full double precision to those with a sixty-fourth of it.
class LaunchSize {
 public:
  LaunchSize(std::int32_t replicates, std::int32_t splits, std::int64_t cells)
      : highest_(std::clamp(kMaxPartials / splits, 1, replicates)) {
    constexpr std::int64_t kFirstLaunchWork = 1 << 24;  // replicates times cells
    value_ = static_cast<std::int32_t>(std::clamp<std::int64_t>(kFirstLaunchWork / cells, 1, highest_));
  }

  std::int32_t value() const { return value_; }
  std::int32_t highest() const { return highest_; }

  // Takes account of what a launch of that many replicates lasted.
  void Observe(std::int32_t replicates, absl::Duration duration) {
    if (duration > absl::Milliseconds(20)) value_ = std::max(value_ / 2, 1);
    if (duration < absl::Milliseconds(5) && replicates == value_) value_ = std::min(2 * value_, highest_);
  }

 private:
  std::int32_t highest_;
  std::int32_t value_;
};

// Runs one iteration of all replicates, and waits. Looks at `stop` before every launch.
absl::Status RunIteration(const CudaDevice& device, const CellsView<double>& cells, const ReplicateProblem& problem,
                          const ReplicatesView& replicates, LaunchSize& size, const StopSignal& stop) {
  for (std::int32_t first = 0; first < replicates.count;) {
    CTXFIT_RETURN_IF_ERROR(stop.Check());
    const absl::Time begin = absl::Now();
    const std::int32_t count = std::min(size.value(), replicates.count - first);
    CTXFIT_RETURN_IF_ERROR(LaunchReplicateIteration(cells, problem, replicates, first, count, device.stream()));
    CTXFIT_RETURN_IF_ERROR(device.Wait());
    size.Observe(count, absl::Now() - begin);
    first += count;
  }
  return absl::OkStatus();
}

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
  const auto uploaded = DeviceCells<double>::Upload(device, cells, stop);
  if (!uploaded.ok()) return uploaded.status();
  const std::int32_t cell_count = uploaded->view().cell_count;
  const std::int32_t splits = SplitReplicates(request.replicates, cell_count);
  LaunchSize size(request.replicates, splits, cell_count);

  const std::vector<ReplicateState> starts(request.replicates, StartReplicate(request.start));
  const auto states = DeviceBuffer<ReplicateState>::CopyOf(device, starts);
  if (!states.ok()) return states.status();
  const auto partials = DeviceBuffer<FactorEquations>::Allocate(device, std::size_t(size.highest()) * splits);
  if (!partials.ok()) return partials.status();
  const auto unfinished = DeviceBuffer<std::int32_t>::CopyOf(device, {request.replicates});
  if (!unfinished.ok()) return unfinished.status();
  auto fetched = PinnedValue<std::int32_t>::Allocate();
  if (!fetched.ok()) return fetched.status();

  const ReplicateProblem problem = {domain, request.rule, request.seed};
  const ReplicatesView replicates = {states->data(), partials->data(), unfinished->data(), request.replicates, splits};
  for (std::int32_t remaining = request.replicates; remaining > 0;) {
    CTXFIT_RETURN_IF_ERROR(RunIteration(*device, uploaded->view(), problem, replicates, size, stop));
    const absl::StatusOr<std::int32_t> count = fetched->Fetch(replicates.unfinished, *device);
    if (!count.ok()) return count.status();
    remaining = *count;
  }
  const absl::StatusOr<std::vector<ReplicateState>> ended = states->ToHost();
  if (!ended.ok()) return ended.status();
  return Collect(*ended);
}

}  // namespace ctxfit

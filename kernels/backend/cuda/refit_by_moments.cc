#include "kernels/backend/cuda/refit_by_moments.h"

#include <algorithm>
#include <cstddef>

#include "kernels/backend/cuda/buffer.h"
#include "kernels/backend/cuda/device_moments.h"
#include "kernels/backend/cuda/moment_plan.h"
#include "kernels/backend/cuda/moment_replicates.h"
#include "kernels/backend/cuda/replicate_launches.h"
#include "kernels/backend/cuda/status.h"
#include "kernels/law/coordinate.h"

namespace ctxfit {
namespace {

// Device memory for the tables of a launch that outgrow shared memory: 256 MiB.
constexpr std::int64_t kMaxScratch = std::int64_t{1} << 25;

// The replicates that a launch has scratch for.
std::int32_t HighestCount(const MomentPlan& plan, std::int32_t count) {
  if (plan.scratch_size == 0) return count;
  return static_cast<std::int32_t>(std::clamp<std::int64_t>(kMaxScratch / plan.scratch_size, 1, count));
}

}  // namespace

absl::StatusOr<std::vector<LmState>> RefitByMoments(const std::shared_ptr<CudaDevice>& device,
                                                    const MomentTable& moments, const ReplicateProblem& problem,
                                                    const Point& start, std::int32_t count, const StopSignal& stop) {
  CTXFIT_ASSIGN_OR_RETURN(const DeviceMoments uploaded, UploadMoments(device, moments, stop));
  const MomentPlan plan = PlanMoments(uploaded.View(), problem.criteria.max_iterations);
  const LaunchSize size(HighestCount(plan, count), plan.work);
  const std::vector<LmState> starts(count, StartLm(start));
  CTXFIT_ASSIGN_OR_RETURN(const auto states, DeviceBuffer<LmState>::CopyOf(device, starts));
  CTXFIT_ASSIGN_OR_RETURN(const auto scratch,
                          DeviceBuffer<double>::Allocate(device, std::size_t(size.highest()) * plan.scratch_size));
  CTXFIT_ASSIGN_OR_RETURN(const auto unfinished, DeviceBuffer<std::int32_t>::CopyOf(device, {count}));

  const MomentReplicatesView replicates = {states.data(), scratch.data(), unfinished.data()};
  CTXFIT_RETURN_IF_ERROR(LaunchUntilFinished(
      *device, {count, unfinished.data(), size}, stop, [&](std::int32_t first, std::int32_t launched) {
        return LaunchMomentReplicates(uploaded.View(), problem, plan, replicates, first, launched, device->stream());
      }));
  return states.ToHost();
}

}  // namespace ctxfit

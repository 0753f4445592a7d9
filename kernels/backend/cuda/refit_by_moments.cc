#include "kernels/backend/cuda/refit_by_moments.h"

#include <algorithm>
#include <utility>

#include "kernels/backend/cuda/buffer.h"
#include "kernels/backend/cuda/device_moments.h"
#include "kernels/backend/cuda/moment_plan.h"
#include "kernels/backend/cuda/moment_replicates.h"
#include "kernels/backend/cuda/replicate_launches.h"
#include "kernels/backend/cuda/status.h"

namespace ctxfit {
namespace {

// Device memory for the tables of a launch that outgrow shared memory: 256 MiB.
constexpr std::int64_t kMaxScratch = std::int64_t{1} << 25;

// The replicates that a launch has scratch for.
std::int32_t HighestCount(std::int64_t scratch_size, std::int32_t count) {
  if (scratch_size == 0) return count;
  return static_cast<std::int32_t>(std::clamp<std::int64_t>(kMaxScratch / scratch_size, 1, count));
}

// The tables of all tasks, on the host, and what they have to share.
struct Layout {
  std::vector<DeviceMoments> moments;
  std::vector<MomentTask> tasks;
  std::vector<std::int32_t> replicate_begin;
  std::vector<LmState> states;
  std::int64_t scratch_size = 0;
  std::int64_t shared_size = 0;
  std::int64_t work = 0;  // most work of a replicate
};

absl::StatusOr<Layout> LayOut(const std::shared_ptr<CudaDevice>& device, absl::Span<const MomentRefit> refits,
                              const StopSignal& stop) {
  Layout layout;
  for (const MomentRefit& refit : refits) {
    CTXFIT_ASSIGN_OR_RETURN(DeviceMoments uploaded, UploadMoments(device, refit.moments, stop));
    const MomentPlan plan = PlanMoments(uploaded.View(), refit.problem.criteria.max_iterations);
    layout.tasks.push_back({uploaded.View(), refit.problem, plan});
    layout.moments.push_back(std::move(uploaded));
    layout.replicate_begin.push_back(static_cast<std::int32_t>(layout.states.size()));
    layout.states.insert(layout.states.end(), refit.count, StartLm(refit.start));
    layout.scratch_size = std::max(layout.scratch_size, plan.scratch_size);
    layout.shared_size = std::max(layout.shared_size, plan.shared_size);
    layout.work = std::max(layout.work, plan.work);
  }
  return layout;
}

}  // namespace

std::size_t BytesOf(const MomentRefit& refit) {
  const MomentTable& moments = refit.moments;
  return sizeof(MomentTask) + refit.count * sizeof(LmState) +
         (moments.log_compute.size() + moments.log_prompt.size()) * sizeof(double) +
         moments.place.size() * (sizeof(PlaceIndices) + sizeof(std::int32_t)) +
         moments.parts.size() * sizeof(LevelParts) + moments.unit.size() * sizeof(std::int32_t) +
         moments.moments.size() * sizeof(MomentSums);
}

absl::StatusOr<std::vector<std::vector<LmState>>> RefitByMoments(const std::shared_ptr<CudaDevice>& device,
                                                                 absl::Span<const MomentRefit> refits,
                                                                 const StopSignal& stop) {
  CTXFIT_ASSIGN_OR_RETURN(const Layout layout, LayOut(device, refits, stop));
  const auto count = static_cast<std::int32_t>(layout.states.size());
  const LaunchSize size(HighestCount(layout.scratch_size, count), layout.work);
  CTXFIT_ASSIGN_OR_RETURN(const auto tasks, DeviceBuffer<MomentTask>::CopyOf(device, layout.tasks));
  CTXFIT_ASSIGN_OR_RETURN(const auto begins, DeviceBuffer<std::int32_t>::CopyOf(device, layout.replicate_begin));
  CTXFIT_ASSIGN_OR_RETURN(const auto states, DeviceBuffer<LmState>::CopyOf(device, layout.states));
  CTXFIT_ASSIGN_OR_RETURN(const auto scratch,
                          DeviceBuffer<double>::Allocate(device, std::size_t(size.highest()) * layout.scratch_size));
  CTXFIT_ASSIGN_OR_RETURN(const auto unfinished, DeviceBuffer<std::int32_t>::CopyOf(device, {count}));

  const MomentReplicatesView replicates = {
      .tasks = tasks.data(),
      .replicate_begin = begins.data(),
      .task_count = static_cast<std::int32_t>(tasks.size()),
      .states = states.data(),
      .scratch = scratch.data(),
      .scratch_size = layout.scratch_size,
      .shared_size = layout.shared_size,
      .unfinished = unfinished.data(),
  };
  CTXFIT_RETURN_IF_ERROR(LaunchUntilFinished(
      *device, {count, unfinished.data(), size}, stop, [&](std::int32_t first, std::int32_t launched) {
        return LaunchMomentReplicates(replicates, first, launched, device->stream());
      }));
  CTXFIT_ASSIGN_OR_RETURN(const std::vector<LmState> ended, states.ToHost());
  std::vector<std::vector<LmState>> by_task;
  for (std::size_t task = 0; task < refits.size(); ++task) {
    const auto begin = ended.begin() + layout.replicate_begin[task];
    by_task.emplace_back(begin, begin + refits[task].count);
  }
  return by_task;
}

}  // namespace ctxfit

#include "kernels/backend/cuda/refit.h"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <utility>

#include "kernels/backend/cuda/device_weights.h"
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

// A task whose replicates go by moments.
struct Refit {
  std::size_t task;
  double highest_exponent;  // Moments::highest_exponent
};

// Tasks that are refitted together, as far as they have been collected.
class Batch {
 public:
  Batch(const std::shared_ptr<CudaDevice>& device, absl::Span<const ReplicateTask> tasks, const HostCompute& host,
        const StopSignal& stop, std::size_t usable)
      : device_(device), tasks_(tasks), host_(host), stop_(stop), usable_(usable), fits_(tasks.size()) {}

  // Takes a task, after it has refitted those at hand where there is no room beside them.
  absl::Status Add(std::size_t task, const Moments& moments) {
    const auto& [cells, domain, request] = tasks_[task];
    MomentRefit refit = {TabulateMoments(moments, cells.unit_count),
                         {domain, request.criteria, request.weights.seed},
                         request.start,
                         request.replicates};
    const std::size_t bytes = BytesOf(refit);
    if (bytes_ + bytes > usable_) CTXFIT_RETURN_IF_ERROR(Flush());
    bytes_ += bytes;
    taken_.push_back({task, moments.highest_exponent});
    refits_.push_back(std::move(refit));
    return absl::OkStatus();
  }

  // Refits the tasks at hand.
  absl::Status Flush() {
    if (refits_.empty()) return absl::OkStatus();
    CTXFIT_ASSIGN_OR_RETURN(std::vector<std::vector<LmState>> states, RefitByMoments(device_, refits_, stop_));
    refits_.clear();
    bytes_ = 0;
    for (std::size_t i = 0; i < taken_.size(); ++i) {
      CTXFIT_RETURN_IF_ERROR(Complete(taken_[i], states[i]));
      fits_[taken_[i].task] = CollectReplicates(states[i]);
    }
    taken_.clear();
    return absl::OkStatus();
  }

  std::vector<std::optional<ReplicateFits>> TakeFits() { return std::move(fits_); }

 private:
  // Refits the replicates that left the range of the moments over cells.
  absl::Status Complete(const Refit& refit, std::vector<LmState>& states) const {
    const std::vector<std::uint32_t> beyond = BeyondMoments(states, refit.highest_exponent);
    if (beyond.empty()) return absl::OkStatus();
    const auto& [cells, domain, request] = tasks_[refit.task];
    const std::vector<std::int32_t> indices(beyond.begin(), beyond.end());
    CTXFIT_ASSIGN_OR_RETURN(const std::vector<LmState> ended,
                            RefitOverCells(device_, cells, domain, request, indices, host_.pool, stop_));
    for (std::size_t i = 0; i < indices.size(); ++i) states[indices[i]] = ended[i];
    return absl::OkStatus();
  }

  const std::shared_ptr<CudaDevice>& device_;
  const absl::Span<const ReplicateTask> tasks_;
  const HostCompute& host_;
  const StopSignal& stop_;
  const std::size_t usable_;
  std::vector<Refit> taken_;
  std::vector<MomentRefit> refits_;  // by taken task
  std::size_t bytes_ = 0;
  std::vector<std::optional<ReplicateFits>> fits_;
};

}  // namespace

absl::StatusOr<std::vector<std::optional<ReplicateFits>>> RefitTogetherOnDevice(
    const std::shared_ptr<CudaDevice>& device, absl::Span<const ReplicateTask> tasks, const HostCompute& host,
    const StopSignal& stop, std::size_t max_bytes) {
  CTXFIT_RETURN_IF_ERROR(device->Activate());
  std::size_t usable = max_bytes;
  if (tasks.size() > 1) {
    CTXFIT_ASSIGN_OR_RETURN(const std::size_t free, device->UsableBytes());
    usable = std::min(usable, free);
  }
  Batch batch(device, tasks, host, stop, usable);
  for (std::size_t task = 0; task < tasks.size(); ++task) {
    const auto& [cells, domain, request] = tasks[task];
    if (request.replicates == 0 || !AreDrawnInKernels(cells, request.weights)) continue;
    CTXFIT_ASSIGN_OR_RETURN(const std::optional<Moments> moments, GatherMoments(cells, request.start, host, stop));
    if (moments && SuitBlocks(*moments)) CTXFIT_RETURN_IF_ERROR(batch.Add(task, *moments));
  }
  CTXFIT_RETURN_IF_ERROR(batch.Flush());
  return batch.TakeFits();
}

absl::StatusOr<ReplicateFits> RefitOnDevice(const std::shared_ptr<CudaDevice>& device, const ReplicateTask& task,
                                            const HostCompute& host, const StopSignal& stop) {
  if (task.request.replicates == 0) return ReplicateFits{};
  CTXFIT_ASSIGN_OR_RETURN(std::vector<std::optional<ReplicateFits>> fits,
                          RefitTogetherOnDevice(device, absl::MakeConstSpan(&task, 1), host, stop));
  if (fits.front()) return std::move(*fits.front());
  std::vector<std::int32_t> all(task.request.replicates);
  std::iota(all.begin(), all.end(), 0);
  CTXFIT_ASSIGN_OR_RETURN(const std::vector<LmState> states,
                          RefitOverCells(device, task.cells, task.domain, task.request, all, host.pool, stop));
  return CollectReplicates(states);
}

}  // namespace ctxfit

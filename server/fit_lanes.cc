#include "server/fit_lanes.h"

#include <algorithm>
#include <utility>

namespace ctxfit {

absl::StatusOr<std::unique_ptr<FitLanes>> FitLanes::Open(int cpu_threads, std::size_t capacity) {
  std::unique_ptr<FitLanes> lanes(new FitLanes);
  lanes->Add(MakeCpuBackend(cpu_threads), capacity);
  for (int device = 0; device < CudaDeviceCount(); ++device) {
    absl::StatusOr<std::unique_ptr<Backend>> backend = MakeCudaBackend(device);
    if (!backend.ok()) return backend.status();
    lanes->Add(*std::move(backend), capacity);
  }
  return lanes;
}

void FitLanes::Add(std::unique_ptr<Backend> backend, std::size_t capacity) {
  lanes_.push_back({std::move(backend), std::make_unique<WorkQueue>("fits", 1, capacity)});
}

absl::StatusOr<FitLane*> FitLanes::Choose(v1::Backend backend, const FitOptions& options) {
  const bool has_gpu = lanes_.size() > 1;
  const bool gpu_fits = has_gpu && lanes_.back().backend->Supports(options);
  if (backend == v1::BACKEND_CPU || (backend != v1::BACKEND_CUDA && !gpu_fits)) return &lanes_.front();
  if (!has_gpu) {
    absl::StatusOr<std::unique_ptr<Backend>> reason = MakeCudaBackend();
    if (!reason.ok()) return reason.status();
    return absl::FailedPreconditionError("options.backend = BACKEND_CUDA: this server has opened no GPU");
  }
  return &*std::min_element(lanes_.begin() + 1, lanes_.end(), [](const FitLane& a, const FitLane& b) {
    return a.queue->JobCount() < b.queue->JobCount();
  });
}

void FitLanes::Close() {
  for (FitLane& lane : lanes_) lane.queue->Close();
}

bool FitLanes::AwaitIdle(absl::Time deadline) {
  return std::all_of(lanes_.begin(), lanes_.end(),
                     [deadline](FitLane& lane) { return lane.queue->AwaitIdle(deadline); });
}

void FitLanes::CancelAll() {
  for (FitLane& lane : lanes_) lane.queue->CancelAll();
}

}  // namespace ctxfit

#include "server/queue/device_queues.h"

#include <algorithm>
#include <utility>

#include "kernels/base/status_macros.h"
#include "server/wire/error_details.h"

namespace ctxfit {

DeviceQueue::DeviceQueue(std::vector<std::unique_ptr<Backend>> backends, const WorkQueueOptions& options)
    : backends_(std::move(backends)), queue_(options) {
  for (const std::unique_ptr<Backend>& backend : backends_) idle_.push_back(backend.get());
}

std::unique_ptr<Backend, std::function<void(Backend*)>> DeviceQueue::Borrow() {
  const std::lock_guard lock(mutex_);
  Backend* backend = idle_.back();
  idle_.pop_back();
  return {backend, [this](Backend* returned) {
            const std::lock_guard lock_to_return(mutex_);
            idle_.push_back(returned);
          }};
}

absl::StatusOr<std::unique_ptr<DeviceQueues>> DeviceQueues::Open(const DeviceQueueOptions& options,
                                                                 WorkingMemory* memory) {
  std::unique_ptr<DeviceQueues> devices(new DeviceQueues);
  WorkQueueOptions queue;
  queue.name = "fits";
  queue.threads = options.fits_at_once;
  queue.capacity = options.capacity;
  queue.short_threads = options.short_fits_at_once;
  queue.short_cpu_seconds = options.short_cpu_seconds;
  queue.memory = memory;
  const int fits_at_once = options.fits_at_once + options.short_fits_at_once;
  std::vector<std::unique_ptr<Backend>> on_cpu(fits_at_once);
  for (std::unique_ptr<Backend>& backend : on_cpu) backend = MakeCpuBackend(options.cpu_threads);
  devices->queues_.push_back(std::make_unique<DeviceQueue>(std::move(on_cpu), queue));
  for (int index = 0; index < CudaDeviceCount(); ++index) {
    std::vector<std::unique_ptr<Backend>> on_gpu;
    for (int i = 0; i < fits_at_once; ++i) {
      CTXFIT_ASSIGN_OR_RETURN(std::unique_ptr<Backend> backend, MakeCudaBackend(index));
      on_gpu.push_back(std::move(backend));
    }
    devices->queues_.push_back(std::make_unique<DeviceQueue>(std::move(on_gpu), queue));
  }
  return devices;
}

absl::StatusOr<DeviceQueue*> DeviceQueues::Choose(v1::Backend backend) {
  const bool has_gpu = queues_.size() > 1;
  if (backend == v1::BACKEND_CPU || (backend != v1::BACKEND_CUDA && !has_gpu)) return queues_.front().get();
  if (!has_gpu) {
    if (const absl::Status none = MakeCudaBackend().status(); !none.ok()) {
      return WithResource(none, "device", "BACKEND_CUDA");
    }
    return WithResource(absl::FailedPreconditionError("options.backend = BACKEND_CUDA: this server has opened no GPU"),
                        "device", "BACKEND_CUDA");
  }
  return std::min_element(queues_.begin() + 1, queues_.end(),
                          [](const std::unique_ptr<DeviceQueue>& a, const std::unique_ptr<DeviceQueue>& b) {
                            return a->queue().JobCount() < b->queue().JobCount();
                          })
      ->get();
}

absl::Duration DeviceQueues::RetryDelay() {
  absl::Duration longest = absl::ZeroDuration();
  for (const std::unique_ptr<DeviceQueue>& device : queues_) longest = std::max(longest, device->queue().RetryDelay());
  return longest;
}

void DeviceQueues::Close() {
  for (const std::unique_ptr<DeviceQueue>& device : queues_) device->queue().Close();
}

bool DeviceQueues::AwaitIdle(absl::Time deadline) {
  return std::all_of(queues_.begin(), queues_.end(), [deadline](const std::unique_ptr<DeviceQueue>& device) {
    return device->queue().AwaitIdle(deadline);
  });
}

void DeviceQueues::CancelAll() {
  for (const std::unique_ptr<DeviceQueue>& device : queues_) device->queue().CancelAll();
}

}  // namespace ctxfit

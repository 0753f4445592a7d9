#ifndef CTXFIT_SERVER_QUEUE_DEVICE_QUEUES_H_
#define CTXFIT_SERVER_QUEUE_DEVICE_QUEUES_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "ctxfit/v1/fit.pb.h"
#include "kernels/backend/backend.h"
#include "server/queue/work_queue.h"

namespace ctxfit {

// A device and the queue of the fits that wait for it. It has as many workers as backends, all on that device, so that
// one fit uses what another leaves idle. Thread-safe.
class DeviceQueue {
 public:
  // Takes as many backends as `options` has threads of both kinds.
  DeviceQueue(std::vector<std::unique_ptr<Backend>> backends, const WorkQueueOptions& options);

  WorkQueue& queue() { return queue_; }

  // Returns one of its backends, for properties that all of them share.
  const Backend& backend() const { return *backends_.front(); }

  // Threads of each of its backends.
  int threads() const { return backends_.front()->Threads().size(); }

  // Lends a backend to a worker of this queue, for its use alone until the pointer is destroyed.
  std::unique_ptr<Backend, std::function<void(Backend*)>> Borrow();

 private:
  const std::vector<std::unique_ptr<Backend>> backends_;
  std::mutex mutex_;
  std::vector<Backend*> idle_;  // guarded by mutex_
  WorkQueue queue_;             // destroyed before the backends
};

// The size of a server's queues.
struct DeviceQueueOptions {
  int cpu_threads = 0;             // threads of each backend on the CPU; 0: every core
  int fits_at_once = 2;            // on each device; at least 1
  int short_fits_at_once = 1;      // besides, of at most `short_cpu_seconds` each
  double short_cpu_seconds = 0.1;  // estimated processor time
  std::size_t capacity = 128;      // limit on the fits that wait, for all devices together
};

// The devices of a server, the CPU and each GPU, with a queue each. Thread-safe once made.
class DeviceQueues {
 public:
  // Opens the CPU and every GPU of this machine. Errors: those of a GPU that does not open, because a server that was
  // meant to have it should not run without.
  // Their jobs take `memory`, which must outlive them, while they run; null: unlimited.
  static absl::StatusOr<std::unique_ptr<DeviceQueues>> Open(const DeviceQueueOptions& options, WorkingMemory* memory);

  // Chooses the device for a request: for CUDA, and for AUTO where there is a GPU, the GPU with the shortest queue;
  // otherwise the CPU. FAILED_PRECONDITION where CUDA is asked for and there is none.
  absl::StatusOr<DeviceQueue*> Choose(v1::Backend backend);

  // The longest WorkQueue::RetryDelay() of a device.
  absl::Duration RetryDelay();

  void Close();
  bool AwaitIdle(absl::Time deadline);
  void CancelAll();

  // The queues, the CPU's first.
  const std::vector<std::unique_ptr<DeviceQueue>>& queues() const { return queues_; }

 private:
  DeviceQueues() = default;

  std::vector<std::unique_ptr<DeviceQueue>> queues_;  // the CPU's first
};

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_QUEUE_DEVICE_QUEUES_H_

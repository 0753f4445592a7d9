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
#include "kernels/law/options.h"
#include "server/queue/work_queue.h"

namespace ctxfit {

// A device and the queue of the fits that wait for it. It has as many workers as backends, all on that device: what one
// fit leaves idle, another one uses. Thread-safe.
class DeviceQueue {
 public:
  // At least one backend.
  DeviceQueue(std::vector<std::unique_ptr<Backend>> backends, std::size_t capacity);

  WorkQueue& queue() { return queue_; }

  // For what is the same of all its backends.
  const Backend& backend() const { return *backends_.front(); }

  // A backend for a fit that runs on a worker of the lane, which alone uses it until it gives it back.
  std::unique_ptr<Backend, std::function<void(Backend*)>> Borrow();

 private:
  const std::vector<std::unique_ptr<Backend>> backends_;
  std::mutex mutex_;
  std::vector<Backend*> idle_;  // guarded by mutex_
  WorkQueue queue_;             // ended before the backends are
};

// What the lanes of a server are opened with.
struct DeviceQueueOptions {
  int cpu_threads = 0;        // of the CPU's; 0: every core
  int fits_at_once = 2;       // on each device; at least 1
  std::size_t capacity = 64;  // fits that wait for each device at most
};

// The lanes of a server: one for the CPU, and one for each GPU. Thread-safe once made.
class DeviceQueues {
 public:
  // Opens every GPU that this machine has. Errors of a GPU that does not open are returned: a server that was meant to
  // have it should not run without.
  static absl::StatusOr<std::unique_ptr<DeviceQueues>> Open(const DeviceQueueOptions& options);

  // The lane for a request's choice: the first GPU with the shortest queue for CUDA, and for AUTO where there is one
  // that fits with those options. FAILED_PRECONDITION where CUDA is asked for and there is none.
  absl::StatusOr<DeviceQueue*> Choose(v1::Backend backend, const FitOptions& options);

  void Close();
  bool AwaitIdle(absl::Time deadline);
  void CancelAll();

 private:
  DeviceQueues() = default;

  std::vector<std::unique_ptr<DeviceQueue>> lanes_;  // the CPU's first
};

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_QUEUE_DEVICE_QUEUES_H_

#ifndef CTXFIT_KERNELS_BASE_THREAD_POOL_H_
#define CTXFIT_KERNELS_BASE_THREAD_POOL_H_

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <initializer_list>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "kernels/base/stop_signal.h"

namespace ctxfit {

// Threads that share loops. They sleep between loops and live as long as the pool. Thread-compatible: one loop at a
// time.
class ThreadPool {
 public:
  // `threads` >= 1, counting the caller of ParallelFor.
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int size() const { return static_cast<int>(workers_.size()) + 1; }

  // Calls body(index, thread) for every index in [0, count), each once, and returns when all calls have returned.
  // `thread`, in [0, size()), is never in two calls at once. Which thread takes which index is left to chance: results
  // must not depend on it. `stop` is looked at before every call; its errors are returned, and the remaining indices
  // skipped. So they are where a call throws; one exception is then thrown on.
  absl::Status ParallelFor(std::size_t count, const StopSignal& stop,
                           const std::function<void(std::size_t index, int thread)>& body);

  // Calls all `tasks`, side by side.
  void RunAll(std::initializer_list<std::function<void()>> tasks);

 private:
  void Work(int thread);
  void TakeIndices(int thread);

  // Lets as many workers as there is work for beside the caller join the loop that stands below.
  void Invite(std::size_t count);

  // Ends the invitation, and waits for those who came.
  void AwaitWorkers();

  // The loop under way.
  std::atomic<std::size_t> next_{0};
  std::size_t count_ = 0;
  const StopSignal* stop_ = nullptr;
  const std::function<void(std::size_t, int)>* body_ = nullptr;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable done_;
  std::exception_ptr thrown_;  // guarded by mutex_
  int invited_ = 0;            // workers that may still join the loop; guarded by mutex_
  int busy_ = 0;               // workers that have joined it; guarded by mutex_
  bool ending_ = false;        // guarded by mutex_
  std::vector<std::thread> workers_;
};

// Shares out `threads` threads among up to `most` pools: the sizes of as many as get one.
std::vector<int> ShareThreads(int threads, int most);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BASE_THREAD_POOL_H_

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
  // `threads` >= 1, counting the caller of ParallelFor. Throws std::system_error if the system starts no more threads.
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int size() const { return static_cast<int>(workers_.size()) + 1; }

  // Calls body(index, thread) for every index in [0, count), each once, and returns when all calls have returned.
  // `thread`, in [0, size()), is never in two calls at once. Which thread takes which index is left to chance: results
  // must not depend on it. Checks `stop` before every call: once it is set, the remaining indices are skipped and its
  // error is returned. If calls throw, the remaining indices are skipped and one of the exceptions is rethrown.
  absl::Status ParallelFor(std::size_t count, const StopSignal& stop,
                           const std::function<void(std::size_t index, int thread)>& body);

  // Calls all `tasks` concurrently, and returns when all have returned. Exceptions are those of ParallelFor.
  void RunAll(std::initializer_list<std::function<void()>> tasks);

 private:
  void Work(int thread);
  void EndWorkers();
  void TakeIndices(int thread);

  // Lets workers join the loop under way: as many as there are indices besides the caller's first.
  void Invite(std::size_t count);

  // Keeps further workers from joining, and waits for those that have joined.
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

// Divides `threads` threads among at most `max_count` pools as evenly as possible. Returns the size of each pool, at
// least 1.
std::vector<int> ShareThreads(int threads, int max_count);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BASE_THREAD_POOL_H_

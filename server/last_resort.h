#ifndef CTXFIT_SERVER_LAST_RESORT_H_
#define CTXFIT_SERVER_LAST_RESORT_H_

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

namespace ctxfit {

// Ends the process where its orderly end takes too long: where a worker does not stop, say, or gRPC waits for a call
// that is never finished. Goes by a monotonic clock. Once it has been set, only its destructor, at the end of the
// orderly end, prevents it.
class LastResort {
 public:
  // `end` ends the process.
  explicit LastResort(std::function<void()> end) : end_(std::move(end)), thread_([this] { Wait(); }) {}
  ~LastResort() {
    {
      const std::lock_guard lock(mutex_);
      done_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

  // Ends the process in `limit` from now, unless an earlier limit has been set.
  void In(std::chrono::nanoseconds limit) {
    {
      const std::lock_guard lock(mutex_);
      limit_ = std::min(limit_, std::chrono::steady_clock::now() + limit);
    }
    changed_.notify_all();
  }

 private:
  void Wait() {
    std::unique_lock lock(mutex_);
    while (!done_) {
      if (limit_ == kNever) {
        changed_.wait(lock);
      } else if (changed_.wait_until(lock, limit_) == std::cv_status::timeout && !done_) {
        end_();
        return;
      }
    }
  }

  static constexpr std::chrono::steady_clock::time_point kNever = std::chrono::steady_clock::time_point::max();

  const std::function<void()> end_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::chrono::steady_clock::time_point limit_ = kNever;  // guarded by mutex_, as is the next one
  bool done_ = false;
  std::thread thread_;
};

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_LAST_RESORT_H_

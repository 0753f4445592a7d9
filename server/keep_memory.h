#ifndef CTXFIT_SERVER_KEEP_MEMORY_H_
#define CTXFIT_SERVER_KEEP_MEMORY_H_

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

namespace ctxfit {

// Keeps freed memory in this process for the next request. Every request allocates and frees megabytes; by default the
// C library returns them to the system each time, and the page faults of the next request cost more than reading it.
// Mappings above 32 MiB are always returned.
void KeepFreedMemory();

// Returns freed memory to the system once this process has been idle for two seconds after some work.
class IdleTrimmer {
 public:
  // `is_idle` is asked once a second, from another thread.
  explicit IdleTrimmer(std::function<bool()> is_idle) : is_idle_(std::move(is_idle)), thread_([this] { Watch(); }) {}
  ~IdleTrimmer();

 private:
  void Watch();

  const std::function<bool()> is_idle_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ended_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_KEEP_MEMORY_H_

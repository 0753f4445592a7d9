#ifndef CTXFIT_KERNELS_STOP_SIGNAL_H_
#define CTXFIT_KERNELS_STOP_SIGNAL_H_

#include <atomic>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace ctxfit {

// Tells a running computation that nobody waits for its result any more. Long loops call Check() at least every few
// milliseconds. Thread-safe: Cancel() may be called at any time from any thread.
class StopSignal {
 public:
  explicit StopSignal(absl::Time deadline = absl::InfiniteFuture()) : deadline_(deadline) {}
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  void Cancel() { cancelled_.store(true, std::memory_order_relaxed); }

  // OK to go on; CANCELLED after Cancel(); DEADLINE_EXCEEDED once the deadline has passed.
  absl::Status Check() const {
    if (cancelled_.load(std::memory_order_relaxed)) return absl::CancelledError("the fit was cancelled");
    if (deadline_ != absl::InfiniteFuture() && absl::Now() >= deadline_) {
      return absl::DeadlineExceededError("the deadline passed while the fit was running");
    }
    return absl::OkStatus();
  }

 private:
  const absl::Time deadline_;
  std::atomic<bool> cancelled_{false};
};

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_STOP_SIGNAL_H_

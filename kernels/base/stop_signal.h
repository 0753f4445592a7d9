#ifndef CTXFIT_KERNELS_BASE_STOP_SIGNAL_H_
#define CTXFIT_KERNELS_BASE_STOP_SIGNAL_H_

#include <atomic>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace ctxfit {

// Tells a running computation to end without a result. Long loops call Check() at least every few milliseconds.
// Thread-safe: Cancel(), ShutDown() and Fail() may be called at any time from any thread; the first call counts.
class StopSignal {
 public:
  explicit StopSignal(absl::Time deadline = absl::InfiniteFuture()) : deadline_(deadline) {}
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  // Stops the computation because nobody waits for its result any more.
  void Cancel() { Stop(Reason::kCancelled); }

  // Stops the computation because this process ends, though somebody may wait for the result.
  void ShutDown() { Stop(Reason::kShutDown); }

  // Stops the computation because something besides it failed with `error`.
  void Fail(absl::Status error) {
    Reason none = Reason::kNone;
    if (!reason_.compare_exchange_strong(none, Reason::kFailing, std::memory_order_relaxed)) return;
    error_.Update(std::move(error));
    reason_.store(Reason::kFailed, std::memory_order_release);
  }

  // OK to go on; CANCELLED after Cancel(); UNAVAILABLE after ShutDown(); the error of Fail(); DEADLINE_EXCEEDED once
  // the deadline has passed.
  absl::Status Check() const {
    const Reason reason = reason_.load(std::memory_order_acquire);
    if (reason == Reason::kCancelled) return absl::CancelledError("the fit was cancelled");
    if (reason == Reason::kShutDown) return absl::UnavailableError("the process that fits is shutting down");
    if (reason == Reason::kFailed) return error_;
    if (deadline_ != absl::InfiniteFuture() && absl::Now() >= deadline_) {
      return absl::DeadlineExceededError("the deadline passed while the fit was running");
    }
    return absl::OkStatus();
  }

 private:
  enum class Reason { kNone, kCancelled, kShutDown, kFailing, kFailed };

  void Stop(Reason reason) {
    Reason none = Reason::kNone;
    reason_.compare_exchange_strong(none, reason, std::memory_order_relaxed);
  }

  const absl::Time deadline_;
  std::atomic<Reason> reason_{Reason::kNone};
  absl::Status error_;  // written between kFailing and kFailed, and read afterwards
};

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BASE_STOP_SIGNAL_H_

#ifndef CTXFIT_CLIENT_COMMAND_INTERRUPT_WATCHER_H_
#define CTXFIT_CLIENT_COMMAND_INTERRUPT_WATCHER_H_

#include <signal.h>

#include <atomic>
#include <functional>
#include <thread>

namespace ctxfit {

// Diverts an interrupt (Ctrl-C) for its lifetime: instead of ending the process, the first one calls `on_interrupt` on
// a thread of its own. Create it before any thread that must not receive the interrupt, and destroy it on the thread
// that created it.
class InterruptWatcher {
 public:
  explicit InterruptWatcher(std::function<void()> on_interrupt);
  InterruptWatcher(const InterruptWatcher&) = delete;
  InterruptWatcher& operator=(const InterruptWatcher&) = delete;
  ~InterruptWatcher();

  bool interrupted() const { return interrupted_.load(); }

 private:
  void Watch(const std::stop_token& stop);

  const std::function<void()> on_interrupt_;
  sigset_t previous_;
  std::atomic<bool> interrupted_{false};
  std::jthread thread_;
};

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_COMMAND_INTERRUPT_WATCHER_H_

#ifndef CTXFIT_CLIENT_COMMAND_INTERRUPT_WATCHER_H_
#define CTXFIT_CLIENT_COMMAND_INTERRUPT_WATCHER_H_

#include <signal.h>

#include <atomic>
#include <functional>
#include <thread>

namespace ctxfit {

// While it lives, an interrupt (Ctrl-C) does not end the process but calls a function, once, on a thread of its own.
// To be created before threads that must not be interrupted themselves, by the thread that later destroys it.
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

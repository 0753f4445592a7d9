#include "client/command/interrupt_watcher.h"

#include <pthread.h>
#include <signal.h>
#include <time.h>

#include <functional>
#include <thread>
#include <utility>

namespace ctxfit {
namespace {

sigset_t InterruptOnly() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  return set;
}

}  // namespace

InterruptWatcher::InterruptWatcher(std::function<void()> on_interrupt) : on_interrupt_(std::move(on_interrupt)) {
  const sigset_t interrupt = InterruptOnly();
  pthread_sigmask(SIG_BLOCK, &interrupt, &previous_);
  thread_ = std::jthread([this](const std::stop_token& stop) { Watch(stop); });
}

InterruptWatcher::~InterruptWatcher() {
  thread_.request_stop();
  thread_.join();
  pthread_sigmask(SIG_SETMASK, &previous_, nullptr);
}

// Polls for the signal: a blocked signal stays pending until a thread takes it, so no code runs in a signal handler.
void InterruptWatcher::Watch(const std::stop_token& stop) {
  const sigset_t interrupt = InterruptOnly();
  constexpr timespec kPause = {0, 20'000'000};
  while (!stop.stop_requested()) {
    if (sigtimedwait(&interrupt, nullptr, &kPause) != SIGINT) continue;
    interrupted_ = true;
    on_interrupt_();
    return;
  }
}

}  // namespace ctxfit

#ifndef CTXFIT_SERVER_SIGNALS_H_
#define CTXFIT_SERVER_SIGNALS_H_

#include <signal.h>

namespace ctxfit {

// Waits for SIGTERM and SIGINT. Both are blocked in the thread that makes this object and in every thread that it
// starts afterwards: make it before any other thread.
class TerminationSignals {
 public:
  TerminationSignals() {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGTERM);
    sigaddset(&signals_, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  }

  // Waits for the next one and returns its number.
  int Wait() const {
    int signal = 0;
    sigwait(&signals_, &signal);
    return signal;
  }

 private:
  sigset_t signals_;
};

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_SIGNALS_H_

#ifndef CTXFIT_SERVER_OBSERVE_PROCESS_STATE_H_
#define CTXFIT_SERVER_OBSERVE_PROCESS_STATE_H_

#include <cstdint>

namespace ctxfit {

// What the kernel says of this process; 0 where it says nothing.
struct ProcessState {
  double resident_bytes = 0;
  double cpu_seconds = 0;
  double threads = 0;
};
ProcessState ProcessNow();

// Number of open descriptors, and the limit on them (RLIMIT_NOFILE).
std::int64_t OpenDescriptors();
std::int64_t DescriptorLimit();

// Raises the limit on open descriptors as far as this process may.
void RaiseDescriptorLimit();

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_OBSERVE_PROCESS_STATE_H_

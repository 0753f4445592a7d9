#ifndef CTXFIT_TESTS_CPU_TIME_H_
#define CTXFIT_TESTS_CPU_TIME_H_

#include <pthread.h>
#include <sys/types.h>
#include <time.h>

#include "absl/time/time.h"

namespace ctxfit {

// Processor time, user and system: it stands still while other processes use the machine, so a bound on it does not
// fail on a busy one.
inline absl::Duration CpuTime(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return absl::DurationFromTimespec(time);
}

// The processor time that all threads of this process have used.
inline absl::Duration ProcessCpuTime() { return CpuTime(CLOCK_PROCESS_CPUTIME_ID); }

// The processor time that another process has used.
inline absl::Duration CpuTimeOfProcess(pid_t process) {
  clockid_t clock = 0;
  if (clock_getcpuclockid(process, &clock) != 0) return absl::InfiniteDuration();
  return CpuTime(clock);
}

// The processor time that a thread of this process has used.
inline absl::Duration CpuTimeOfThread(pthread_t thread) {
  clockid_t clock = 0;
  if (pthread_getcpuclockid(thread, &clock) != 0) return absl::InfiniteDuration();
  return CpuTime(clock);
}

}  // namespace ctxfit

#endif  // CTXFIT_TESTS_CPU_TIME_H_

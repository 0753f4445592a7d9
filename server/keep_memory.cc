#include "server/keep_memory.h"

#include <malloc.h>

#include <chrono>
#include <ctime>

namespace ctxfit {
namespace {

constexpr std::chrono::seconds kRound(1);
constexpr int kIdleRounds = 2;

// An idle process takes a thousandth of this for its own upkeep.
constexpr double kSecondsOfWork = 0.02;

double CpuSeconds() {
  timespec time = {};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

}  // namespace

void KeepFreedMemory() {
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 128 << 20);
}

IdleTrimmer::~IdleTrimmer() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void IdleTrimmer::Watch() {
  double trimmed = CpuSeconds();  // the time of work at the last trim
  int idle_rounds = 0;
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, kRound, [this] { return ended_; })) {
    idle_rounds = is_idle_() ? idle_rounds + 1 : 0;
    if (idle_rounds < kIdleRounds || CpuSeconds() - trimmed < kSecondsOfWork) continue;
    malloc_trim(0);
    trimmed = CpuSeconds();
    idle_rounds = 0;
  }
}

}  // namespace ctxfit

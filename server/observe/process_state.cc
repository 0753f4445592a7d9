#include "server/observe/process_state.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>
#include <system_error>

namespace ctxfit {

ProcessState ProcessNow() {
  ProcessState state;
  std::ifstream status("/proc/self/status");
  for (std::string key; status >> key;) {
    double value = 0;
    if (key == "VmRSS:" && status >> value) state.resident_bytes = value * 1024;
    if (key == "Threads:" && status >> value) state.threads = value;
    status.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
  }
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  for (const timeval& time : {usage.ru_utime, usage.ru_stime}) {
    state.cpu_seconds += static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  }
  return state;
}

std::int64_t OpenDescriptors() {
  std::error_code error;
  const std::filesystem::directory_iterator descriptors("/proc/self/fd", error);
  if (error) return DescriptorLimit();  // there is none left to read them by
  return std::distance(begin(descriptors), end(descriptors)) - 1;
}

std::int64_t DescriptorLimit() {
  rlimit limit = {};
  getrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<std::int64_t>(limit.rlim_cur);
}

void RaiseDescriptorLimit() {
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace ctxfit

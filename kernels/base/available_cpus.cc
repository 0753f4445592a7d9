#include "kernels/base/available_cpus.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <thread>

#ifdef __linux__
#include <sched.h>
#endif

namespace ctxfit {
namespace {

int AffinityCount() {
#ifdef __linux__
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof(set), &set) == 0) return std::max(1, CPU_COUNT(&set));
#endif
  return std::max(1u, std::thread::hardware_concurrency());
}

// The group of this process in the version 2 hierarchy: /proc/self/cgroup has it in a line "0::GROUP".
std::string OwnCgroup() {
  std::ifstream file("/proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    if (line.rfind("0::", 0) == 0) return line.substr(3);
  }
  return "/";
}

// Reads the limit of a cpu.max file, which holds "QUOTA PERIOD" in microseconds, or "max PERIOD" if there is none.
std::optional<int> ReadCpuMax(const std::string& path) {
  std::ifstream file(path);
  double quota = 0;
  double period = 0;
  if (!(file >> quota >> period) || quota <= 0 || period <= 0) return std::nullopt;
  return static_cast<int>(std::ceil(quota / period));
}

}  // namespace

std::optional<int> CgroupCpuLimit(const std::string& root, std::string group) {
  std::optional<int> tightest;
  while (true) {
    const std::optional<int> limit = ReadCpuMax(root + group + "/cpu.max");
    if (limit && (!tightest || *limit < *tightest)) tightest = limit;
    if (group.empty()) return tightest;
    const std::size_t slash = group.rfind('/');
    group.erase(slash == std::string::npos ? 0 : slash);
  }
}

int AvailableCpus() {
  const int affinity = AffinityCount();
  return std::min(affinity, CgroupCpuLimit("/sys/fs/cgroup", OwnCgroup()).value_or(affinity));
}

int CpusFor(std::size_t rows) {
  constexpr std::size_t kRowsPerCpu = 16384;
  if (rows < 2 * kRowsPerCpu) return 1;
  return static_cast<int>(std::min<std::size_t>(rows / kRowsPerCpu, AvailableCpus()));
}

}  // namespace ctxfit

#include "server/queue/machine_memory.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cstddef>
#include <fstream>

#include "absl/strings/str_cat.h"

namespace ctxfit {
namespace {

// A version 1 group without a limit has the largest number of whole pages.
constexpr std::int64_t kUnlimited = std::int64_t{1} << 60;

// Reads a file that holds a number of bytes, or "max".
std::optional<std::int64_t> ReadBytes(const std::string& path) {
  std::ifstream file(path);
  std::int64_t bytes = 0;
  if (!(file >> bytes) || bytes <= 0 || bytes >= kUnlimited) return std::nullopt;
  return bytes;
}

// Returns the group of this process in the hierarchy whose line of /proc/self/cgroup has `controllers`: "" for version
// 2, "memory" for version 1.
std::string OwnGroup(const std::string& controllers) {
  std::ifstream file("/proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    const std::size_t at = line.find(absl::StrCat(":", controllers, ":"));
    if (at != std::string::npos) return line.substr(at + controllers.size() + 2);
  }
  return "";
}

std::optional<std::int64_t> LimitOfAddressSpace() {
  rlimit limit = {};
  if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return std::nullopt;
  std::int64_t mapped_pages = 0;
  std::ifstream("/proc/self/statm") >> mapped_pages;
  return static_cast<std::int64_t>(limit.rlim_cur) - mapped_pages * sysconf(_SC_PAGESIZE);
}

}  // namespace

std::optional<std::int64_t> CgroupMemoryLimit(const std::string& root, std::string group, const std::string& file) {
  std::optional<std::int64_t> tightest;
  while (true) {
    const std::optional<std::int64_t> limit = ReadBytes(absl::StrCat(root, group, "/", file));
    if (limit && (!tightest || *limit < *tightest)) tightest = limit;
    if (group.empty()) return tightest;
    const std::size_t slash = group.rfind('/');
    group.erase(slash == std::string::npos ? 0 : slash);
  }
}

MemoryLimit FindMemoryLimit() {
  const std::int64_t pages = sysconf(_SC_PHYS_PAGES);
  MemoryLimit least = {pages / 2 * sysconf(_SC_PAGESIZE), "the machine"};
  const auto consider = [&least](const std::optional<std::int64_t>& bytes, const char* source) {
    if (bytes && *bytes < least.bytes) least = {*bytes, source};
  };
  consider(CgroupMemoryLimit("/sys/fs/cgroup", OwnGroup(""), "memory.max"), "the control group");
  consider(CgroupMemoryLimit("/sys/fs/cgroup/memory", OwnGroup("memory"), "memory.limit_in_bytes"),
           "the control group");
  consider(LimitOfAddressSpace(), "the address space");
  return least;
}

}  // namespace ctxfit

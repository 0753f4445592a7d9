#ifndef CTXFIT_SERVER_QUEUE_MACHINE_MEMORY_H_
#define CTXFIT_SERVER_QUEUE_MACHINE_MEMORY_H_

#include <cstdint>
#include <optional>
#include <string>

namespace ctxfit {

// The memory that a process may use, and who says so.
struct MemoryLimit {
  std::int64_t bytes;
  std::string source;  // "the control group", "the address space", "the machine"
};

// The least of: the limit of this process's control group, of either version; that of its address space (ulimit -v),
// less what is mapped already; and half of the machine's memory, which others use too.
MemoryLimit FindMemoryLimit();

// The tightest limit of a control group and of the groups above it. `file` holds a group's limit: "memory.max" in
// version 2, "memory.limit_in_bytes" in version 1. `root` is where the hierarchy is mounted, and `group` stands in
// /proc/self/cgroup: "/a/b". Unset if none of these groups is limited.
std::optional<std::int64_t> CgroupMemoryLimit(const std::string& root, std::string group, const std::string& file);

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_QUEUE_MACHINE_MEMORY_H_

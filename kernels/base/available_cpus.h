#ifndef CTXFIT_KERNELS_BASE_AVAILABLE_CPUS_H_
#define CTXFIT_KERNELS_BASE_AVAILABLE_CPUS_H_

#include <cstddef>
#include <optional>
#include <string>

namespace ctxfit {

// Processors that this process may keep busy: those of its affinity mask, or fewer where its control group is limited
// to fewer. At least 1.
int AvailableCpus();

// As many of them as a pass over so many rows keeps busy.
int CpusFor(std::size_t rows);

// The limit of a control group (version 2) in processors, rounded up: the tightest `cpu.max` of `group`, as it stands
// in /proc/self/cgroup ("/a/b"), and of the groups above it. `root` is where the hierarchy is mounted. Unset where none
// is limited.
std::optional<int> CgroupCpuLimit(const std::string& root, std::string group);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BASE_AVAILABLE_CPUS_H_

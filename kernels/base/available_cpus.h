#ifndef CTXFIT_KERNELS_BASE_AVAILABLE_CPUS_H_
#define CTXFIT_KERNELS_BASE_AVAILABLE_CPUS_H_

#include <cstddef>
#include <optional>
#include <string>

namespace ctxfit {

// Number of processors that this process may keep busy: those of its affinity mask, or fewer if its control group is
// limited to fewer. At least 1.
int AvailableCpus();

// Number of processors that a pass over `rows` rows keeps busy: at least 1, and at most AvailableCpus().
int CpusFor(std::size_t rows);

// The limit of a control group (version 2) in processors, rounded up: the tightest `cpu.max` of `group`, as it stands
// in /proc/self/cgroup ("/a/b"), and of the groups above it. `root` is where the hierarchy is mounted. Unset if none
// of these groups is limited.
std::optional<int> CgroupCpuLimit(const std::string& root, std::string group);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BASE_AVAILABLE_CPUS_H_

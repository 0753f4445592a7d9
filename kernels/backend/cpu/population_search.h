#ifndef CTXFIT_KERNELS_BACKEND_CPU_POPULATION_SEARCH_H_
#define CTXFIT_KERNELS_BACKEND_CPU_POPULATION_SEARCH_H_

#include <memory>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "kernels/backend/backend.h"
#include "kernels/base/stop_signal.h"
#include "kernels/objective/host_compute.h"

namespace ctxfit {

// Implements Backend::StartSearch() on the CPU. The kernels and the pool of `host` must outlive the search.
absl::StatusOr<std::unique_ptr<PopulationSearch>> StartCpuSearch(const HostCompute& host,
                                                                 absl::Span<const SearchProblem> problems,
                                                                 const StopSignal& stop);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BACKEND_CPU_POPULATION_SEARCH_H_

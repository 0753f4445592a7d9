#ifndef CTXFIT_KERNELS_BACKEND_CPU_POPULATION_SEARCH_H_
#define CTXFIT_KERNELS_BACKEND_CPU_POPULATION_SEARCH_H_

#include <memory>
#include <vector>

#include "kernels/backend/backend.h"
#include "kernels/base/stop_signal.h"
#include "kernels/law/coordinate.h"
#include "kernels/objective/host_compute.h"

namespace ctxfit {

struct Cells;

// Implements Backend::StartSearch() on the CPU. The kernels and the pool of `host` must outlive the search.
absl::StatusOr<std::unique_ptr<PopulationSearch>> StartCpuSearch(const HostCompute& host, const Cells& cells,
                                                                 const ProposalSettings& settings,
                                                                 std::vector<BasicPoint<float>> initial,
                                                                 const StopSignal& stop);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BACKEND_CPU_POPULATION_SEARCH_H_

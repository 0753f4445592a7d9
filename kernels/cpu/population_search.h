#ifndef CTXFIT_KERNELS_CPU_POPULATION_SEARCH_H_
#define CTXFIT_KERNELS_CPU_POPULATION_SEARCH_H_

#include <memory>
#include <vector>

#include "kernels/backend.h"
#include "kernels/cpu/objective.h"

namespace ctxfit {

// Backend::StartSearch on the CPU. `kernels` and `pool` must outlive what it returns.
absl::StatusOr<std::unique_ptr<PopulationSearch>> StartCpuSearch(const VectorKernels& kernels, ThreadPool& pool,
                                                                 const Cells& cells, const ProposalSettings& settings,
                                                                 std::vector<BasicPoint<float>> initial,
                                                                 const StopSignal& stop);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_CPU_POPULATION_SEARCH_H_

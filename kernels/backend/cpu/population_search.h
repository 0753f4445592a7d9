#ifndef CTXFIT_KERNELS_BACKEND_CPU_POPULATION_SEARCH_H_
#define CTXFIT_KERNELS_BACKEND_CPU_POPULATION_SEARCH_H_

#include <memory>
#include <vector>

#include "kernels/backend/backend.h"
#include "kernels/backend/cpu/objective.h"
#include "kernels/base/thread_pool.h"
#include "kernels/law/coordinate.h"

namespace ctxfit {

struct Cells;

// Backend::StartSearch on the CPU. `kernels` and `pool` must outlive what it returns.
absl::StatusOr<std::unique_ptr<PopulationSearch>> StartCpuSearch(const VectorKernels& kernels, ThreadPool& pool,
                                                                 const Cells& cells, const ProposalSettings& settings,
                                                                 std::vector<BasicPoint<float>> initial,
                                                                 const StopSignal& stop);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BACKEND_CPU_POPULATION_SEARCH_H_

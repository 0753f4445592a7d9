#ifndef CTXFIT_KERNELS_BACKEND_CUDA_POPULATION_STATISTICS_H_
#define CTXFIT_KERNELS_BACKEND_CUDA_POPULATION_STATISTICS_H_

#include <cstdint>
#include <limits>

#include "kernels/base/host_device.h"

namespace ctxfit {

// Result of a reduction over members' costs: the best, the lowest index of equals, and the sum of finite costs.
struct PopulationStatistics {
  double best_cost;
  std::uint32_t best;
  std::uint32_t finite_count;
  double finite_sum;
};

CTXFIT_HD PopulationStatistics NoMembers() {
  return {std::numeric_limits<double>::infinity(), std::numeric_limits<std::uint32_t>::max(), 0, 0};
}

// The statistics of one member with a cost that is finite or +infinity.
CTXFIT_HD PopulationStatistics OneMember(std::uint32_t index, double cost) {
  const bool finite = cost < std::numeric_limits<double>::infinity();
  return {cost, index, finite ? 1u : 0u, finite ? cost : 0.0};
}

// The statistics of two groups together; sums in this order.
struct MergeStatistics {
  CTXFIT_HD PopulationStatistics operator()(const PopulationStatistics& a, const PopulationStatistics& b) const {
    const bool first = a.best_cost < b.best_cost || (a.best_cost == b.best_cost && a.best < b.best);
    return {first ? a.best_cost : b.best_cost, first ? a.best : b.best, a.finite_count + b.finite_count,
            a.finite_sum + b.finite_sum};
  }
};

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BACKEND_CUDA_POPULATION_STATISTICS_H_

#include <cub/block/block_reduce.cuh>

#include "kernels/backend/cuda/extensions.h"
#include "kernels/backend/cuda/launch.h"
#include "kernels/backend/cuda/population.h"
#include "kernels/backend/cuda/population_statistics.h"
#include "kernels/backend/cuda/work_plan.h"

// Compiled without contraction of multiplications and additions (see CMakeLists.txt), so that a trial has the bits of
// the host's.

namespace ctxfit {
namespace {

// One block, so that the order of its sums is fixed and no second launch is needed: at most 65536 costs.
constexpr int kSummaryThreads = 1024;

__device__ std::int32_t GlobalThread() { return static_cast<std::int32_t>(blockIdx.x * blockDim.x + threadIdx.x); }

__global__ void ProposeKernel(PopulationView population, ProposalSettings settings) {
  const std::int32_t member = GlobalThread();
  if (member >= population.count) return;
  population.trials[member] = Propose(population.members, population.count, population.state->best, settings,
                                      population.state->generation, member);
}

__global__ void SelectKernel(PopulationView population) {
  const std::int32_t member = GlobalThread();
  if (member >= population.count) return;
  double cost = population.trial_costs[member];
  if (!isfinite(cost)) {
    cost = std::numeric_limits<double>::infinity();
    // Adds integers, so the order of threads does not change the result.
    atomicAdd(&population.state->non_finite_count, 1ull);
  }
  if (cost <= population.costs[member]) {
    population.costs[member] = cost;
    population.members[member] = population.trials[member];
  }
}

__global__ void __launch_bounds__(kSummaryThreads)
    SummariseKernel(PopulationView population, std::uint32_t generations) {
  using Reduce = cub::BlockReduce<PopulationStatistics, kSummaryThreads>;
  CTXFIT_SHARED(typename Reduce::TempStorage, reduction);
  PopulationStatistics own = NoMembers();
  for (std::int32_t member = threadIdx.x; member < population.count; member += kSummaryThreads) {
    own = MergeStatistics()(own, OneMember(member, population.costs[member]));
  }
  const PopulationStatistics all = Reduce(reduction).Reduce(own, MergeStatistics());
  if (threadIdx.x != 0) return;
  SearchState& state = *population.state;
  state.generation += generations;
  state.best = all.best;
  state.best_cost = all.best_cost;
  state.mean_cost = all.finite_count > 0 ? all.finite_sum / all.finite_count : all.best_cost;
  state.evaluation_count += population.count;
}

// A thread for every member.
LaunchShape PerMember(const PopulationView& population, cudaStream_t stream) {
  return {CountTiles(population.count, kBlockThreads), kBlockThreads, 0, stream};
}

}  // namespace

absl::Status LaunchPropose(const PopulationView& population, const ProposalSettings& settings, cudaStream_t stream) {
  return Launch("ProposeKernel", ProposeKernel, PerMember(population, stream), population, settings);
}

absl::Status LaunchSelect(const PopulationView& population, cudaStream_t stream) {
  return Launch("SelectKernel", SelectKernel, PerMember(population, stream), population);
}

absl::Status LaunchSummarise(const PopulationView& population, std::uint32_t generations, cudaStream_t stream) {
  const LaunchShape shape = {1, kSummaryThreads, 0, stream};
  return Launch("SummariseKernel", SummariseKernel, shape, population, generations);
}

}  // namespace ctxfit

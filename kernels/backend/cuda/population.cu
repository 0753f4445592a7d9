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

// One block to a population, so that the order of its sums is fixed and no second launch is needed: at most 65536
// costs.
constexpr int kSummaryThreads = 1024;

// The member of population blockIdx.x that this thread works on; there may be none.
__device__ std::int32_t OwnMember() { return static_cast<std::int32_t>(blockIdx.y * blockDim.x + threadIdx.x); }

__global__ void ProposeKernel(const PopulationView* populations) {
  const PopulationView& population = populations[blockIdx.x];
  const std::int32_t member = OwnMember();
  if (member >= population.count) return;
  population.trials[member] = Propose(population.members, population.count, population.state->best, population.settings,
                                      population.state->generation, member);
}

__global__ void SelectKernel(const PopulationView* populations) {
  const PopulationView& population = populations[blockIdx.x];
  const std::int32_t member = OwnMember();
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
    SummariseKernel(const PopulationView* populations, std::uint32_t generations) {
  using Reduce = cub::BlockReduce<PopulationStatistics, kSummaryThreads>;
  CTXFIT_SHARED(typename Reduce::TempStorage, reduction);
  const PopulationView& population = populations[blockIdx.x];
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

// A thread for every member of every population.
LaunchShape PerMember(const PopulationBatch& batch, cudaStream_t stream) {
  return {dim3(batch.count, CountTiles(batch.most_members, kBlockThreads)), kBlockThreads, 0, stream};
}

}  // namespace

absl::Status LaunchPropose(const PopulationBatch& batch, cudaStream_t stream) {
  return Launch("ProposeKernel", ProposeKernel, PerMember(batch, stream), batch.populations);
}

absl::Status LaunchSelect(const PopulationBatch& batch, cudaStream_t stream) {
  return Launch("SelectKernel", SelectKernel, PerMember(batch, stream), batch.populations);
}

absl::Status LaunchSummarise(const PopulationBatch& batch, std::uint32_t generations, cudaStream_t stream) {
  const LaunchShape shape = {batch.count, kSummaryThreads, 0, stream};
  return Launch("SummariseKernel", SummariseKernel, shape, batch.populations, generations);
}

}  // namespace ctxfit

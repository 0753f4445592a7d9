#include "kernels/backend/cuda/moment_plan.h"

#include <algorithm>
#include <cstddef>

namespace ctxfit {
namespace {

// Work is counted in evaluations of a place: some sixty operations in double precision, or 20 ns of a multiprocessor
// that has a sixty-fourth of full double precision. A step of a replicate, which one thread takes, costs kStepWork
// evaluations; kAdditionsPerWork additions of a part to a place cost one.
constexpr std::int64_t kStepWork = 256;
constexpr std::int64_t kAdditionsPerWork = 8;

// Evaluations of a block in one launch: 10 ms of such a multiprocessor, of which a block has a quarter.
constexpr std::int64_t kBlockWork = std::int64_t{1} << 19;

// Most steps of a replicate in one launch: few replicates need more, and those go on in the next.
constexpr std::int64_t kMaxSteps = 32;

// Most moments that a block may read: 64 MiB, which takes 3 ms at 20 GB/s.
constexpr std::size_t kMaxMoments = std::size_t{1} << 23;

constexpr std::int64_t kSharedSize = kMomentSharedBytes / sizeof(double);

// Reserves memory for a table of `size` doubles.
TableSpot Take(std::int64_t size, MomentPlan& plan) {
  const bool shared = plan.shared_size + size <= kSharedSize;
  std::int64_t& taken = shared ? plan.shared_size : plan.scratch_size;
  const TableSpot spot = {shared, taken};
  taken += size + size % 2;
  return spot;
}

}  // namespace

MomentPlan PlanMoments(const MomentsView& moments, int max_iterations) {
  MomentPlan plan{};
  plan.context = Take(std::int64_t{2} * moments.node_count, plan);
  plan.compute = Take(std::int64_t{2} * moments.compute_count, plan);
  plan.sums = Take(std::int64_t{2} * moments.place_count, plan);
  plan.weights = Take(moments.unit_count, plan);
  const std::int64_t step = std::int64_t{moments.place_count} + moments.node_count + moments.compute_count + kStepWork;
  plan.max_steps = static_cast<std::int32_t>(
      std::clamp<std::int64_t>(kBlockWork / step, 1, std::min<std::int64_t>(kMaxSteps, std::max(max_iterations, 1))));
  plan.work = plan.max_steps * step + (moments.moment_count + moments.unit_count) / kAdditionsPerWork;
  return plan;
}

bool SuitBlocks(const Moments& moments) { return moments.moments.size() <= kMaxMoments; }

}  // namespace ctxfit

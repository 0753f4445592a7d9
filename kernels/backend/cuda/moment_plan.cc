#include "kernels/backend/cuda/moment_plan.h"

#include <algorithm>
#include <cstddef>

namespace ctxfit {
namespace {

// Work is counted in evaluations of a place: some sixty operations in double precision, or 20 ns of a multiprocessor
// that has a sixty-fourth of full double precision. The step of a replicate, which one thread takes, is worth so many,
// and so many additions of a part to a place are worth one.
constexpr std::int64_t kStepWork = 256;
constexpr std::int64_t kAdditionsPerWork = 8;

// Evaluations of a block in one launch: 10 ms of such a multiprocessor, of which a block has a quarter.
constexpr std::int64_t kBlockWork = std::int64_t{1} << 19;

// Most replicates need fewer steps, and one that needs more gets them from the next launch.
constexpr std::int64_t kMaxSteps = 32;

// 64 MiB, which a block reads in 3 ms where it has 20 GB/s of the device's bandwidth.
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

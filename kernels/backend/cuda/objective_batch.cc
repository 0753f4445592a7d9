#include "kernels/backend/cuda/objective_batch.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "kernels/backend/cuda/packed_cells.h"
#include "kernels/backend/cuda/status.h"

namespace ctxfit {
namespace {

std::vector<std::vector<SlicePlace>> PlanRoundsOf(const std::vector<ObjectiveProblem>& problems,
                                                  std::int64_t round_work) {
  std::vector<SlicedProblem> sliced;
  sliced.reserve(problems.size());
  for (const ObjectiveProblem& problem : problems) {
    const std::int32_t cells = problem.cells.batch_count * kBatchCells;
    sliced.push_back({problem.plan.slices, SliceWork(problem.plan, cells, problem.cells.form.full)});
  }
  return PlanRounds(sliced, round_work);
}

std::size_t PartialCount(const std::vector<ObjectiveProblem>& problems, const std::vector<SlicePlace>& round) {
  std::size_t count = 0;
  for (const SlicePlace& place : round) count += PartialCount(problems[place.problem].plan);
  return count;
}

std::size_t TableBytes(const ObjectiveProblem& problem) {
  return problem.cells.form.compute_index ? problem.cells.compute_count * problem.plan.group_size() * sizeof(float) : 0;
}

}  // namespace

absl::StatusOr<ObjectiveBatch> ObjectiveBatch::Make(const std::shared_ptr<CudaDevice>& device,
                                                    const std::vector<ObjectiveProblem>& problems,
                                                    std::int64_t round_work) {
  const std::vector<std::vector<SlicePlace>> rounds = PlanRoundsOf(problems, round_work);
  std::size_t partial_count = 0;
  for (const std::vector<SlicePlace>& round : rounds) {
    partial_count = std::max(partial_count, PartialCount(problems, round));
  }
  ObjectiveBatch batch;
  CTXFIT_ASSIGN_OR_RETURN(batch.partials_, DeviceBuffer<double>::Allocate(device, partial_count));
  Tables tables;
  for (const std::vector<SlicePlace>& round : rounds) batch.rounds_.push_back(batch.LayRound(problems, round, tables));
  CTXFIT_ASSIGN_OR_RETURN(batch.slices_, DeviceBuffer<ObjectiveSlice>::CopyOf(device, tables.slices));
  CTXFIT_ASSIGN_OR_RETURN(batch.block_begin_, DeviceBuffer<std::int32_t>::CopyOf(device, tables.block_begin));
  return batch;
}

ObjectiveBatch::Round ObjectiveBatch::LayRound(const std::vector<ObjectiveProblem>& problems,
                                               std::vector<SlicePlace> places, Tables& tables) const {
  const auto variant_of = [&problems](const SlicePlace& place) {
    return VariantFor(problems[place.problem].cells.form, problems[place.problem].plan);
  };
  std::stable_sort(places.begin(), places.end(),
                   [&variant_of](const SlicePlace& a, const SlicePlace& b) { return variant_of(a) < variant_of(b); });
  Round round = {{}, static_cast<std::int32_t>(tables.slices.size()), static_cast<std::int32_t>(places.size()), 0};
  std::size_t partial = 0;
  for (const SlicePlace& place : places) {
    const ObjectiveProblem& problem = problems[place.problem];
    const ObjectiveVariant variant = variant_of(place);
    if (round.groups.empty() || round.groups.back().variant != variant) {
      round.groups.push_back({variant, static_cast<std::int32_t>(tables.slices.size()), 0, 0, 0, partial});
    }
    Group& group = round.groups.back();
    tables.block_begin.push_back(group.blocks);
    tables.slices.push_back({
        .cells = problem.cells,
        .members = problem.members,
        .costs = problem.costs,
        .partials = partials_.data() + partial,
        .count = problem.count,
        .groups = problem.plan.groups,
        .splits = problem.plan.splits,
        .slice = place.slice,
        .slices = problem.plan.slices,
        .capacity = problem.plan.groups * problem.plan.group_size(),
    });
    ++group.slice_count;
    group.blocks += problem.plan.groups * problem.plan.splits;
    group.table_bytes = std::max(group.table_bytes, TableBytes(problem));
    partial += PartialCount(problem.plan);
    round.most_candidates = std::max(round.most_candidates, problem.count);
  }
  return round;
}

absl::Status ObjectiveBatch::Enqueue(int round, cudaStream_t stream) const {
  for (const Group& group : rounds_[round].groups) {
    const ObjectiveLaunch launch = {
        .variant = group.variant,
        .slices = slices_.data() + group.first_slice,
        .block_begin = block_begin_.data() + group.first_slice,
        .count = group.slice_count,
        .blocks = group.blocks,
        .table_bytes = group.table_bytes,
        .partials = partials_.data() + group.first_partial,
    };
    CTXFIT_RETURN_IF_ERROR(LaunchObjective(launch, stream));
  }
  return LaunchCombine(slices_.data() + rounds_[round].first_slice, rounds_[round].slice_count,
                       rounds_[round].most_candidates, stream);
}

}  // namespace ctxfit

#include "kernels/backend/cpu/objective.h"

#include <algorithm>

#include "kernels/base/status_macros.h"
#include "kernels/data/cells.h"
#include "kernels/law/coordinate.h"

namespace ctxfit {
namespace {

// Rows of the table of compute factors per piece of work.
constexpr std::size_t kComputesPerTask = 4096;

// Limit on the bytes of a wave's tables, unless it has a single group. A wave is the groups evaluated together.
constexpr std::size_t kWaveBytes = std::size_t{64} << 20;

std::size_t DivideUp(std::size_t a, std::size_t b) { return (a + b - 1) / b; }

}  // namespace

absl::Status CpuObjective::Load(const Cells& cells, const StopSignal& stop) {
  CTXFIT_ASSIGN_OR_RETURN(chunks_, CutIntoChunks(cells, stop));
  log_compute_.assign(cells.log_compute.begin(), cells.log_compute.end());
  weight_scale_ = cells.weight.empty() ? 1 : *std::max_element(cells.weight.begin(), cells.weight.end());
  loss_ = cells.loss;
  constant_cost_ = ConstantCost(cells);
  cells_.resize(cells.size());
  excess_ = cells.excess;
  return pool_.ParallelFor(chunks_.size(), stop, [&](std::size_t chunk, int) {
    const std::int32_t end = chunks_.prompts[chunks_.begin[chunk + 1]].cell_begin;
    for (std::int32_t i = chunks_.prompts[chunks_.begin[chunk]].cell_begin; i < end; ++i) {
      cells_[i] = {static_cast<float>(cells.score[i]), cells.full() ? 1 : static_cast<float>(cells.penalty[i]),
                   static_cast<float>(cells.weight[i] / weight_scale_), cells.compute[i]};
    }
  });
}

absl::Status CpuObjective::Evaluate(const std::vector<BasicPoint<float>>& members, const StopSignal& stop,
                                    std::vector<double>& costs) {
  SetCoordinates(members);
  costs.assign(members.size(), 0);
  const std::size_t group_count = DivideUp(members.size(), kObjectiveLanes);
  const std::size_t wave = std::min(group_count, GroupsPerWave());
  compute_factors_.resize(wave * log_compute_.size() * kObjectiveLanes);
  chunk_sums_.resize(wave * chunks_.size() * kObjectiveLanes);
  for (std::size_t group = 0; group < group_count; group += wave) {
    const std::size_t count = std::min(wave, group_count - group);
    CTXFIT_RETURN_IF_ERROR(EvaluateWave(group, count, stop));
    AddChunks(group, count, costs);
  }
  return absl::OkStatus();
}

// Transposes the members to lanes. Surplus lanes repeat the last member.
void CpuObjective::SetCoordinates(const std::vector<BasicPoint<float>>& members) {
  const std::size_t lane_count = DivideUp(members.size(), kObjectiveLanes) * kObjectiveLanes;
  coordinates_.resize(lane_count * kCoordinateCount);
  for (std::size_t lane = 0; lane < lane_count; ++lane) {
    const BasicPoint<float>& member = members[std::min(lane, members.size() - 1)];
    float* column = coordinates_.data() + lane / kObjectiveLanes * kCoordinateCount * kObjectiveLanes;
    for (int i = 0; i < kCoordinateCount; ++i) column[i * kObjectiveLanes + lane % kObjectiveLanes] = member.at[i];
  }
}

std::size_t CpuObjective::GroupsPerWave() const {
  const std::size_t bytes_per_group =
      kObjectiveLanes * (log_compute_.size() * sizeof(float) + chunks_.size() * sizeof(double));
  return std::max<std::size_t>(1, kWaveBytes / bytes_per_group);
}

absl::Status CpuObjective::EvaluateWave(std::size_t first_group, std::size_t group_count, const StopSignal& stop) {
  const std::size_t compute_count = log_compute_.size();
  const std::size_t chunk_count = chunks_.size();
  const auto coordinates = [&](std::size_t group) {
    return coordinates_.data() + (first_group + group) * kCoordinateCount * kObjectiveLanes;
  };
  const auto factors = [&](std::size_t group) {
    return compute_factors_.data() + group * compute_count * kObjectiveLanes;
  };
  const auto compute_factors = [&](std::size_t index, int) {
    const std::size_t group = index % group_count;
    const std::size_t begin = index / group_count * kComputesPerTask;
    const std::size_t count = std::min(kComputesPerTask, compute_count - begin);
    kernels_.compute_factors(coordinates(group), log_compute_.data() + begin, count,
                             factors(group) + begin * kObjectiveLanes);
  };
  // The groups of a chunk are consecutive, so that threads share the cells in the cache.
  const auto sum_chunk = [&](std::size_t index, int) {
    const std::size_t group = index % group_count;
    const std::size_t chunk = index / group_count;
    kernels_.sum_costs({chunks_.prompts.data(), cells_.data(), excess_.empty() ? nullptr : excess_.data(),
                        chunks_.begin[chunk], chunks_.begin[chunk + 1], coordinates(group), factors(group), loss_},
                       chunk_sums_.data() + index * kObjectiveLanes);
  };
  const std::size_t factor_tasks = group_count * DivideUp(compute_count, kComputesPerTask);
  CTXFIT_RETURN_IF_ERROR(pool_.ParallelFor(factor_tasks, stop, compute_factors));
  return pool_.ParallelFor(group_count * chunk_count, stop, sum_chunk);
}

void CpuObjective::AddChunks(std::size_t first_group, std::size_t group_count, std::vector<double>& costs) const {
  const std::size_t first = first_group * kObjectiveLanes;
  const std::size_t count = std::min(group_count * kObjectiveLanes, costs.size() - first);
  for (std::size_t chunk = 0; chunk < chunks_.size(); ++chunk) {
    const double* sums = chunk_sums_.data() + chunk * group_count * kObjectiveLanes;
    for (std::size_t lane = 0; lane < count; ++lane) costs[first + lane] += sums[lane];
  }
  for (std::size_t lane = 0; lane < count; ++lane) {
    costs[first + lane] = costs[first + lane] * weight_scale_ + constant_cost_;
  }
}

}  // namespace ctxfit

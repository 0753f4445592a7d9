#include "kernels/backend/cuda/device_problem.h"

#include <limits>
#include <utility>
#include <vector>

#include "kernels/backend/cuda/packed_cells.h"
#include "kernels/backend/cuda/status.h"
#include "kernels/data/cells.h"

namespace ctxfit {
namespace {

ObjectivePlan PlanFor(const SearchProblem& problem, std::int64_t slice_work) {
  const Cells& cells = problem.cells;
  return PlanObjective(static_cast<std::int32_t>(problem.initial.size()), static_cast<std::int32_t>(cells.size()),
                       static_cast<std::int32_t>(cells.log_compute.size()), slice_work, cells.full());
}

}  // namespace

std::size_t BytesOf(const SearchProblem& problem, std::int64_t slice_work) {
  // The pool's rounding up of each of the buffers, to 512 bytes.
  constexpr std::size_t kRounding = 8 * 512;
  const ObjectivePlan plan = PlanFor(problem, slice_work);
  const std::size_t cell_bytes = problem.cells.full() ? sizeof(FullCell) : sizeof(PackedCell);
  const std::size_t member_bytes = 2 * (sizeof(BasicPoint<float>) + sizeof(double));
  const std::size_t slice_bytes = sizeof(ObjectiveSlice) + sizeof(std::int32_t);
  return static_cast<std::size_t>(PaddedCount(problem.cells)) * cell_bytes +
         problem.cells.log_compute.size() * sizeof(float) + problem.initial.size() * member_bytes +
         PartialCount(plan) * sizeof(double) + plan.slices * slice_bytes + sizeof(PopulationView) +
         sizeof(SearchState) + kRounding;
}

absl::StatusOr<DeviceProblem> DeviceProblem::Upload(const std::shared_ptr<CudaDevice>& device,
                                                    const SearchProblem& problem, SearchState* state,
                                                    std::int64_t slice_work, const StopSignal& stop) {
  CTXFIT_ASSIGN_OR_RETURN(ObjectiveCells cells, ObjectiveCells::Upload(device, problem.cells, stop));
  DeviceProblem uploaded(problem.settings, PlanFor(problem, slice_work), state, std::move(cells));
  const std::size_t count = problem.initial.size();
  const std::vector<double> infinite(count, std::numeric_limits<double>::infinity());
  CTXFIT_ASSIGN_OR_RETURN(uploaded.members_, DeviceBuffer<BasicPoint<float>>::Allocate(device, count));
  CTXFIT_RETURN_IF_ERROR(
      CopyColumn(device, std::vector(problem.initial.begin(), problem.initial.end()), stop, uploaded.trials_));
  CTXFIT_RETURN_IF_ERROR(CopyColumn(device, infinite, stop, uploaded.costs_));
  CTXFIT_ASSIGN_OR_RETURN(uploaded.trial_costs_, DeviceBuffer<double>::Allocate(device, count));
  return uploaded;
}

DeviceProblem::DeviceProblem(const ProposalSettings& settings, const ObjectivePlan& plan, SearchState* state,
                             ObjectiveCells cells)
    : settings_(settings), plan_(plan), state_(state), cells_(std::move(cells)) {}

PopulationView DeviceProblem::population() const {
  return {
      .members = members_.data(),
      .trials = trials_.data(),
      .costs = costs_.data(),
      .trial_costs = trial_costs_.data(),
      .state = state_,
      .count = static_cast<std::int32_t>(members_.size()),
      .settings = settings_,
  };
}

ObjectiveProblem DeviceProblem::objective() const {
  return {
      .cells = cells_.view(),
      .plan = plan_,
      .members = trials_.data(),
      .costs = trial_costs_.data(),
      .count = static_cast<std::int32_t>(trials_.size()),
  };
}

absl::StatusOr<Population> DeviceProblem::Read() const {
  CTXFIT_ASSIGN_OR_RETURN(std::vector<BasicPoint<float>> members, members_.ToHost());
  CTXFIT_ASSIGN_OR_RETURN(std::vector<double> costs, costs_.ToHost());
  return Population{std::move(members), std::move(costs)};
}

}  // namespace ctxfit

#include "kernels/backend/cuda/search.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "kernels/backend/cuda/status.h"
#include "kernels/data/cells.h"
#include "kernels/law/coordinate.h"

namespace ctxfit {
namespace {

// Intended duration of a chunk of generations: long against a wait for the device (20 us), short against the 100 ms in
// which a cancellation must end a fit.
constexpr absl::Duration kChunkDuration = absl::Milliseconds(5);
constexpr int kLongestChunk = 64;

template <class T>
absl::Status CopyTo(const std::shared_ptr<CudaDevice>& device, const std::vector<T>& values, DeviceBuffer<T>& buffer) {
  CTXFIT_ASSIGN_OR_RETURN(buffer, DeviceBuffer<T>::CopyOf(device, values));
  return absl::OkStatus();
}

template <class T>
absl::Status AllocateTo(const std::shared_ptr<CudaDevice>& device, std::size_t size, DeviceBuffer<T>& buffer) {
  CTXFIT_ASSIGN_OR_RETURN(buffer, DeviceBuffer<T>::Allocate(device, size));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<CudaSearch>> CudaSearch::Start(std::shared_ptr<CudaDevice> device, const Cells& cells,
                                                              const ProposalSettings& settings,
                                                              const std::vector<BasicPoint<float>>& initial,
                                                              const StopSignal& stop, std::int64_t slice_work) {
  CTXFIT_RETURN_IF_ERROR(device->Activate());
  CTXFIT_ASSIGN_OR_RETURN(ObjectiveCells uploaded, ObjectiveCells::Upload(device, cells, stop));
  const ObjectivePlan plan =
      PlanObjective(static_cast<std::int32_t>(initial.size()), static_cast<std::int32_t>(cells.size()),
                    static_cast<std::int32_t>(cells.log_compute.size()), slice_work, cells.full());
  std::unique_ptr<CudaSearch> search(new CudaSearch(std::move(device), settings, std::move(uploaded), plan));
  CTXFIT_RETURN_IF_ERROR(search->AllocatePopulation(initial));
  CTXFIT_RETURN_IF_ERROR(search->EvaluateInitial(stop));
  return search;
}

CudaSearch::CudaSearch(std::shared_ptr<CudaDevice> device, const ProposalSettings& settings, ObjectiveCells cells,
                       ObjectivePlan plan)
    : device_(std::move(device)), settings_(settings), cells_(std::move(cells)), plan_(plan) {}

absl::Status CudaSearch::AllocatePopulation(const std::vector<BasicPoint<float>>& initial) {
  // The initial members are trials of a population that costs infinitely much.
  const std::vector<double> infinite(initial.size(), std::numeric_limits<double>::infinity());
  CTXFIT_RETURN_IF_ERROR(CopyTo(device_, initial, members_));
  CTXFIT_RETURN_IF_ERROR(CopyTo(device_, initial, trials_));
  CTXFIT_RETURN_IF_ERROR(CopyTo(device_, infinite, costs_));
  CTXFIT_RETURN_IF_ERROR(AllocateTo(device_, initial.size(), trial_costs_));
  CTXFIT_RETURN_IF_ERROR(AllocateTo(device_, PartialCount(plan_), partials_));
  CTXFIT_RETURN_IF_ERROR(CopyTo(device_, std::vector<SearchState>(1), state_));
  return absl::OkStatus();
}

absl::Status CudaSearch::EvaluateInitial(const StopSignal& stop) {
  CTXFIT_RETURN_IF_ERROR(EnqueueEvaluation(&stop));
  CTXFIT_RETURN_IF_ERROR(LaunchSelect(view(), device_->stream()));
  CTXFIT_RETURN_IF_ERROR(LaunchSummarise(view(), 0, device_->stream()));
  // Runs every kernel once before the capture, because the runtime loads a kernel at its first launch and should not
  // have to while it records. These trials are made again.
  CTXFIT_RETURN_IF_ERROR(LaunchPropose(view(), settings_, device_->stream()));
  CTXFIT_RETURN_IF_ERROR(device_->Wait());
  if (plan_.slices > 1) return absl::OkStatus();
  CTXFIT_ASSIGN_OR_RETURN(generation_,
                          Graph::Capture(device_->stream(), [this] { return EnqueueGeneration(nullptr); }));
  return absl::OkStatus();
}

absl::Status CudaSearch::EnqueueEvaluation(const StopSignal* stop) {
  const PopulationView population = view();
  for (std::int32_t slice = 0; slice < plan_.slices; ++slice) {
    if (stop != nullptr) CTXFIT_RETURN_IF_ERROR(stop->Check());
    CTXFIT_RETURN_IF_ERROR(LaunchObjective(cells_.view(), plan_, slice, population.trials, population.count,
                                           partials_.data(), population.trial_costs, device_->stream()));
    if (stop != nullptr) CTXFIT_RETURN_IF_ERROR(device_->Wait());
  }
  return absl::OkStatus();
}

absl::Status CudaSearch::EnqueueGeneration(const StopSignal* stop) {
  CTXFIT_RETURN_IF_ERROR(LaunchPropose(view(), settings_, device_->stream()));
  CTXFIT_RETURN_IF_ERROR(EnqueueEvaluation(stop));
  CTXFIT_RETURN_IF_ERROR(LaunchSelect(view(), device_->stream()));
  return LaunchSummarise(view(), 1, device_->stream());
}

absl::Status CudaSearch::RunChunk(int generations) {
  const absl::Time begin = absl::Now();
  for (int i = 0; i < generations; ++i) CTXFIT_RETURN_IF_ERROR(generation_->Launch(device_->stream()));
  CTXFIT_RETURN_IF_ERROR(device_->Wait());
  const absl::Duration per_generation = (absl::Now() - begin) / generations;
  // The chunk at most doubles: one quick chunk may have been luck.
  const double fitting = absl::FDivDuration(kChunkDuration, per_generation);
  chunk_ = std::clamp(static_cast<int>(std::min<double>(fitting, kLongestChunk)), 1, 2 * chunk_);
  return absl::OkStatus();
}

absl::StatusOr<PopulationSummary> CudaSearch::Advance(int generations, const StopSignal& stop) {
  CTXFIT_RETURN_IF_ERROR(device_->Activate());
  CTXFIT_RETURN_IF_ERROR(stop.Check());
  while (generations > 0) {
    const int count = generation_ ? std::min(generations, chunk_) : 1;
    CTXFIT_RETURN_IF_ERROR(generation_ ? RunChunk(count) : EnqueueGeneration(&stop));
    generations -= count;
    CTXFIT_RETURN_IF_ERROR(stop.Check());
  }
  CTXFIT_ASSIGN_OR_RETURN(const SearchState state, device_->Fetch(state_.data()));
  PopulationSummary summary;
  summary.generation = static_cast<int>(state.generation);
  summary.best = state.best;
  summary.best_cost = state.best_cost;
  summary.mean_cost = state.mean_cost;
  summary.evaluation_count = static_cast<std::int64_t>(state.evaluation_count);
  summary.non_finite_count = static_cast<std::int64_t>(state.non_finite_count);
  return summary;
}

absl::StatusOr<Population> CudaSearch::Read() {
  CTXFIT_RETURN_IF_ERROR(device_->Activate());
  CTXFIT_ASSIGN_OR_RETURN(std::vector<BasicPoint<float>> members, members_.ToHost());
  CTXFIT_ASSIGN_OR_RETURN(std::vector<double> costs, costs_.ToHost());
  return Population{std::move(members), std::move(costs)};
}

PopulationView CudaSearch::view() const {
  return {
      .members = members_.data(),
      .trials = trials_.data(),
      .costs = costs_.data(),
      .trial_costs = trial_costs_.data(),
      .state = state_.data(),
      .count = static_cast<std::int32_t>(members_.size()),
  };
}

}  // namespace ctxfit

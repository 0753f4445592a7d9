#include "kernels/backend/cuda/search.h"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "kernels/backend/cuda/status.h"

namespace ctxfit {
namespace {

// Intended duration of a chunk of generations: long against a wait for the device (20 us), short against the 100 ms in
// which a cancellation must end a fit.
constexpr absl::Duration kChunkDuration = absl::Milliseconds(5);
constexpr int kLongestChunk = 64;

// Returns how many of the first problems fit into the device's memory together, at least one.
absl::StatusOr<std::size_t> CountFitting(const CudaDevice& device, absl::Span<const SearchProblem> problems,
                                         std::int64_t slice_work) {
  if (problems.size() == 1) return 1;
  CTXFIT_ASSIGN_OR_RETURN(const std::size_t usable, device.UsableBytes());
  std::size_t needed = 0;
  std::size_t count = 0;
  while (count < problems.size()) {
    needed += BytesOf(problems[count], slice_work);
    if (count > 0 && needed > usable) break;
    ++count;
  }
  return count;
}

PopulationSummary ToSummary(const SearchState& state) {
  PopulationSummary summary;
  summary.generation = static_cast<int>(state.generation);
  summary.best = state.best;
  summary.best_cost = state.best_cost;
  summary.mean_cost = state.mean_cost;
  summary.evaluation_count = static_cast<std::int64_t>(state.evaluation_count);
  summary.non_finite_count = static_cast<std::int64_t>(state.non_finite_count);
  return summary;
}

}  // namespace

absl::StatusOr<std::unique_ptr<CudaSearch>> CudaSearch::Start(std::shared_ptr<CudaDevice> device,
                                                              absl::Span<const SearchProblem> problems,
                                                              const StopSignal& stop, std::int64_t slice_work) {
  CTXFIT_RETURN_IF_ERROR(device->Activate());
  CTXFIT_ASSIGN_OR_RETURN(const std::size_t count, CountFitting(*device, problems, slice_work));
  std::unique_ptr<CudaSearch> search(new CudaSearch(std::move(device), slice_work));
  CTXFIT_RETURN_IF_ERROR(search->Upload(problems.first(count), stop));
  CTXFIT_RETURN_IF_ERROR(search->EvaluateInitial(stop));
  return search;
}

absl::Status CudaSearch::Upload(absl::Span<const SearchProblem> problems, const StopSignal& stop) {
  CTXFIT_RETURN_IF_ERROR(CopyColumn(device_, std::vector<SearchState>(problems.size()), stop, states_));
  for (const SearchProblem& problem : problems) {
    SearchState* const state = states_.data() + problems_.size();
    CTXFIT_ASSIGN_OR_RETURN(DeviceProblem uploaded, DeviceProblem::Upload(device_, problem, state, slice_work_, stop));
    problems_.push_back(std::move(uploaded));
  }
  return absl::OkStatus();
}

absl::Status CudaSearch::EvaluateInitial(const StopSignal& stop) {
  std::vector<int> all(problems_.size());
  std::iota(all.begin(), all.end(), 0);
  CTXFIT_RETURN_IF_ERROR(Arrange(all));
  CTXFIT_RETURN_IF_ERROR(EnqueueEvaluation(&stop));
  CTXFIT_RETURN_IF_ERROR(LaunchSelect(batch(), device_->stream()));
  CTXFIT_RETURN_IF_ERROR(LaunchSummarise(batch(), 0, device_->stream()));
  // Runs every kernel once before a capture, because the runtime loads a kernel at its first launch and should not have
  // to while it records. These trials are made again.
  CTXFIT_RETURN_IF_ERROR(LaunchPropose(batch(), device_->stream()));
  return device_->Wait();
}

absl::Status CudaSearch::Arrange(absl::Span<const int> running) {
  if (std::equal(running.begin(), running.end(), running_.begin(), running_.end())) return absl::OkStatus();
  // Gives back the tables at hand before it allocates new ones.
  running_.clear();
  generation_.reset();
  objective_.reset();
  std::vector<PopulationView> populations;
  std::vector<ObjectiveProblem> objectives;
  most_members_ = 0;
  for (const int problem : running) {
    populations.push_back(problems_[problem].population());
    objectives.push_back(problems_[problem].objective());
    most_members_ = std::max(most_members_, populations.back().count);
  }
  CTXFIT_ASSIGN_OR_RETURN(populations_, DeviceBuffer<PopulationView>::CopyOf(device_, populations));
  CTXFIT_ASSIGN_OR_RETURN(objective_, ObjectiveBatch::Make(device_, objectives, slice_work_));
  running_.assign(running.begin(), running.end());
  return absl::OkStatus();
}

absl::Status CudaSearch::EnqueueEvaluation(const StopSignal* stop) {
  for (int round = 0; round < objective_->round_count(); ++round) {
    if (stop != nullptr) CTXFIT_RETURN_IF_ERROR(stop->Check());
    CTXFIT_RETURN_IF_ERROR(objective_->Enqueue(round, device_->stream()));
    if (stop != nullptr) CTXFIT_RETURN_IF_ERROR(device_->Wait());
  }
  return absl::OkStatus();
}

absl::Status CudaSearch::EnqueueGeneration(const StopSignal* stop) {
  CTXFIT_RETURN_IF_ERROR(LaunchPropose(batch(), device_->stream()));
  CTXFIT_RETURN_IF_ERROR(EnqueueEvaluation(stop));
  CTXFIT_RETURN_IF_ERROR(LaunchSelect(batch(), device_->stream()));
  return LaunchSummarise(batch(), 1, device_->stream());
}

absl::StatusOr<int> CudaSearch::RunChunk(int generations) {
  if (!generation_) {
    CTXFIT_ASSIGN_OR_RETURN(generation_,
                            Graph::Capture(device_->stream(), [this] { return EnqueueGeneration(nullptr); }));
  }
  const int count = std::min(generations, chunk_);
  const absl::Time begin = absl::Now();
  for (int i = 0; i < count; ++i) CTXFIT_RETURN_IF_ERROR(generation_->Launch(device_->stream()));
  CTXFIT_RETURN_IF_ERROR(device_->Wait());
  const absl::Duration per_generation = (absl::Now() - begin) / count;
  // The chunk at most doubles: one quick chunk may have been luck.
  const double fitting = absl::FDivDuration(kChunkDuration, per_generation);
  chunk_ = std::clamp(static_cast<int>(std::min<double>(fitting, kLongestChunk)), 1, 2 * chunk_);
  return count;
}

absl::StatusOr<std::vector<PopulationSummary>> CudaSearch::Advance(absl::Span<const int> running, int generations,
                                                                   const StopSignal& stop) {
  CTXFIT_RETURN_IF_ERROR(device_->Activate());
  CTXFIT_RETURN_IF_ERROR(stop.Check());
  if (generations > 0) CTXFIT_RETURN_IF_ERROR(Arrange(running));
  while (generations > 0) {
    if (objective_->round_count() == 1) {
      CTXFIT_ASSIGN_OR_RETURN(const int count, RunChunk(generations));
      generations -= count;
    } else {
      CTXFIT_RETURN_IF_ERROR(EnqueueGeneration(&stop));
      --generations;
    }
    CTXFIT_RETURN_IF_ERROR(stop.Check());
  }
  CTXFIT_ASSIGN_OR_RETURN(const std::vector<SearchState> states, states_.ToHost());
  std::vector<PopulationSummary> summaries;
  summaries.reserve(running.size());
  for (const int problem : running) summaries.push_back(ToSummary(states[problem]));
  return summaries;
}

absl::StatusOr<Population> CudaSearch::Read(int problem) {
  CTXFIT_RETURN_IF_ERROR(device_->Activate());
  return problems_[problem].Read();
}

PopulationBatch CudaSearch::batch() const {
  return {populations_.data(), static_cast<std::int32_t>(populations_.size()), most_members_};
}

}  // namespace ctxfit

#ifndef CTXFIT_KERNELS_BACKEND_CUDA_SEARCH_H_
#define CTXFIT_KERNELS_BACKEND_CUDA_SEARCH_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "kernels/backend/backend.h"
#include "kernels/backend/cuda/buffer.h"
#include "kernels/backend/cuda/device.h"
#include "kernels/backend/cuda/device_problem.h"
#include "kernels/backend/cuda/graph.h"
#include "kernels/backend/cuda/objective_batch.h"
#include "kernels/backend/cuda/population.h"
#include "kernels/backend/cuda/work_plan.h"

namespace ctxfit {

// Differential evolutions whose populations never leave the device: a generation is propose, evaluate, select,
// summarise, each launched once for all problems that run, with no host in the loop. Generations of ordinary size are
// replayed as a CUDA graph, several between two looks at the stop signal; larger ones are launched in rounds with a
// look between them.
class CudaSearch : public PopulationSearch {
 public:
  // Copies the first problems, as many as the device's memory holds at a time, at least one, and evaluates their
  // initial members. `slice_work` as for PlanObjective() and PlanRounds().
  static absl::StatusOr<std::unique_ptr<CudaSearch>> Start(std::shared_ptr<CudaDevice> device,
                                                           absl::Span<const SearchProblem> problems,
                                                           const StopSignal& stop,
                                                           std::int64_t slice_work = kSliceWork);

  int problem_count() const override { return static_cast<int>(problems_.size()); }
  absl::StatusOr<std::vector<PopulationSummary>> Advance(absl::Span<const int> running, int generations,
                                                         const StopSignal& stop) override;
  absl::StatusOr<Population> Read(int problem) override;

 private:
  CudaSearch(std::shared_ptr<CudaDevice> device, std::int64_t slice_work)
      : device_(std::move(device)), slice_work_(slice_work) {}

  absl::Status Upload(absl::Span<const SearchProblem> problems, const StopSignal& stop);
  absl::Status EvaluateInitial(const StopSignal& stop);

  // Makes the tables of a generation of the problems `running`, unless they are those at hand.
  absl::Status Arrange(absl::Span<const int> running);

  // Enqueues the evaluation of the trials; with `stop`, waits and looks at it between rounds.
  absl::Status EnqueueEvaluation(const StopSignal* stop);
  absl::Status EnqueueGeneration(const StopSignal* stop);

  // Runs up to `generations` generations that fit into a graph, waits, and returns how many they were.
  absl::StatusOr<int> RunChunk(int generations);

  PopulationBatch batch() const;

  const std::shared_ptr<CudaDevice> device_;
  const std::int64_t slice_work_;
  DeviceBuffer<SearchState> states_;  // by problem
  std::vector<DeviceProblem> problems_;

  // The generation of the problems that run.
  std::vector<int> running_;
  DeviceBuffer<PopulationView> populations_;
  std::int32_t most_members_ = 0;
  std::optional<ObjectiveBatch> objective_;
  std::optional<Graph> generation_;  // set once a generation of a single round has been recorded
  int chunk_ = 1;                    // generations between two looks at the stop signal
};

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BACKEND_CUDA_SEARCH_H_

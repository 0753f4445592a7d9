#ifndef CTXFIT_KERNELS_BACKEND_CUDA_SEARCH_H_
#define CTXFIT_KERNELS_BACKEND_CUDA_SEARCH_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "kernels/backend/backend.h"
#include "kernels/backend/cuda/buffer.h"
#include "kernels/backend/cuda/device.h"
#include "kernels/backend/cuda/graph.h"
#include "kernels/backend/cuda/objective.h"
#include "kernels/backend/cuda/objective_cells.h"
#include "kernels/backend/cuda/population.h"
#include "kernels/backend/cuda/work_plan.h"
#include "kernels/law/coordinate.h"

namespace ctxfit {

struct Cells;

// A differential evolution whose population never leaves the device: a generation is propose, evaluate, select,
// summarise, with no host in the loop. Generations of ordinary size are replayed as a CUDA graph, several between two
// looks at the stop signal; larger ones are launched in slices with a look between them.
class CudaSearch : public PopulationSearch {
 public:
  // Copies cells and members, of which there are at least 3, and evaluates the latter. `slice_work` as for
  // PlanObjective().
  static absl::StatusOr<std::unique_ptr<CudaSearch>> Start(std::shared_ptr<CudaDevice> device, const Cells& cells,
                                                           const ProposalSettings& settings,
                                                           const std::vector<BasicPoint<float>>& initial,
                                                           const StopSignal& stop,
                                                           std::int64_t slice_work = kSliceWork);

  absl::StatusOr<PopulationSummary> Advance(int generations, const StopSignal& stop) override;
  absl::StatusOr<Population> Read() override;

 private:
  CudaSearch(std::shared_ptr<CudaDevice> device, const ProposalSettings& settings, ObjectiveCells cells,
             ObjectivePlan plan);

  absl::Status AllocatePopulation(const std::vector<BasicPoint<float>>& initial);
  absl::Status EvaluateInitial(const StopSignal& stop);

  // Enqueues the evaluation of the trials; with `stop`, waits and looks at it between slices.
  absl::Status EnqueueEvaluation(const StopSignal* stop);
  absl::Status EnqueueGeneration(const StopSignal* stop);

  // Runs a few generations that fit into a graph, and waits. Chooses how many the next time.
  absl::Status RunChunk(int generations);

  PopulationView view() const;

  const std::shared_ptr<CudaDevice> device_;
  const ProposalSettings settings_;
  const ObjectiveCells cells_;
  const ObjectivePlan plan_;
  int chunk_ = 1;  // generations between two looks at the stop signal
  DeviceBuffer<BasicPoint<float>> members_;
  DeviceBuffer<BasicPoint<float>> trials_;
  DeviceBuffer<double> costs_;
  DeviceBuffer<double> trial_costs_;
  DeviceBuffer<double> partials_;
  DeviceBuffer<SearchState> state_;
  std::optional<Graph> generation_;  // set where a generation is a single slice
};

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BACKEND_CUDA_SEARCH_H_

#ifndef CTXFIT_KERNELS_BACKEND_CUDA_DEVICE_PROBLEM_H_
#define CTXFIT_KERNELS_BACKEND_CUDA_DEVICE_PROBLEM_H_

#include <cstddef>
#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "kernels/backend/backend.h"
#include "kernels/backend/cuda/buffer.h"
#include "kernels/backend/cuda/device.h"
#include "kernels/backend/cuda/objective_batch.h"
#include "kernels/backend/cuda/objective_cells.h"
#include "kernels/backend/cuda/population.h"
#include "kernels/backend/cuda/work_plan.h"
#include "kernels/law/coordinate.h"

namespace ctxfit {

// Returns the bytes of device memory that a problem needs at most, with its share of tables and working space.
std::size_t BytesOf(const SearchProblem& problem, std::int64_t slice_work);

// The cells and the population of one problem in device memory.
class DeviceProblem {
 public:
  // Copies the cells, and the initial members as trials of a population that costs infinitely much. `state` is in
  // device memory and must outlive the problem; `slice_work` as for PlanObjective(). Waits.
  static absl::StatusOr<DeviceProblem> Upload(const std::shared_ptr<CudaDevice>& device, const SearchProblem& problem,
                                              SearchState* state, std::int64_t slice_work, const StopSignal& stop);

  PopulationView population() const;

  // The evaluation of the trials.
  ObjectiveProblem objective() const;

  // Returns members and costs. Waits.
  absl::StatusOr<Population> Read() const;

 private:
  DeviceProblem(const ProposalSettings& settings, const ObjectivePlan& plan, SearchState* state, ObjectiveCells cells);

  ProposalSettings settings_;
  ObjectivePlan plan_;
  SearchState* state_;
  ObjectiveCells cells_;
  DeviceBuffer<BasicPoint<float>> members_;
  DeviceBuffer<BasicPoint<float>> trials_;
  DeviceBuffer<double> costs_;
  DeviceBuffer<double> trial_costs_;
};

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BACKEND_CUDA_DEVICE_PROBLEM_H_

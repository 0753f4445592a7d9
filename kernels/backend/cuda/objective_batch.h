#ifndef CTXFIT_KERNELS_BACKEND_CUDA_OBJECTIVE_BATCH_H_
#define CTXFIT_KERNELS_BACKEND_CUDA_OBJECTIVE_BATCH_H_

#include <cuda_runtime_api.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "kernels/backend/cuda/buffer.h"
#include "kernels/backend/cuda/device.h"
#include "kernels/backend/cuda/objective.h"
#include "kernels/backend/cuda/objective_cells.h"
#include "kernels/backend/cuda/work_plan.h"
#include "kernels/law/coordinate.h"

namespace ctxfit {

// Candidates whose costs are wanted: costs[i] over the cells at members[i], for `count` of them, in device memory.
struct ObjectiveProblem {
  ObjectiveCellsView cells;
  ObjectivePlan plan;
  const BasicPoint<float>* members;
  double* costs;
  std::int32_t count;
};

// The objective of several problems, evaluated together in rounds. A round has a launch for each variant of the kernel
// that occurs in it, however many its problems are, and one that combines their sums. Each problem is summed by its own
// plan, so that no cost depends on what else is evaluated.
class ObjectiveBatch {
 public:
  // Copies the tables of the launches. A round has `round_work` products of candidates and cells; see PlanRounds().
  // RESOURCE_EXHAUSTED where the device's memory does not suffice. Waits.
  static absl::StatusOr<ObjectiveBatch> Make(const std::shared_ptr<CudaDevice>& device,
                                             const std::vector<ObjectiveProblem>& problems, std::int64_t round_work);

  int round_count() const { return static_cast<int>(rounds_.size()); }

  // Enqueues a round. After all of them, in their order, the costs are there. Does not wait.
  absl::Status Enqueue(int round, cudaStream_t stream) const;

 private:
  // Neighbouring slices of one variant; see ObjectiveLaunch.
  struct Group {
    ObjectiveVariant variant;
    std::int32_t first_slice;
    std::int32_t slice_count;
    std::int32_t blocks;
    std::size_t table_bytes;
    std::size_t first_partial;
  };

  struct Round {
    std::vector<Group> groups;
    std::int32_t first_slice;
    std::int32_t slice_count;
    std::int32_t most_candidates;
  };

  // Tables of all rounds, by slice.
  struct Tables {
    std::vector<ObjectiveSlice> slices;
    std::vector<std::int32_t> block_begin;
  };

  Round LayRound(const std::vector<ObjectiveProblem>& problems, std::vector<SlicePlace> places, Tables& tables) const;

  std::vector<Round> rounds_;
  DeviceBuffer<ObjectiveSlice> slices_;
  DeviceBuffer<std::int32_t> block_begin_;
  DeviceBuffer<double> partials_;  // of the round under way
};

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BACKEND_CUDA_OBJECTIVE_BATCH_H_

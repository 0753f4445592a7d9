#ifndef CTXFIT_KERNELS_BACKEND_CPU_OBJECTIVE_H_
#define CTXFIT_KERNELS_BACKEND_CPU_OBJECTIVE_H_

#include <cstddef>
#include <vector>

#include "absl/status/status.h"
#include "kernels/base/aligned_vector.h"
#include "kernels/base/stop_signal.h"
#include "kernels/base/thread_pool.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/loss_rule.h"
#include "kernels/law/penalty.h"
#include "kernels/objective/chunks.h"
#include "kernels/objective/vector_kernels.h"

namespace ctxfit {

struct Cells;

// The costs of many candidates over the same cells, with residuals in single precision: sum w (mean y - P)^2 for the
// squared loss, without Cells::within_cost.
//
// The work is divided into groups of candidates and chunks of cells, whose sums are added in a fixed order: a cost
// depends on neither the number of threads nor the other candidates.
class CpuObjective {
 public:
  // `kernels` and `pool` must outlive this.
  CpuObjective(const VectorKernels& kernels, ThreadPool& pool) : kernels_(kernels), pool_(pool) {}

  // Copies the columns of `cells` that it needs. Errors: those of `stop`.
  absl::Status Load(const Cells& cells, const StopSignal& stop);

  // Writes the costs of `members`, NaN or infinite if the law is. Errors: those of `stop`; the costs are then
  // undefined.
  absl::Status Evaluate(const std::vector<BasicPoint<float>>& members, const StopSignal& stop,
                        std::vector<double>& costs);

 private:
  void SetCoordinates(const std::vector<BasicPoint<float>>& members);
  std::size_t GroupsPerWave() const;
  absl::Status EvaluateWave(std::size_t first_group, std::size_t group_count, const StopSignal& stop);
  void AddChunks(std::size_t first_group, std::size_t group_count, std::vector<double>& costs) const;

  const VectorKernels& kernels_;
  ThreadPool& pool_;

  double weight_scale_ = 1;   // the largest weight
  double constant_cost_ = 0;  // ConstantCost(), which the kernels leave out
  LossRule loss_;
  std::vector<float> log_compute_;
  Chunks chunks_;
  std::vector<ObjectiveCell> cells_;
  std::vector<Excess> excess_;  // in the full form

  AlignedVector<float> coordinates_;      // by group, coordinate and lane
  AlignedVector<float> compute_factors_;  // factors of a wave, by group, compute and lane
  std::vector<double> chunk_sums_;        // sums of a wave, by chunk, group and lane
};

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BACKEND_CPU_OBJECTIVE_H_

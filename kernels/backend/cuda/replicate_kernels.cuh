#ifndef CTXFIT_KERNELS_BACKEND_CUDA_REPLICATE_KERNELS_CUH_
#define CTXFIT_KERNELS_BACKEND_CUDA_REPLICATE_KERNELS_CUH_

#include <cub/block/block_reduce.cuh>

#include "kernels/backend/cuda/add_equations.h"
#include "kernels/backend/cuda/extensions.h"
#include "kernels/backend/cuda/replicates.h"
#include "kernels/backend/cuda/work_plan.h"
#include "kernels/base/elementary.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/law.h"
#include "kernels/law/loss.h"
#include "kernels/law/loss_rule.h"
#include "kernels/objective/normal_equations.h"
#include "kernels/resample/replicate_weights.h"

namespace ctxfit {

// Tables that the threads of a block share, of values that many cells have in common.
struct ReplicateTables {
  Saturation<double> context[kReplicateTileCells];      // g, by prompt length of the tile
  Saturation<double> compute[kReplicateTableComputes];  // f, by distinct compute, where those fit
  double weight[kReplicateTableUnits];                  // by unit, where those fit
};

// A replicate's law of the two factors and the squared loss.
class FactorReplicate {
 public:
  using Equations = FactorEquations;

  __device__ explicit FactorReplicate(const Point&) {}

  // Adds one cell under its replicate's weight to the normal equations.
  __device__ void AddCell(const CellsView& cells, std::int32_t cell, const Saturation<double>& f,
                          const Saturation<double>& g, double weight, FactorEquations& sums) const {
    const double scale = cells.scale[cell];
    const double residual = cells.target[cell] - f.value * g.value * scale;
    const double by_compute = f.slope * g.value * scale;
    const double by_context = f.value * g.slope * scale;
    double jacobian[kFactorCoordinateCount];
    jacobian[kLogComputeCoefficient] = by_compute;
    jacobian[kComputeExponent] = by_compute * cells.log_compute[cells.compute[cell]];
    jacobian[kLogContextCoefficient] = by_context;
    jacobian[kContextExponent] = by_context * cells.log_prompt[cells.prompt[cell]];
    AddGradient(jacobian, weight * residual, weight, sums);
    sums.cost += weight * residual * residual;
  }
};

// A replicate's whole law and any loss.
template <Loss kLoss>
class FullReplicate {
 public:
  using Equations = NormalEquations;

  __device__ explicit FullReplicate(const Point& point)
      : onset_ratio_(Exp(point.at[kLogPenaltyOnset])),
        inverse_width_(Exp(-point.at[kLogPenaltyWidth])),
        floor_(point.at[kFloor]),
        span_(SpanOf(point)) {}

  // Adds one cell under its replicate's weight to the normal equations.
  __device__ void AddCell(const CellsView& cells, std::int32_t cell, const Saturation<double>& f,
                          const Saturation<double>& g, double weight, NormalEquations& sums) const {
    const PenaltySlopes<double> s = PenalizeWithSlopes(cells.excess[cell], onset_ratio_, inverse_width_);
    double gradient[kCoordinateCount];
    const double prediction = ScoreWithGradient(f, g, s, floor_, span_, gradient);
    gradient[kComputeExponent] = gradient[kLogComputeCoefficient] * cells.log_compute[cells.compute[cell]];
    gradient[kContextExponent] = gradient[kLogContextCoefficient] * cells.log_prompt[cells.prompt[cell]];
    const LossTerms<double> loss = MeasureLoss<kLoss>(cells.target[cell], prediction, cells.loss.threshold);
    const double of_cell = weight * cells.scale[cell];
    AddGradient(gradient, of_cell * loss.half_gradient, of_cell * loss.curvature, sums);
    sums.cost += of_cell * loss.cost;
  }

 private:
  const double onset_ratio_;
  const double inverse_width_;
  const double floor_;
  const double span_;
};

// Returns the weight of a cell in the replicate at row `index` of the table.
__device__ inline double TableWeight(const CellsView& cells, const WeightsView& weights, std::int32_t index,
                                     std::int32_t cell) {
  const double weight = weights.unit[std::int64_t{index} * cells.unit_count + cells.unit[cell]];
  if (weights.unit_2 == nullptr) return weight;
  return weight * weights.unit_2[std::int64_t{index} * cells.unit_2_count + cells.unit_2[cell]];
}

// The normal equations of one replicate at its trial point over one share of the cells: block (x, y) leaves those of
// the replicate at first + x over the y-th share in partials[x * gridDim.y + y]. `kDrawn`: weights are drawn where they
// are used, and a replicate takes no memory but its state; otherwise they are read from the table `weights`.
template <class Replicate, bool kDrawn>
__global__ void __launch_bounds__(kBlockThreads)
    ReplicateKernel(CellsView cells, WeightsView weights, std::uint64_t seed,
                    ReplicatesView<typename Replicate::Equations> replicates, std::int32_t first) {
  using Equations = typename Replicate::Equations;
  using Reduce = cub::BlockReduce<Equations, kBlockThreads>;
  CTXFIT_SHARED(typename Reduce::TempStorage, reduction);
  CTXFIT_SHARED(ReplicateTables, tables);
  const std::int32_t index = first + static_cast<std::int32_t>(blockIdx.x);
  if (replicates.states[index].finished) return;
  const std::uint32_t replicate = replicates.indices[index];
  const Point point = replicates.states[index].trial;
  const bool compute_table = cells.compute_count <= kReplicateTableComputes;
  const bool weight_table = kDrawn && cells.unit_count <= kReplicateTableUnits;
  for (std::int32_t j = threadIdx.x; compute_table && j < cells.compute_count; j += kBlockThreads) {
    tables.compute[j] = ComputeFactorWithSlope(point, cells.log_compute[j]);
  }
  for (std::int32_t unit = threadIdx.x; weight_table && unit < cells.unit_count; unit += kBlockThreads) {
    tables.weight[unit] = ReplicateWeight(seed, replicate, unit);
  }

  const Replicate law(point);
  Equations sums = {};
  const IndexRange tiles = ShareOf(CountTiles(cells.cell_count, kReplicateTileCells), blockIdx.y, gridDim.y);
  for (std::int32_t tile = tiles.begin; tile < tiles.end; ++tile) {
    const IndexRange range = TileCells(tile, kReplicateTileCells, cells.cell_count);
    const std::int32_t first_prompt = cells.prompt[range.begin];
    const std::int32_t prompts = cells.prompt[range.end - 1] - first_prompt + 1;
    for (std::int32_t k = threadIdx.x; k < prompts; k += kBlockThreads) {
      tables.context[k] = ContextFactorWithSlope(point, cells.log_prompt[first_prompt + k]);
    }
    __syncthreads();
    for (std::int32_t cell = range.begin + threadIdx.x; cell < range.end; cell += kBlockThreads) {
      const std::int32_t j = cells.compute[cell];
      const std::int32_t unit = cells.unit[cell];
      const double weight = !kDrawn        ? TableWeight(cells, weights, index, cell)
                            : weight_table ? tables.weight[unit]
                                           : ReplicateWeight(seed, replicate, unit);
      law.AddCell(cells, cell, compute_table ? tables.compute[j] : ComputeFactorWithSlope(point, cells.log_compute[j]),
                  tables.context[cells.prompt[cell] - first_prompt], weight, sums);
    }
    __syncthreads();
  }

  const Equations total = Reduce(reduction).Reduce(sums, AddEquations());
  if (threadIdx.x == 0) replicates.partials[blockIdx.x * gridDim.y + blockIdx.y] = total;
}

// Adds up the shares of each of the replicates at [first, end) in their order, and takes its step. One thread each.
template <class Equations>
__global__ void AdvanceKernel(ReplicateProblem problem, ReplicatesView<Equations> replicates, std::int32_t first,
                              std::int32_t end) {
  const std::int32_t index = static_cast<std::int32_t>(blockIdx.x * blockDim.x + threadIdx.x);
  if (index >= end - first || replicates.states[first + index].finished) return;
  Equations sums = {};
  for (std::int32_t split = 0; split < replicates.splits; ++split) {
    sums = AddEquations()(sums, replicates.partials[index * replicates.splits + split]);
  }
  LmState state = replicates.states[first + index];
  AdvanceLm(problem.domain, problem.criteria, Widen(sums), state);
  replicates.states[first + index] = state;
  // Adds integers, so the order of threads does not change the result.
  if (state.finished) atomicSub(replicates.unfinished, 1);
}

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BACKEND_CUDA_REPLICATE_KERNELS_CUH_

#ifndef CTXFIT_KERNELS_OBJECTIVE_OBJECTIVE_LOOPS_H_
#define CTXFIT_KERNELS_OBJECTIVE_OBJECTIVE_LOOPS_H_

#include "kernels/law/coordinate.h"
#include "kernels/law/law.h"
#include "kernels/law/loss.h"
#include "kernels/law/loss_rule.h"
#include "kernels/objective/vector_kernels.h"
#include "kernels/objective/vector_types.h"

// The loops of VectorKernels whose lanes are candidates: their costs.
//
// Only the sources that are compiled for one instruction set each include this; kBytes, the size of a vector, keeps
// their instantiations apart. Nothing here may call a function of the standard library: an out-of-line copy, compiled
// for one instruction set, could be linked for all.

namespace ctxfit {

template <int kBytes>
void ComputeFactors(const float* coordinates, const float* log_compute, std::size_t count, float* factors) {
  using V = typename VectorOf<float, kBytes>::type;
  for (int lane = 0; lane < kObjectiveLanes; lane += sizeof(V) / sizeof(float)) {
    const V log_coefficient = Load<V>(coordinates + kLogComputeCoefficient * kObjectiveLanes + lane);
    const V exponent = Load<V>(coordinates + kComputeExponent * kObjectiveLanes + lane);
    for (std::size_t j = 0; j < count; ++j) {
      Store(Saturate(LogRate(log_coefficient, exponent, log_compute[j])), factors + j * kObjectiveLanes + lane);
    }
  }
}

// Number of cells after which the sum in single precision is flushed to the one in double precision. As a flush waits
// for the end of a prompt, a sum has fewer than 128 terms, all of one sign, and its relative error is at most
// 127 * 2^-24 = 8e-6. The errors of the hundreds of such sums in a cost are of either sign and average out.
inline constexpr std::int32_t kCellsPerFlush = 64;

// Costs of cells for one vector of candidates. In the factors' form the penalty is part of the cell.
template <class V, bool kFull, Loss kLoss>
class CandidateLaw {
 public:
  [[gnu::always_inline]] explicit CandidateLaw(const float* column) {
    if constexpr (kFull) {
      onset_ratio_ = Exp(Load<V>(column + kLogPenaltyOnset * kObjectiveLanes));
      inverse_width_ = Exp(-Load<V>(column + kLogPenaltyWidth * kObjectiveLanes));
      floor_ = Load<V>(column + kFloor * kObjectiveLanes);
      span_ = 1.0f - Load<V>(column + kHeadroom * kObjectiveLanes) - floor_;
    }
  }

  // Returns the cost of cell i, weight included.
  [[gnu::always_inline]] V Cost(const ObjectiveArgs& args, std::int32_t i, const V& compute_factor,
                                const V& context_factor) const {
    const ObjectiveCell& cell = args.cells[i];
    const V prediction = Prediction(args, i, compute_factor, context_factor);
    if constexpr (TraitsOf(kLoss).is_sum_of_squares) {
      const V residual = cell.score - prediction;
      return residual * cell.weight * residual;
    } else {
      return cell.weight * MeasureLoss<kLoss>(cell.score, prediction, static_cast<float>(args.loss.threshold)).cost;
    }
  }

 private:
  [[gnu::always_inline]] V Prediction(const ObjectiveArgs& args, std::int32_t i, const V& compute_factor,
                                      const V& context_factor) const {
    if constexpr (kFull) {
      const float prompt = static_cast<float>(args.excess[i].prompt);
      const float onset = static_cast<float>(args.excess[i].onset);
      const V penalty = Penalize(prompt, onset, onset_ratio_, inverse_width_);
      return Score(compute_factor, context_factor, penalty, floor_, span_);
    } else {
      return compute_factor * (context_factor * args.cells[i].penalty);
    }
  }

  V onset_ratio_;
  V inverse_width_;
  V floor_;
  V span_;
};

// Sums the costs of kVectors vectors of candidates, interleaved so that one hides the latency of another.
template <class V, int kVectors, bool kFull, Loss kLoss>
[[gnu::always_inline]] inline void SumCostsOfVectors(const ObjectiveArgs& args, int first_lane, double* sums) {
  constexpr int kWidth = sizeof(V) / sizeof(float);
  V log_coefficient[kVectors];
  V exponent[kVectors];
  V sum[kVectors];
  double total[kVectors * kWidth] = {};
  using Law = CandidateLaw<V, kFull, kLoss>;
  const Law laws[kVectors] = {Law(args.coordinates + first_lane), Law(args.coordinates + first_lane + kWidth)};
  for (int v = 0; v < kVectors; ++v) {
    const float* column = args.coordinates + first_lane + v * kWidth;
    log_coefficient[v] = Load<V>(column + kLogContextCoefficient * kObjectiveLanes);
    exponent[v] = Load<V>(column + kContextExponent * kObjectiveLanes);
    sum[v] = V{};
  }
  const auto flush = [&]() __attribute__((always_inline)) {
    float lanes[kVectors * kWidth];
    for (int v = 0; v < kVectors; ++v) {
      Store(sum[v], lanes + v * kWidth);
      sum[v] = V{};
    }
    for (int lane = 0; lane < kVectors * kWidth; ++lane) total[lane] += lanes[lane];
  };

  std::int32_t flushed = args.prompts[args.prompt_begin].cell_begin;
  for (std::size_t k = args.prompt_begin; k < args.prompt_end; ++k) {
    const float log_prompt = static_cast<float>(args.prompts[k].log_prompt);
    V factor[kVectors];
    for (int v = 0; v < kVectors; ++v) {
      factor[v] = Saturate(LogRate(log_coefficient[v], exponent[v], log_prompt));
    }
    const std::int32_t cell_end = args.prompts[k + 1].cell_begin;
    for (std::int32_t i = args.prompts[k].cell_begin; i < cell_end; ++i) {
      const float* compute_factors =
          args.compute_factors + static_cast<std::size_t>(args.cells[i].compute) * kObjectiveLanes + first_lane;
      for (int v = 0; v < kVectors; ++v) {
        sum[v] += laws[v].Cost(args, i, Load<V>(compute_factors + v * kWidth), factor[v]);
      }
    }
    if (cell_end - flushed >= kCellsPerFlush) {
      flush();
      flushed = cell_end;
    }
  }
  flush();
  for (int lane = 0; lane < kVectors * kWidth; ++lane) sums[first_lane + lane] = total[lane];
}

template <int kBytes>
void SumCosts(const ObjectiveArgs& args, double* sums) {
  using V = typename VectorOf<float, kBytes>::type;
  constexpr int kVectors = 2;
  for (int lane = 0; lane < kObjectiveLanes; lane += kVectors * sizeof(V) / sizeof(float)) {
    if (args.excess == nullptr) {
      SumCostsOfVectors<V, kVectors, false, Loss::kSquared>(args, lane, sums);
    } else {
      DispatchLoss(args.loss.loss,
                   [&]<Loss kLoss>() { SumCostsOfVectors<V, kVectors, true, kLoss>(args, lane, sums); });
    }
  }
}

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_OBJECTIVE_OBJECTIVE_LOOPS_H_

#ifndef CTXFIT_KERNELS_CPU_VECTOR_KERNELS_BODY_H_
#define CTXFIT_KERNELS_CPU_VECTOR_KERNELS_BODY_H_

#include "kernels/cpu/vector_kernels.h"
#include "kernels/law.h"
#include "kernels/normal_equations.h"

// The loops of VectorKernels for vectors of kBytes, by the compilers' vector extension. Included only by the sources
// that are compiled for one instruction set each; kBytes keeps their instantiations apart. Nothing here may call a
// function of the standard library: an out-of-line copy, compiled for one instruction set, could be linked for all.

namespace ctxfit {

template <class T, int kBytes>
struct VectorOf {
  typedef T type __attribute__((vector_size(kBytes)));
};

template <class V, class T>
[[gnu::always_inline]] inline V Load(const T* from) {
  V vector;
  __builtin_memcpy(&vector, from, sizeof(V));
  return vector;
}

template <class V, class T>
[[gnu::always_inline]] inline void Store(const V& vector, T* to) {
  __builtin_memcpy(to, &vector, sizeof(V));
}

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

// Cells whose squares are added in single precision before they go to the sum in double precision. With the cells of
// one prompt on top that are fewer than 128 terms of one sign: their sum is off by at most 127 * 2^-24 = 8e-6 of
// itself. The errors of the hundreds of such sums behind a cost are of either sign and average out.
inline constexpr std::int32_t kCellsPerFlush = 64;

// The sums of kVectors vectors of candidates, side by side so that one's latency is the other's work.
template <class V, int kVectors>
[[gnu::always_inline]] inline void SumSquaresOfVectors(const ObjectiveTask& task, int first_lane, double* sums) {
  constexpr int kWidth = sizeof(V) / sizeof(float);
  V log_coefficient[kVectors];
  V exponent[kVectors];
  V sum[kVectors];
  double total[kVectors * kWidth] = {};
  for (int v = 0; v < kVectors; ++v) {
    const float* column = task.coordinates + first_lane + v * kWidth;
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

  std::int32_t flushed = task.prompts[task.prompt_begin].cell_begin;
  for (std::size_t k = task.prompt_begin; k < task.prompt_end; ++k) {
    const float log_prompt = static_cast<float>(task.prompts[k].log_prompt);
    V factor[kVectors];
    for (int v = 0; v < kVectors; ++v) {
      factor[v] = Saturate(LogRate(log_coefficient[v], exponent[v], log_prompt));
    }
    const std::int32_t cell_end = task.prompts[k + 1].cell_begin;
    for (std::int32_t i = task.prompts[k].cell_begin; i < cell_end; ++i) {
      const ObjectiveCell& cell = task.cells[i];
      const float* compute_factors =
          task.compute_factors + static_cast<std::size_t>(cell.compute) * kObjectiveLanes + first_lane;
      for (int v = 0; v < kVectors; ++v) {
        const V residual = cell.score - Load<V>(compute_factors + v * kWidth) * (factor[v] * cell.penalty);
        sum[v] += residual * cell.weight * residual;
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
void SumSquares(const ObjectiveTask& task, double* sums) {
  using V = typename VectorOf<float, kBytes>::type;
  constexpr int kVectors = 2;
  for (int lane = 0; lane < kObjectiveLanes; lane += kVectors * sizeof(V) / sizeof(float)) {
    SumSquaresOfVectors<V, kVectors>(task, lane, sums);
  }
}

template <int kBytes>
void ComputeFactorsWithSlopes(const double* coordinates, const double* log_compute, std::size_t count,
                              double* factors) {
  using V = typename VectorOf<double, kBytes>::type;
  for (int lane = 0; lane < kReplicateLanes; lane += sizeof(V) / sizeof(double)) {
    const V log_coefficient = Load<V>(coordinates + kLogComputeCoefficient * kReplicateLanes + lane);
    const V exponent = Load<V>(coordinates + kComputeExponent * kReplicateLanes + lane);
    for (std::size_t j = 0; j < count; ++j) {
      const Saturation<V> factor = SaturateWithSlope(LogRate(log_coefficient, exponent, log_compute[j]));
      Store(factor.value, factors + 2 * j * kReplicateLanes + lane);
      Store(factor.slope, factors + (2 * j + 1) * kReplicateLanes + lane);
    }
  }
}

// The normal equations of one vector of replicates.
template <class V>
struct VectorEquations {
  V jtj[kPackedCount];
  V jtr[kCoordinateCount];
  V cost;
};

template <class V>
[[gnu::always_inline]] inline void AddCell(const V (&gradient)[kCoordinateCount], const V& residual, const V& weight,
                                           VectorEquations<V>& equations) {
  const V weighted_residual = weight * residual;
  equations.cost += weighted_residual * residual;
#pragma GCC unroll 4
  for (int row = 0; row < kCoordinateCount; ++row) {
    equations.jtr[row] += gradient[row] * weighted_residual;
    const V weighted = gradient[row] * weight;
#pragma GCC unroll 4
    for (int column = 0; column <= row; ++column) {
      equations.jtj[PackedIndex(row, column)] += weighted * gradient[column];
    }
  }
}

template <class V>
[[gnu::always_inline]] inline void AddToSums(const VectorEquations<V>& equations, double* sums) {
#pragma GCC unroll 16
  for (int i = 0; i < kPackedCount; ++i, sums += kReplicateLanes) Store(Load<V>(sums) + equations.jtj[i], sums);
#pragma GCC unroll 4
  for (int i = 0; i < kCoordinateCount; ++i, sums += kReplicateLanes) Store(Load<V>(sums) + equations.jtr[i], sums);
  Store(Load<V>(sums) + equations.cost, sums);
}

template <class V>
[[gnu::always_inline]] inline void AddNormalEquationsOfVector(const ReplicateTask& task, int lane, double* sums) {
  const V log_coefficient = Load<V>(task.coordinates + kLogContextCoefficient * kReplicateLanes + lane);
  const V exponent = Load<V>(task.coordinates + kContextExponent * kReplicateLanes + lane);
  VectorEquations<V> equations{};
  for (std::size_t k = task.prompt_begin; k < task.prompt_end; ++k) {
    const double log_prompt = task.prompts[k].log_prompt;
    const Saturation<V> context = SaturateWithSlope(LogRate(log_coefficient, exponent, log_prompt));
    for (std::int32_t i = task.prompts[k].cell_begin; i < task.prompts[k + 1].cell_begin; ++i) {
      const std::size_t compute = task.compute[i];
      const double* row = task.compute_factors + 2 * compute * kReplicateLanes + lane;
      const V value = Load<V>(row) * task.penalty[i];
      const V slope = Load<V>(row + kReplicateLanes) * task.penalty[i];
      V gradient[kCoordinateCount];
      gradient[kLogComputeCoefficient] = slope * context.value;
      gradient[kComputeExponent] = gradient[kLogComputeCoefficient] * task.log_compute[compute];
      gradient[kLogContextCoefficient] = value * context.slope;
      gradient[kContextExponent] = gradient[kLogContextCoefficient] * log_prompt;
      const V residual = task.score[i] - value * context.value;
      const double* unit_weights = task.unit_weights + static_cast<std::size_t>(task.unit[i]) * kReplicateLanes;
      AddCell<V>(gradient, residual, Load<V>(unit_weights + lane) * task.weight[i], equations);
    }
  }
  AddToSums(equations, sums + lane);
}

template <int kBytes>
void AddNormalEquations(const ReplicateTask& task, double* sums) {
  using V = typename VectorOf<double, kBytes>::type;
  for (int lane = 0; lane < kReplicateLanes; lane += sizeof(V) / sizeof(double)) {
    AddNormalEquationsOfVector<V>(task, lane, sums);
  }
}

template <int kBytes>
constexpr VectorKernels MakeVectorKernels(const char* name) {
  return {name, ComputeFactors<kBytes>, SumSquares<kBytes>, ComputeFactorsWithSlopes<kBytes>,
          AddNormalEquations<kBytes>};
}

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_CPU_VECTOR_KERNELS_BODY_H_

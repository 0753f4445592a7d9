#ifndef CTXFIT_KERNELS_CPU_VECTOR_KERNELS_BODY_H_
#define CTXFIT_KERNELS_CPU_VECTOR_KERNELS_BODY_H_

#ifdef __AVX512F__
#include <immintrin.h>
#endif

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

// Cells whose costs are added in single precision before they go to the sum in double precision. With the cells of
// one prompt on top that are fewer than 128 terms of one sign: their sum is off by at most 127 * 2^-24 = 8e-6 of
// itself. The errors of the hundreds of such sums behind a cost are of either sign and average out.
inline constexpr std::int32_t kCellsPerFlush = 64;

// What turns the factors' product into a prediction, for one vector of candidates. In the factors' form the penalty is
// part of the cell.
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

  // What a cell adds to the cost.
  [[gnu::always_inline]] V Cost(const ObjectiveTask& task, std::int32_t i, const V& compute_factor,
                                const V& context_factor) const {
    const ObjectiveCell& cell = task.cells[i];
    const V prediction = Prediction(task, i, compute_factor, context_factor);
    if constexpr (kLoss == Loss::kSquared) {
      const V residual = cell.score - prediction;
      return residual * cell.weight * residual;
    } else {
      return cell.weight * MeasureLoss<kLoss>(cell.score, prediction, static_cast<float>(task.loss.threshold)).cost;
    }
  }

 private:
  [[gnu::always_inline]] V Prediction(const ObjectiveTask& task, std::int32_t i, const V& compute_factor,
                                      const V& context_factor) const {
    if constexpr (!kFull) return compute_factor * (context_factor * task.cells[i].penalty);
    const float prompt = static_cast<float>(task.excess[i].prompt);
    const float onset = static_cast<float>(task.excess[i].onset);
    const V penalty = Penalize((prompt - onset_ratio_ * onset) * inverse_width_);
    return floor_ + span_ * (compute_factor * context_factor * penalty);
  }

  V onset_ratio_;
  V inverse_width_;
  V floor_;
  V span_;
};

// The sums of kVectors vectors of candidates, side by side so that one's latency is the other's work.
template <class V, int kVectors, bool kFull, Loss kLoss>
[[gnu::always_inline]] inline void SumCostsOfVectors(const ObjectiveTask& task, int first_lane, double* sums) {
  constexpr int kWidth = sizeof(V) / sizeof(float);
  V log_coefficient[kVectors];
  V exponent[kVectors];
  V sum[kVectors];
  double total[kVectors * kWidth] = {};
  using Law = CandidateLaw<V, kFull, kLoss>;
  const Law laws[kVectors] = {Law(task.coordinates + first_lane), Law(task.coordinates + first_lane + kWidth)};
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
      const float* compute_factors =
          task.compute_factors + static_cast<std::size_t>(task.cells[i].compute) * kObjectiveLanes + first_lane;
      for (int v = 0; v < kVectors; ++v) {
        sum[v] += laws[v].Cost(task, i, Load<V>(compute_factors + v * kWidth), factor[v]);
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
void SumCosts(const ObjectiveTask& task, double* sums) {
  using V = typename VectorOf<float, kBytes>::type;
  constexpr int kVectors = 2;
  for (int lane = 0; lane < kObjectiveLanes; lane += kVectors * sizeof(V) / sizeof(float)) {
    if (task.excess == nullptr) {
      SumCostsOfVectors<V, kVectors, false, Loss::kSquared>(task, lane, sums);
    } else if (task.loss.loss == Loss::kSquared) {
      SumCostsOfVectors<V, kVectors, true, Loss::kSquared>(task, lane, sums);
    } else if (task.loss.loss == Loss::kHuber) {
      SumCostsOfVectors<V, kVectors, true, Loss::kHuber>(task, lane, sums);
    } else {
      SumCostsOfVectors<V, kVectors, true, Loss::kBernoulli>(task, lane, sums);
    }
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

// The normal equations of one vector of replicates by the first kCount coordinates.
template <class V, int kCount>
struct VectorEquations {
  static constexpr int kPackedCount = BasicNormalEquations<kCount>::kPackedCount;
  V jtj[kPackedCount];
  V jtr[kCount];
  V cost;
};

template <class V, Loss kLoss, int kCount>
[[gnu::always_inline]] inline void AddCell(const V (&gradient)[kCount], const LossTerms<V>& loss, const V& weight,
                                           VectorEquations<V, kCount>& equations) {
  const V weighted_score = weight * loss.score;
  equations.cost += kLoss == Loss::kSquared ? weighted_score * loss.score : weight * loss.cost;
  const V curvature = kLoss == Loss::kSquared ? weight : weight * loss.curvature;
#pragma GCC unroll 8
  for (int row = 0; row < kCount; ++row) {
    equations.jtr[row] += gradient[row] * weighted_score;
    const V weighted = gradient[row] * curvature;
#pragma GCC unroll 8
    for (int column = 0; column <= row; ++column) {
      equations.jtj[PackedIndex(row, column)] += weighted * gradient[column];
    }
  }
}

template <class V, int kCount>
[[gnu::always_inline]] inline void AddToSums(const VectorEquations<V, kCount>& equations, double* sums) {
#pragma GCC unroll 36
  for (int i = 0; i < equations.kPackedCount; ++i, sums += kReplicateLanes) {
    Store(Load<V>(sums) + equations.jtj[i], sums);
  }
#pragma GCC unroll 8
  for (int i = 0; i < kCount; ++i, sums += kReplicateLanes) Store(Load<V>(sums) + equations.jtr[i], sums);
  Store(Load<V>(sums) + equations.cost, sums);
}

// What turns the factors into a prediction and its gradient, for one vector of replicates.
template <class V>
class FactorReplicateLaw {
 public:
  static constexpr int kCount = kFactorCoordinateCount;

  [[gnu::always_inline]] FactorReplicateLaw(const ReplicateTask&, int) {}

  // The prediction for a cell, and its gradient but for the logarithms by which the exponents multiply.
  [[gnu::always_inline]] V Evaluate(const ReplicateTask& task, std::int32_t i, const Saturation<V>& f,
                                    const Saturation<V>& g, V (&gradient)[kCount]) const {
    const V value = f.value * task.penalty[i];
    gradient[kLogComputeCoefficient] = f.slope * task.penalty[i] * g.value;
    gradient[kLogContextCoefficient] = value * g.slope;
    return value * g.value;
  }
};

template <class V>
class FullReplicateLaw {
 public:
  static constexpr int kCount = kCoordinateCount;

  [[gnu::always_inline]] FullReplicateLaw(const ReplicateTask& task, int lane) {
    const double* column = task.coordinates + lane;
    onset_ratio_ = Exp(Load<V>(column + kLogPenaltyOnset * kReplicateLanes));
    inverse_width_ = Exp(-Load<V>(column + kLogPenaltyWidth * kReplicateLanes));
    floor_ = Load<V>(column + kFloor * kReplicateLanes);
    span_ = 1.0 - Load<V>(column + kHeadroom * kReplicateLanes) - floor_;
  }

  [[gnu::always_inline]] V Evaluate(const ReplicateTask& task, std::int32_t i, const Saturation<V>& f,
                                    const Saturation<V>& g, V (&gradient)[kCount]) const {
    const PenaltySlopes<V> s = PenalizeWithSlopes(task.excess[i], onset_ratio_, inverse_width_);
    const V product = f.value * g.value;
    const V share = product * s.value;
    const V scale = span_ * s.value;
    gradient[kLogComputeCoefficient] = f.slope * g.value * scale;
    gradient[kLogContextCoefficient] = f.value * g.slope * scale;
    gradient[kLogPenaltyWidth] = span_ * product * s.by_log_width;
    gradient[kLogPenaltyOnset] = span_ * product * s.by_log_onset;
    gradient[kFloor] = 1.0 - share;
    gradient[kHeadroom] = -share;
    return floor_ + span_ * share;
  }

 private:
  V onset_ratio_;
  V inverse_width_;
  V floor_;
  V span_;
};

template <class V, class Law, Loss kLoss>
[[gnu::always_inline]] inline void AddNormalEquationsOfVector(const ReplicateTask& task, int lane, double* sums) {
  const V log_coefficient = Load<V>(task.coordinates + kLogContextCoefficient * kReplicateLanes + lane);
  const V exponent = Load<V>(task.coordinates + kContextExponent * kReplicateLanes + lane);
  const Law law(task, lane);
  VectorEquations<V, Law::kCount> equations{};
  for (std::size_t k = task.prompt_begin; k < task.prompt_end; ++k) {
    const double log_prompt = task.prompts[k].log_prompt;
    const Saturation<V> context = SaturateWithSlope(LogRate(log_coefficient, exponent, log_prompt));
    for (std::int32_t i = task.prompts[k].cell_begin; i < task.prompts[k + 1].cell_begin; ++i) {
      const std::size_t compute = task.compute[i];
      const double* row = task.compute_factors + 2 * compute * kReplicateLanes + lane;
      const Saturation<V> factor = {Load<V>(row), Load<V>(row + kReplicateLanes)};
      V gradient[Law::kCount];
      const V prediction = law.Evaluate(task, i, factor, context, gradient);
      gradient[kComputeExponent] = gradient[kLogComputeCoefficient] * task.log_compute[compute];
      gradient[kContextExponent] = gradient[kLogContextCoefficient] * log_prompt;
      V weight = Load<V>(task.unit_weights + static_cast<std::size_t>(task.unit[i]) * kReplicateLanes + lane);
      if (task.unit_2 != nullptr) {
        weight *= Load<V>(task.unit_2_weights + static_cast<std::size_t>(task.unit_2[i]) * kReplicateLanes + lane);
      }
      AddCell<V, kLoss, Law::kCount>(gradient, MeasureLoss<kLoss>(task.score[i], prediction, task.loss.threshold),
                                     weight * task.weight[i], equations);
    }
  }
  AddToSums<V, Law::kCount>(equations, sums + lane);
}

template <int kBytes>
void AddNormalEquations(const ReplicateTask& task, double* sums) {
  using V = typename VectorOf<double, kBytes>::type;
  for (int lane = 0; lane < kReplicateLanes; lane += sizeof(V) / sizeof(double)) {
    if (task.excess == nullptr) {
      AddNormalEquationsOfVector<V, FactorReplicateLaw<V>, Loss::kSquared>(task, lane, sums);
    } else if (task.loss.loss == Loss::kSquared) {
      AddNormalEquationsOfVector<V, FullReplicateLaw<V>, Loss::kSquared>(task, lane, sums);
    } else if (task.loss.loss == Loss::kHuber) {
      AddNormalEquationsOfVector<V, FullReplicateLaw<V>, Loss::kHuber>(task, lane, sums);
    } else {
      AddNormalEquationsOfVector<V, FullReplicateLaw<V>, Loss::kBernoulli>(task, lane, sums);
    }
  }
}

template <int kBytes>
void SaturateLaws(const double* log_coefficients, const double* exponents, double log_ratio, std::size_t size,
                  double* factors) {
  using V = typename VectorOf<double, kBytes>::type;
  for (std::size_t i = 0; i < size; i += sizeof(V) / sizeof(double)) {
    Store(Saturate(LogRate(Load<V>(log_coefficients + i), Load<V>(exponents + i), log_ratio)), factors + i);
  }
}

template <class V, bool kSharedPenalty>
[[gnu::always_inline]] inline void ScoreLawsOfForm(const ScoreTask& task, double* scores) {
  for (std::size_t i = 0; i < task.size; i += sizeof(V) / sizeof(double)) {
    V share = Load<V>(task.factors + i) * Load<V>(task.other_factors + i);
    if constexpr (kSharedPenalty) {
      share *= task.penalty;
    } else {
      const V onset = Load<V>(task.onset_ratio + i) * task.excess.onset;
      share *= Penalize((task.excess.prompt - onset) * Load<V>(task.inverse_width + i));
    }
    Store(Load<V>(task.floor + i) + Load<V>(task.span + i) * share, scores + i);
  }
}

template <int kBytes>
void ScoreLaws(const ScoreTask& task, double* scores) {
  using V = typename VectorOf<double, kBytes>::type;
  if (task.onset_ratio == nullptr) {
    ScoreLawsOfForm<V, true>(task, scores);
  } else {
    ScoreLawsOfForm<V, false>(task, scores);
  }
}

// The sum of term(value) over a row, in as many partial sums as hide the latency of an addition.
template <class V, class Term>
[[gnu::always_inline]] inline double SumOfRow(const double* values, std::size_t size, const Term& term) {
  constexpr int kWidth = sizeof(V) / sizeof(double);
  constexpr int kSums = 4;
  V sums[kSums] = {};
  for (std::size_t i = 0; i < size; i += kSums * kWidth) {
    for (int k = 0; k < kSums; ++k) sums[k] += term(Load<V>(values + i + k * kWidth));
  }
  const V lanes = (sums[0] + sums[1]) + (sums[2] + sums[3]);
  double sum = 0;
  for (int lane = 0; lane < kWidth; ++lane) sum += lanes[lane];
  return sum;
}

template <int kBytes>
Spread MeasureSpread(double* values, std::size_t count) {
  using V = typename VectorOf<double, kBytes>::type;
  const std::size_t size = RowSize(count);
  // The padding is made to add nothing to either sum.
  for (std::size_t i = count; i < size; ++i) values[i] = 0;
  const double sum = SumOfRow<V>(
      values, size, [](const V& value) __attribute__((always_inline)) { return value; });
  const double mean = sum / static_cast<double>(count);
  for (std::size_t i = count; i < size; ++i) values[i] = mean;
  const auto square = [mean](const V& value) __attribute__((always_inline)) {
    const V deviation = value - mean;
    return deviation * deviation;
  };
  return {mean, SumOfRow<V>(values, size, square)};
}

template <int kBytes>
void GatherTails(const double* values, std::size_t count, double low, double high, Tails& tails) {
  std::size_t below = 0;
  std::size_t above = 0;
  std::size_t i = 0;
#ifdef __AVX512F__
  // The vector extension knows no way to close gaps, AVX-512 has an instruction for it.
  for (; i + 8 <= count; i += 8) {
    const __m512d value = _mm512_loadu_pd(values + i);
    const __mmask8 is_below = _mm512_cmp_pd_mask(value, _mm512_set1_pd(low), _CMP_NGE_UQ);
    const __mmask8 is_above = _mm512_cmp_pd_mask(value, _mm512_set1_pd(high), _CMP_NLE_UQ);
    _mm512_storeu_pd(tails.below + below, _mm512_maskz_compress_pd(is_below, value));
    _mm512_storeu_pd(tails.above + above, _mm512_maskz_compress_pd(is_above, value));
    below += static_cast<unsigned>(__builtin_popcount(is_below));
    above += static_cast<unsigned>(__builtin_popcount(is_above));
  }
#endif
  // Every value is written, and counted if it belongs there: no branch that would be mispredicted.
  for (; i < count; ++i) {
    const double value = values[i];
    tails.below[below] = value;
    tails.above[above] = value;
    below += !(value >= low);
    above += !(value <= high);
  }
  tails.below_count = below;
  tails.above_count = above;
}

template <int kBytes>
Neighbours SelectAmongFew(double* values, std::size_t count, std::size_t rank) {
  using V = typename VectorOf<double, kBytes>::type;
  using Int = typename Shape<V>::Int;
  constexpr std::size_t kWidth = sizeof(V) / sizeof(double);
  // The padding is made to be above nothing.
  for (std::size_t i = count; i % kWidth != 0; ++i) values[i] = __builtin_nan("");
  // The value of a rank is the largest of those that have at most as many below them.
  V value = V{} - __builtin_inf();
  V next = value;
  const auto last = static_cast<std::int64_t>(rank);
  for (std::size_t i = 0; i < count; i += kWidth) {
    const V candidates = Load<V>(values + i);
    Int below = {};
    for (std::size_t j = 0; j < count; ++j) below -= candidates > values[j];
    value = below <= last && candidates > value ? candidates : value;
    next = below <= last + 1 && candidates > next ? candidates : next;
  }
  Neighbours found = {value[0], next[0]};
  for (std::size_t lane = 1; lane < kWidth; ++lane) {
    found.value = value[lane] > found.value ? value[lane] : found.value;
    found.next = next[lane] > found.next ? next[lane] : found.next;
  }
  return found;
}

template <int kBytes>
constexpr VectorKernels MakeVectorKernels(const char* name) {
  return {name,
          ComputeFactors<kBytes>,
          SumCosts<kBytes>,
          ComputeFactorsWithSlopes<kBytes>,
          AddNormalEquations<kBytes>,
          SaturateLaws<kBytes>,
          ScoreLaws<kBytes>,
          MeasureSpread<kBytes>,
          GatherTails<kBytes>,
          SelectAmongFew<kBytes>};
}

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_CPU_VECTOR_KERNELS_BODY_H_

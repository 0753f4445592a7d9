#ifndef CTXFIT_KERNELS_OBJECTIVE_SCORE_LOOPS_H_
#define CTXFIT_KERNELS_OBJECTIVE_SCORE_LOOPS_H_

#ifdef __AVX512F__
#include <immintrin.h>
#endif

#include "kernels/law/law.h"
#include "kernels/objective/vector_kernels.h"
#include "kernels/objective/vector_types.h"

// The loops of VectorKernels whose lanes are laws: their scores, and the statistics of scores that bands need.
//
// Only the sources that are compiled for one instruction set each include this; kBytes, the size of a vector, keeps
// their instantiations apart. Nothing here may call a function of the standard library: an out-of-line copy, compiled
// for one instruction set, could be linked for all.

namespace ctxfit {

template <int kBytes>
void SaturateLaws(const double* log_coefficients, const double* exponents, double log_ratio, std::size_t size,
                  double* factors) {
  using V = typename VectorOf<double, kBytes>::type;
  for (std::size_t i = 0; i < size; i += sizeof(V) / sizeof(double)) {
    Store(Saturate(LogRate(Load<V>(log_coefficients + i), Load<V>(exponents + i), log_ratio)), factors + i);
  }
}

template <class V, bool kSharedPenalty>
[[gnu::always_inline]] inline void ScoreLawsOfForm(const ScoreArgs& args, double* scores) {
  for (std::size_t i = 0; i < args.size; i += sizeof(V) / sizeof(double)) {
    V penalty = V{} + args.penalty;
    if constexpr (!kSharedPenalty) {
      penalty = Penalize(args.excess.prompt, args.excess.onset, Load<V>(args.onset_ratio + i),
                         Load<V>(args.inverse_width + i));
    }
    const V score = Score(Load<V>(args.factors + i), Load<V>(args.other_factors + i), penalty, Load<V>(args.floor + i),
                          Load<V>(args.span + i));
    Store(score, scores + i);
  }
}

template <int kBytes>
void ScoreLaws(const ScoreArgs& args, double* scores) {
  using V = typename VectorOf<double, kBytes>::type;
  if (args.onset_ratio == nullptr) {
    ScoreLawsOfForm<V, true>(args, scores);
  } else {
    ScoreLawsOfForm<V, false>(args, scores);
  }
}

// Returns the sum of term(value) over a row, with enough partial sums to hide the latency of an addition.
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
  // Padding with 0, and then with the mean, adds nothing to either sum.
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
  // AVX-512 can compress the selected lanes, which the GNU vector extension cannot express.
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
  // Every value is written, and counted only if it is selected, which avoids mispredicted branches.
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
  // NaN is above no value.
  for (std::size_t i = count; i % kWidth != 0; ++i) values[i] = __builtin_nan("");
  // The value of a rank is the largest one with at most `rank` values below it.
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

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_OBJECTIVE_SCORE_LOOPS_H_

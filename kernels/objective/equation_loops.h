#ifndef CTXFIT_KERNELS_OBJECTIVE_EQUATION_LOOPS_H_
#define CTXFIT_KERNELS_OBJECTIVE_EQUATION_LOOPS_H_

#include "kernels/law/coordinate.h"
#include "kernels/law/law.h"
#include "kernels/law/loss.h"
#include "kernels/law/loss_rule.h"
#include "kernels/objective/moment_equations.h"
#include "kernels/objective/normal_equations.h"
#include "kernels/objective/vector_kernels.h"
#include "kernels/objective/vector_types.h"

// The loops of VectorKernels whose lanes are replicates: their normal equations.
//
// Only the sources that are compiled for one instruction set each include this; kBytes, the size of a vector, keeps
// their instantiations apart. Nothing here may call a function of the standard library: an out-of-line copy, compiled
// for one instruction set, could be linked for all.

namespace ctxfit {

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

template <class V, Loss kLoss, int kCount>
[[gnu::always_inline]] inline void AddCell(const V (&gradient)[kCount], const LossTerms<V>& loss, const V& weight,
                                           BasicNormalEquations<kCount, V>& equations) {
  const V pull = weight * loss.half_gradient;
  equations.cost += TraitsOf(kLoss).is_sum_of_squares ? pull * loss.half_gradient : weight * loss.cost;
  AddGradient(gradient, pull, TraitsOf(kLoss).is_sum_of_squares ? weight : weight * loss.curvature, equations);
}

template <class V, int kCount>
[[gnu::always_inline]] inline void AddToSums(const BasicNormalEquations<kCount, V>& equations, double* sums) {
#pragma GCC unroll 36
  for (int i = 0; i < equations.kPackedCount; ++i, sums += kReplicateLanes) {
    Store(Load<V>(sums) + equations.jtj[i], sums);
  }
#pragma GCC unroll 8
  for (int i = 0; i < kCount; ++i, sums += kReplicateLanes) Store(Load<V>(sums) + equations.jtr[i], sums);
  Store(Load<V>(sums) + equations.cost, sums);
}

// Predictions of the factors' form and their gradients, for one vector of replicates.
template <class V>
class FactorReplicateLaw {
 public:
  static constexpr int kCount = kFactorCoordinateCount;

  [[gnu::always_inline]] FactorReplicateLaw(const EquationArgs&, int) {}

  // Returns the prediction for cell i and writes its gradient, except by the exponents.
  [[gnu::always_inline]] V Evaluate(const EquationArgs& args, std::int32_t i, const Saturation<V>& f,
                                    const Saturation<V>& g, V (&gradient)[kCount]) const {
    const V value = f.value * args.penalty[i];
    gradient[kLogComputeCoefficient] = f.slope * args.penalty[i] * g.value;
    gradient[kLogContextCoefficient] = value * g.slope;
    return value * g.value;
  }
};

// Predictions of the full form and their gradients, for one vector of replicates.
template <class V>
class FullReplicateLaw {
 public:
  static constexpr int kCount = kCoordinateCount;

  [[gnu::always_inline]] FullReplicateLaw(const EquationArgs& args, int lane) {
    const double* column = args.coordinates + lane;
    onset_ratio_ = Exp(Load<V>(column + kLogPenaltyOnset * kReplicateLanes));
    inverse_width_ = Exp(-Load<V>(column + kLogPenaltyWidth * kReplicateLanes));
    floor_ = Load<V>(column + kFloor * kReplicateLanes);
    span_ = 1.0 - Load<V>(column + kHeadroom * kReplicateLanes) - floor_;
  }

  [[gnu::always_inline]] V Evaluate(const EquationArgs& args, std::int32_t i, const Saturation<V>& f,
                                    const Saturation<V>& g, V (&gradient)[kCount]) const {
    const PenaltySlopes<V> s = PenalizeWithSlopes(args.excess[i], onset_ratio_, inverse_width_);
    return ScoreWithGradient(f, g, s, floor_, span_, gradient);
  }

 private:
  V onset_ratio_;
  V inverse_width_;
  V floor_;
  V span_;
};

// Returns the weights of a unit in one vector of replicates.
template <class V>
[[gnu::always_inline]] inline V WeightOf(const double* weights, std::int32_t unit, int lane) {
  return Load<V>(weights + static_cast<std::size_t>(unit) * kReplicateLanes + lane);
}

template <class V, class Law, Loss kLoss>
[[gnu::always_inline]] inline void AddNormalEquationsOfVector(const EquationArgs& args, int lane, double* sums) {
  const V log_coefficient = Load<V>(args.coordinates + kLogContextCoefficient * kReplicateLanes + lane);
  const V exponent = Load<V>(args.coordinates + kContextExponent * kReplicateLanes + lane);
  const Law law(args, lane);
  BasicNormalEquations<Law::kCount, V> equations{};
  for (std::size_t k = args.prompt_begin; k < args.prompt_end; ++k) {
    const double log_prompt = args.prompts[k].log_prompt;
    const Saturation<V> context = SaturateWithSlope(LogRate(log_coefficient, exponent, log_prompt));
    for (std::int32_t i = args.prompts[k].cell_begin; i < args.prompts[k + 1].cell_begin; ++i) {
      const std::size_t compute = args.compute[i];
      const double* row = args.compute_factors + 2 * compute * kReplicateLanes + lane;
      const Saturation<V> factor = {Load<V>(row), Load<V>(row + kReplicateLanes)};
      V gradient[Law::kCount];
      const V prediction = law.Evaluate(args, i, factor, context, gradient);
      gradient[kComputeExponent] = gradient[kLogComputeCoefficient] * args.log_compute[compute];
      gradient[kContextExponent] = gradient[kLogContextCoefficient] * log_prompt;
      V weight = V{} + args.weight[i];
      if (args.unit != nullptr) weight *= WeightOf<V>(args.unit_weights, args.unit[i], lane);
      if (args.unit_2 != nullptr) weight *= WeightOf<V>(args.unit_2_weights, args.unit_2[i], lane);
      AddCell<V, kLoss, Law::kCount>(gradient, MeasureLoss<kLoss>(args.score[i], prediction, args.loss.threshold),
                                     weight, equations);
    }
  }
  AddToSums<V, Law::kCount>(equations, sums + lane);
}

template <int kBytes>
void AddNormalEquations(const EquationArgs& args, double* sums) {
  using V = typename VectorOf<double, kBytes>::type;
  for (int lane = 0; lane < kReplicateLanes; lane += sizeof(V) / sizeof(double)) {
    if (args.excess == nullptr) {
      AddNormalEquationsOfVector<V, FactorReplicateLaw<V>, Loss::kSquared>(args, lane, sums);
    } else {
      DispatchLoss(args.loss.loss,
                   [&]<Loss kLoss>() { AddNormalEquationsOfVector<V, FullReplicateLaw<V>, kLoss>(args, lane, sums); });
    }
  }
}

template <int kBytes>
void AddToMoments(double weight, double residual, const double* polynomials, int count, double* moments) {
  using V = typename VectorOf<double, kBytes>::type;
  constexpr int kLanes = sizeof(V) / sizeof(double);
  V by{};
#pragma GCC unroll 8
  for (int lane = 0; lane < kLanes; ++lane) by[lane] = lane % 2 == 0 ? weight : residual;
  int i = 0;
  for (; i + kLanes <= count; i += kLanes) Store(Load<V>(moments + i) + by * Load<V>(polynomials + i), moments + i);
  for (; i < count; ++i) moments[i] += (i % 2 == 0 ? weight : residual) * polynomials[i];
}

// Adds the moments [first, first + kCount) of the parts [begin, end), which are of one level, to the level's sums, kept
// in registers meanwhile.
template <class V, int kCount>
[[gnu::always_inline]] inline void AddParts(const MomentArgs& args, std::int32_t begin, std::int32_t end, int first,
                                            const double* unit_weights, const double* unit_2_weights, int lane,
                                            double* sums) {
  double* sum = sums + static_cast<std::size_t>(args.parts[begin].sums + first) * kReplicateLanes + lane;
  V total[kCount];
#pragma GCC unroll 8
  for (int i = 0; i < kCount; ++i) total[i] = Load<V>(sum + i * kReplicateLanes);
  for (std::int32_t e = begin; e < end; ++e) {
    const MomentPart& part = args.parts[e];
    V weight = WeightOf<V>(unit_weights, part.unit, lane);
    if (unit_2_weights != nullptr) weight *= WeightOf<V>(unit_2_weights, part.unit_2, lane);
    const double* moment = args.moments + part.moments + first;
#pragma GCC unroll 8
    for (int i = 0; i < kCount; ++i) total[i] += weight * moment[i];
  }
#pragma GCC unroll 8
  for (int i = 0; i < kCount; ++i) Store(total[i], sum + i * kReplicateLanes);
}

template <int kBytes>
void WeighMoments(const MomentArgs& args, const double* unit_weights, const double* unit_2_weights, double* sums) {
  using V = typename VectorOf<double, kBytes>::type;
  constexpr int kTogether = 8;
  const int count = 2 * args.panel->node_count;
  for (std::int32_t begin = args.panel->part_begin; begin < args.panel->part_end;) {
    std::int32_t end = begin + 1;
    while (end < args.panel->part_end && args.parts[end].sums == args.parts[begin].sums) ++end;
    for (int lane = 0; lane < kReplicateLanes; lane += sizeof(V) / sizeof(double)) {
      int first = 0;
      for (; first + kTogether <= count; first += kTogether) {
        AddParts<V, kTogether>(args, begin, end, first, unit_weights, unit_2_weights, lane, sums);
      }
      for (; first < count; first += 2) {
        AddParts<V, 2>(args, begin, end, first, unit_weights, unit_2_weights, lane, sums);
      }
    }
    begin = end;
  }
}

template <class V>
[[gnu::always_inline]] inline void AddMomentEquationsOfVector(const MomentArgs& args, const double* coordinates,
                                                              const double* compute_factors, const double* moments,
                                                              int lane, double* sums) {
  const V log_coefficient = Load<V>(coordinates + kLogContextCoefficient * kReplicateLanes + lane);
  const V exponent = Load<V>(coordinates + kContextExponent * kReplicateLanes + lane);
  const int node_count = args.panel->node_count;
  Saturation<V> context[kPanelNodes];
  for (int j = 0; j < node_count; ++j) {
    context[j] = SaturateWithSlope(LogRate(log_coefficient, exponent, args.panel->log_prompt[j]));
  }
  BasicNormalEquations<kFactorCoordinateCount, V> equations{};
  for (std::int32_t level = args.panel->level_begin; level < args.panel->level_end; ++level) {
    const std::size_t compute = args.level_compute[level];
    const double* row = compute_factors + 2 * compute * kReplicateLanes + lane;
    const Saturation<V> f = {Load<V>(row), Load<V>(row + kReplicateLanes)};
    const std::size_t first = args.panel->sum_begin + 2 * node_count * (level - args.panel->level_begin);
    const double* centre = args.centre + first / 2;
    const double* moment = moments + first * kReplicateLanes + lane;
    for (int j = 0; j < node_count; ++j, moment += 2 * kReplicateLanes) {
      const MomentPlace place = {args.log_compute[compute], args.panel->log_prompt[j], centre[j]};
      AddMomentSums(place, f, context[j], Load<V>(moment), Load<V>(moment + kReplicateLanes), equations);
    }
  }
  AddToSums<V, kFactorCoordinateCount>(equations, sums + lane);
}

template <int kBytes>
void AddMomentEquations(const MomentArgs& args, const double* coordinates, const double* compute_factors,
                        const double* moments, double* sums) {
  using V = typename VectorOf<double, kBytes>::type;
  for (int lane = 0; lane < kReplicateLanes; lane += sizeof(V) / sizeof(double)) {
    AddMomentEquationsOfVector<V>(args, coordinates, compute_factors, moments, lane, sums);
  }
}

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_OBJECTIVE_EQUATION_LOOPS_H_

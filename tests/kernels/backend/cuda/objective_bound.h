#ifndef CTXFIT_TESTS_KERNELS_BACKEND_CUDA_OBJECTIVE_BOUND_H_
#define CTXFIT_TESTS_KERNELS_BACKEND_CUDA_OBJECTIVE_BOUND_H_

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <vector>

#include "kernels/data/cells.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/law.h"
#include "kernels/law/loss.h"
#include "kernels/law/loss_rule.h"
#include "kernels/law/penalty.h"
#include "kernels/objective/linearization.h"

// Bounds on the difference between costs of the CUDA objective and those in double precision. u = 2^-24 throughout.

namespace ctxfit {

inline constexpr double kUnit = 0x1p-24;

// Bounds the error of a factor with coordinates a and b at log ratios up to `log_ratio`.
// kernels/backend/cuda/binary_law.h derives rho / e + 4.5 u with rho = u (3 |a| + 4 |b L| + 7); the rest allows for
// terms of second order in u.
inline double FactorBound(double log_coefficient, double exponent, double log_ratio) {
  const double rho = kUnit * (3 * std::abs(log_coefficient) + 4 * std::abs(exponent * log_ratio) + 7);
  return rho * std::exp(-1.0) + 5 * kUnit;
}

inline double LargestMagnitude(const std::vector<double>& values) {
  double largest = 0;
  for (const double x : values) largest = std::max(largest, std::abs(x));
  return largest;
}

// Relative error of a sum of squared residuals. A batch adds 32 squares, rounding each sum; the batches of a thread
// have a compensated sum, with an error of 2 u, and the threads one in double precision.
inline constexpr double kSumBound = 35 * kUnit;

// Bounds the error of the cost of `point`. The factors' errors and one rounding each of the target, the scale, f times
// the scale and the residual give the residual an error of sqrt(w) epsilon, and so the cost one of sum w (2 |r| epsilon
// + epsilon^2), beside that of the sums.
inline double CostBound(const Cells& cells, const Point& point) {
  const double epsilon =
      FactorBound(point.at[kLogComputeCoefficient], point.at[kComputeExponent], LargestMagnitude(cells.log_compute)) +
      FactorBound(point.at[kLogContextCoefficient], point.at[kContextExponent], LargestMagnitude(cells.log_prompt)) +
      5 * kUnit;
  double absolute = 0;
  double weight = 0;
  for (std::size_t k = 0; k < cells.log_prompt.size(); ++k) {
    const double g =
        Saturate(LogRate(point.at[kLogContextCoefficient], point.at[kContextExponent], cells.log_prompt[k]));
    for (std::int32_t i = cells.prompt_begin[k]; i < cells.prompt_begin[k + 1]; ++i) {
      const double f = Saturate(
          LogRate(point.at[kLogComputeCoefficient], point.at[kComputeExponent], cells.log_compute[cells.compute[i]]));
      absolute += cells.weight[i] * std::abs(cells.score[i] - f * g * cells.penalty[i]);
      weight += cells.weight[i];
    }
  }
  const double cost = WeightedCost(cells, point) - cells.within_cost;
  return 2 * epsilon * absolute + epsilon * epsilon * weight + kSumBound * cost;
}

// A quantity and a bound on its error in single precision.
struct Bounded {
  double value;
  double error;
};

// A factor in the full form; see FullForm in kernels/backend/cuda/objective_forms.h for this bound and those that
// follow.
inline Bounded BoundedFactor(double log_coefficient, double exponent, double log_ratio) {
  const double rho = kUnit * (std::abs(log_coefficient) + 3 * std::abs(exponent * log_ratio) + 4);
  const Saturation<double> factor = SaturateWithSlope(LogRate(log_coefficient, exponent, log_ratio));
  return {factor.value, factor.slope * rho + 4 * kUnit * factor.value};
}

inline Bounded BoundedPenalty(const Excess& record, const Point& point) {
  const double width = std::exp(point.at[kLogPenaltyWidth]);
  const double onset = std::exp(point.at[kLogPenaltyOnset]) * record.onset;
  const double excess = (record.prompt - onset) / width;
  const double error = kUnit * (std::abs(record.prompt) + 6 * std::abs(onset)) / width + 6 * kUnit * std::abs(excess);
  const double s = Penalize(excess);
  const double change = std::max(Penalize(excess - error) - s, s - Penalize(excess + error));
  return {s, change + 6 * kUnit * s + 1e-20};
}

inline Bounded BoundedPrediction(const Bounded& f, const Bounded& g, const Bounded& s, const Point& point) {
  const double floor = point.at[kFloor];
  const double span = 1 - point.at[kHeadroom] - floor;
  const double share = f.value * g.value * s.value;
  const double prediction = floor + span * share;
  const double of_factors =
      f.error * g.value * s.value + f.value * g.error * s.value + f.value * g.value * s.error + 3 * kUnit * share;
  return {prediction,
          std::abs(span) * of_factors + 2 * kUnit * share + kUnit * (std::abs(prediction) + std::abs(floor))};
}

// The cost of a score, without SaturatedCost() of it.
inline Bounded BoundedLoss(const LossRule& rule, double y, const Bounded& prediction) {
  const auto cost_at = [&](double score, double at) {
    return DispatchLoss(rule.loss, [&]<Loss kLoss>() { return MeasureLoss<kLoss>(score, at, rule.threshold).cost; });
  };
  const double low = prediction.value - prediction.error;
  const double high = prediction.value + prediction.error;
  const double cost = cost_at(y, prediction.value);
  double error = 0;
  for (const double at : {low, std::clamp(y, low, high), high}) {
    for (const double score : {y - kUnit * y, y + kUnit * y}) {
      const double other = cost_at(score, at);
      error = std::max(error, std::abs(other - cost) + 8 * kUnit * std::abs(other));
    }
  }
  if (rule.loss == Loss::kBernoulli) error += 2 * kUnit + (high >= 1 - 1e-6 ? 2 * (1 - y) * 0.031 : 0);
  return {cost, error};
}

// The cost of `point` over cells of the full form, without within_cost and ConstantCost(). A hundredth allows for terms
// of second order in u.
inline Bounded BoundedFullCost(const Cells& cells, const Point& point) {
  Bounded sum = {0, 0};
  for (std::size_t k = 0; k < cells.log_prompt.size(); ++k) {
    const Bounded g = BoundedFactor(point.at[kLogContextCoefficient], point.at[kContextExponent], cells.log_prompt[k]);
    for (std::int32_t i = cells.prompt_begin[k]; i < cells.prompt_begin[k + 1]; ++i) {
      const Bounded f = BoundedFactor(point.at[kLogComputeCoefficient], point.at[kComputeExponent],
                                      cells.log_compute[cells.compute[i]]);
      const Bounded prediction = BoundedPrediction(f, g, BoundedPenalty(cells.excess[i], point), point);
      const Bounded loss = BoundedLoss(cells.loss, cells.score[i], prediction);
      sum.value += cells.weight[i] * loss.value;
      sum.error += cells.weight[i] * loss.error;
    }
  }
  // Weights are rounded, too.
  return {sum.value, 1.01 * (sum.error + (kSumBound + 2 * kUnit) * sum.value)};
}

inline Point InDouble(const BasicPoint<float>& member) {
  Point point;
  std::copy(std::begin(member.at), std::end(member.at), std::begin(point.at));
  return point;
}

}  // namespace ctxfit

#endif  // CTXFIT_TESTS_KERNELS_BACKEND_CUDA_OBJECTIVE_BOUND_H_

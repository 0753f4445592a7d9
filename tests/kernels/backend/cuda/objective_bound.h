#ifndef CTXFIT_TESTS_KERNELS_BACKEND_CUDA_OBJECTIVE_BOUND_H_
#define CTXFIT_TESTS_KERNELS_BACKEND_CUDA_OBJECTIVE_BOUND_H_

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "kernels/data/cells.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/law.h"
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

inline Point InDouble(const BasicPoint<float>& member) {
  return {{member.at[0], member.at[1], member.at[2], member.at[3]}};
}

}  // namespace ctxfit

#endif  // CTXFIT_TESTS_KERNELS_BACKEND_CUDA_OBJECTIVE_BOUND_H_

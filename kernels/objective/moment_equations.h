#ifndef CTXFIT_KERNELS_OBJECTIVE_MOMENT_EQUATIONS_H_
#define CTXFIT_KERNELS_OBJECTIVE_MOMENT_EQUATIONS_H_

#include "kernels/base/host_device.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/law.h"
#include "kernels/objective/normal_equations.h"

namespace ctxfit {

// The place of a sum of Moments: one node of one level of a panel.
struct MomentPlace {
  double log_compute;
  double log_prompt;
  double centre;  // the factors' product at the centre
};

// Adds the two sums of a replicate at one place to its normal equations, with the factors f and g at its point. The
// cost is relative to that at the centre.
template <class T>
CTXFIT_HD void AddMomentSums(const MomentPlace& place, const Saturation<T>& f, const Saturation<T>& g, const T& weight,
                             const T& residual, BasicNormalEquations<kFactorCoordinateCount, T>& equations) {
  T gradient[kFactorCoordinateCount];
  gradient[kLogComputeCoefficient] = f.slope * g.value;
  gradient[kComputeExponent] = gradient[kLogComputeCoefficient] * place.log_compute;
  gradient[kLogContextCoefficient] = f.value * g.slope;
  gradient[kContextExponent] = gradient[kLogContextCoefficient] * place.log_prompt;
  const T distance = f.value * g.value - place.centre;
  const T pull = residual - distance * weight;
  equations.cost -= distance * (residual + pull);
  AddGradient(gradient, pull, weight, equations);
}

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_OBJECTIVE_MOMENT_EQUATIONS_H_

#ifndef CTXFIT_KERNELS_LAW_LOSS_H_
#define CTXFIT_KERNELS_LAW_LOSS_H_

#include "kernels/base/elementary.h"
#include "kernels/base/host_device.h"
#include "kernels/law/loss_rule.h"

// The cost of a score y at a prediction P: a fit minimises sum w cost(y, P). Written once, for the host, its vector
// units and the device.

namespace ctxfit {

// A cost and its derivatives by P, as a descent needs them.
template <class T>
struct LossTerms {
  T cost;
  T half_gradient;  // -1/2 d cost / dP; r for the squared loss
  T curvature;      // half the second derivative of a descent's quadratic model of the cost; 1 for the squared loss
};

template <Loss kLoss, class T>
CTXFIT_HD LossTerms<T> MeasureLoss(Element<T> y, T prediction, Element<T> threshold) {
  using E = Element<T>;
  const T residual = y - prediction;
  if constexpr (kLoss == Loss::kSquared) {
    return {residual * residual, residual, T{} + E(1)};
  } else if constexpr (kLoss == Loss::kHuber) {
    const T distance = residual < E(0) ? -residual : residual;
    const T capped = distance < threshold ? distance : threshold;
    // The parabola through the residual with the loss's slope there (iteratively reweighted least squares).
    const T curvature = distance < threshold ? E(1) : threshold / distance;
    return {capped * (E(2) * distance - capped), residual * curvature, curvature};
  } else {
    constexpr E kLowest = E(1e-6);
    const T raised = prediction < kLowest ? kLowest : prediction;
    const T p = raised > E(1) - kLowest ? E(1) - kLowest : raised;
    // The cost does not depend on P where P is clamped.
    const T inverse_variance = p == prediction ? E(1) / (p * (E(1) - p)) : E(0);
    const T cost = E(-2) * (y * Log(p) + (E(1) - y) * Log(E(1) - p));
    return {cost, residual * inverse_variance, inverse_variance};
  }
}

// What the Bernoulli loss leaves of its cost at best, P = y: MeasureLoss() is without this constant of a score, which
// takes two more logarithms. <= 0.
inline double SaturatedCost(double y) {
  const auto term = [](double share) { return share > 0 ? 2 * share * Log(share) : 0; };
  return term(y) + term(1 - y);
}

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_LAW_LOSS_H_

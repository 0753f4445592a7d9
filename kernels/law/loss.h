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
    static_assert(kLoss == Loss::kBernoulli);
    constexpr E kLowest = E(1e-6);
    const T raised = prediction < kLowest ? kLowest : prediction;
    const T p = raised > E(1) - kLowest ? E(1) - kLowest : raised;
    // The cost does not depend on P where P is clamped.
    const T inverse_variance = p == prediction ? E(1) / (p * (E(1) - p)) : E(0);
    const T cost = E(-2) * (y * Log(p) + (E(1) - y) * Log(E(1) - p));
    return {cost, residual * inverse_variance, inverse_variance};
  }
}

// Calls visit.operator()<kLoss>() for the loss that is `loss`.
template <class Visit>
[[gnu::always_inline]] inline auto DispatchLoss(Loss loss, const Visit& visit) {
  switch (loss) {
    case Loss::kSquared:
      return visit.template operator()<Loss::kSquared>();
    case Loss::kHuber:
      return visit.template operator()<Loss::kHuber>();
    case Loss::kBernoulli:
      return visit.template operator()<Loss::kBernoulli>();
  }
  __builtin_unreachable();
}

// The expected second derivative of a cost, halved: LossTerms::curvature, except under Huber's loss, whose second
// derivative is 0 beyond the threshold.
inline double FisherCurvature(Loss loss, const LossTerms<double>& terms) {
  if (TraitsOf(loss).descends_by_second_derivative) return terms.curvature;
  return terms.curvature < 1 ? 0 : 1;
}

// The part of a deviance that MeasureLoss() leaves out because it depends on the score alone: the cost at P = y, <= 0.
inline double SaturatedCost(double y) {
  const auto term = [](double share) { return share > 0 ? 2 * share * Log(share) : 0; };
  return term(y) + term(1 - y);
}

// The deviance of a score y at a prediction of P, >= 0 up to rounding.
inline double Deviance(double y, double prediction) {
  return MeasureLoss<Loss::kBernoulli>(y, prediction, 0.0).cost + SaturatedCost(y);
}

// The cost of a score y at a prediction of P and its derivatives, with all of a deviance.
inline LossTerms<double> MeasureFullLoss(const LossRule& rule, double y, double prediction) {
  LossTerms<double> terms =
      DispatchLoss(rule.loss, [&]<Loss kLoss>() { return MeasureLoss<kLoss>(y, prediction, rule.threshold); });
  if (TraitsOf(rule.loss).is_deviance) terms.cost += SaturatedCost(y);
  return terms;
}

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_LAW_LOSS_H_

#ifndef CTXFIT_KERNELS_LAW_H_
#define CTXFIT_KERNELS_LAW_H_

#include "kernels/elementary.h"
#include "kernels/host_device.h"

// The context-aware scaling law of arXiv 2510.14919, written once, for the host, its vector units and the device:
//
//   P(C, n, n_ctx) = f(C) g(n) s(n, n_ctx)
//   f = 1 - exp(-A (C / C^c)^alpha),  g = 1 - exp(-B (n / n^c)^beta),  s = 1 / (1 + exp((n - r n_ctx) / w))
//
// f and g are the same function of two coordinates each: Saturate(ln A + alpha ln(C / C^c)) and
// Saturate(ln B + beta ln(n / n^c)).

namespace ctxfit {

// The coordinates of search and refinement. Only these four are determined by data: C^c and n^c are chosen scales.
enum Coordinate : int {
  kLogComputeCoefficient,  // ln A
  kComputeExponent,        // alpha
  kLogContextCoefficient,  // ln B
  kContextExponent,        // beta
  kCoordinateCount,
};

// A point in those coordinates.
template <class T>
struct BasicPoint {
  T at[kCoordinateCount];
};
using Point = BasicPoint<double>;

// A saturating factor and its derivative by its argument.
template <class T>
struct Saturation {
  T value;
  T slope;
};

// The argument of a saturating factor: coefficient and exponent in coordinates, ratio = value / reference.
template <class T>
CTXFIT_HD T LogRate(T log_coefficient, T exponent, Element<T> log_ratio) {
  return log_coefficient + exponent * log_ratio;
}

// 1 - exp(-exp(log_rate)), in [0, 1].
template <class T>
CTXFIT_HD T Saturate(T log_rate) {
  return -Expm1(-Exp(log_rate));
}

// The same with its derivative by log_rate, exp(log_rate - exp(log_rate)). The rate is capped where its exponential has
// vanished in either precision, so that the product is 0 there and not infinity times 0.
template <class T>
CTXFIT_HD Saturation<T> SaturateWithSlope(T log_rate) {
  using E = Element<T>;
  T rate = Exp(log_rate);
  rate = rate < E(800) ? rate : E(800);
  const T minus_value = Expm1(-rate);
  return {-minus_value, rate * (E(1) + minus_value)};
}

// The penalty beyond the context limit: the logistic in (n - r n_ctx) / w, in [0, 1].
template <class T>
CTXFIT_HD T Penalize(T prompt_tokens, T onset_tokens, T width_tokens) {
  return T(1) / (T(1) + Exp((prompt_tokens - onset_tokens) / width_tokens));
}

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_LAW_H_

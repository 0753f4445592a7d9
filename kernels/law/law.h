#ifndef CTXFIT_KERNELS_LAW_LAW_H_
#define CTXFIT_KERNELS_LAW_LAW_H_

#include "kernels/base/elementary.h"
#include "kernels/base/host_device.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/penalty.h"

// The context-aware scaling law of arXiv 2510.14919, written once, for the host, its vector units and the device:
//
//   P(C, n, n_ctx) = floor + (ceiling - floor) f(C) g(n) s(n, n_ctx)
//   f = 1 - exp(-A (C / C^c)^alpha),  g = 1 - exp(-B (n / n^c)^beta),  s = 1 / (1 + exp((n - r n_ctx - lag) / w))
//
// The paper's own law has floor 0, ceiling 1 and lag 0. The lag is 0 here too but for a step, a penalty held at a width
// of 1 token: it is centred 10 tokens beyond the limit, so that a prompt as long as the limit is within it, and departs
// from the paper's only there. f and g are the same function of two coordinates each:
// Saturate(ln A + alpha ln(C / C^c)) and Saturate(ln B + beta ln(n / n^c)).

namespace ctxfit {

// The value of a saturating factor and its derivative by its argument, the log rate.
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

// Saturate() and its derivative by log_rate, exp(log_rate - exp(log_rate)). The rate is capped beyond the point where
// its exponential vanishes in either precision, so that the slope is 0 and not infinity times 0.
template <class T>
CTXFIT_HD Saturation<T> SaturateWithSlope(T log_rate) {
  using E = Element<T>;
  T rate = Exp(log_rate);
  rate = rate < E(800) ? rate : E(800);
  const T minus_value = Expm1(-rate);
  return {-minus_value, rate * (E(1) + minus_value)};
}

// f at ln(C / C^c), and g at ln(n / n^c), for the coefficients and exponents of `point`.
template <class T>
CTXFIT_HD T ComputeFactor(const BasicPoint<T>& point, Element<T> log_compute) {
  return Saturate(LogRate(point.at[kLogComputeCoefficient], point.at[kComputeExponent], log_compute));
}
template <class T>
CTXFIT_HD T ContextFactor(const BasicPoint<T>& point, Element<T> log_prompt) {
  return Saturate(LogRate(point.at[kLogContextCoefficient], point.at[kContextExponent], log_prompt));
}

// f and g with their derivatives by ln A and ln B.
template <class T>
CTXFIT_HD Saturation<T> ComputeFactorWithSlope(const BasicPoint<T>& point, Element<T> log_compute) {
  return SaturateWithSlope(LogRate(point.at[kLogComputeCoefficient], point.at[kComputeExponent], log_compute));
}
template <class T>
CTXFIT_HD Saturation<T> ContextFactorWithSlope(const BasicPoint<T>& point, Element<T> log_prompt) {
  return SaturateWithSlope(LogRate(point.at[kLogContextCoefficient], point.at[kContextExponent], log_prompt));
}

// The penalty beyond the context limit, in [0, 1], by excess = (n - r n_ctx - lag) / w. Below 1e-20, which leaves
// nothing of a score in double precision, it is set to 0: subnormal products would take a hundred times as long as
// others.
template <class T>
CTXFIT_HD T Penalize(T excess) {
  using E = Element<T>;
  // 1 / exp(60) is below 1e-20, and is a normal number in single precision too.
  excess = excess < E(60) ? excess : E(60);
  const T value = E(1) / (E(1) + Exp(excess));
  return value < E(1e-20) ? E(0) : value;
}

// The penalty of a record with that Excess, at coordinates of the onset and the width.
template <class T>
CTXFIT_HD T Penalize(Element<T> prompt, Element<T> onset, T onset_ratio, T inverse_width) {
  return Penalize((prompt - onset_ratio * onset) * inverse_width);
}

// The penalty and its derivatives by ln w and ln r.
template <class T>
struct PenaltySlopes {
  T value;
  T by_log_width;
  T by_log_onset;
};

template <class T>
CTXFIT_HD PenaltySlopes<T> PenalizeWithSlopes(const Excess& record, T onset_ratio, T inverse_width) {
  using E = Element<T>;
  const T onset = onset_ratio * E(record.onset) * inverse_width;
  T excess = E(record.prompt) * inverse_width - onset;
  const T value = Penalize(excess);
  const T slope = value * (E(1) - value);
  // Far from the onset the slope has vanished: the excess is capped there, so that the product is 0 and not NaN.
  excess = excess < E(1e30) ? excess : E(1e30);
  return {value, slope * excess, slope * onset};
}

// span = ceiling - floor.
template <class T>
CTXFIT_HD T SpanOf(const BasicPoint<T>& point) {
  return Element<T>(1) - point.at[kHeadroom] - point.at[kFloor];
}

// The expected score, in [floor, floor + span]: floor + span f g s.
template <class T>
CTXFIT_HD T Score(const T& f, const T& g, const T& s, const T& floor, const T& span) {
  return floor + span * (f * g * s);
}

// The expected score and its derivatives by the coordinates, written to `gradient`; those by alpha and beta, which are
// the ones by ln A and ln B times ln(C / C^c) and ln(n / n^c), are left to the caller.
template <class T>
CTXFIT_HD T ScoreWithGradient(const Saturation<T>& f, const Saturation<T>& g, const PenaltySlopes<T>& s, const T& floor,
                              const T& span, T (&gradient)[kCoordinateCount]) {
  using E = Element<T>;
  const T product = f.value * g.value;
  const T share = product * s.value;
  const T scale = span * s.value;
  gradient[kLogComputeCoefficient] = f.slope * g.value * scale;
  gradient[kLogContextCoefficient] = f.value * g.slope * scale;
  gradient[kLogPenaltyWidth] = span * product * s.by_log_width;
  gradient[kLogPenaltyOnset] = span * product * s.by_log_onset;
  gradient[kFloor] = E(1) - share;
  gradient[kHeadroom] = -share;
  return floor + span * share;
}

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_LAW_LAW_H_

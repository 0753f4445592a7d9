#ifndef CTXFIT_KERNELS_BACKEND_CUDA_BINARY_LAW_H_
#define CTXFIT_KERNELS_BACKEND_CUDA_BINARY_LAW_H_

#include <cmath>

#include "kernels/backend/cuda/extensions.h"
#include "kernels/base/host_device.h"
#include "kernels/law/law.h"

// The law as a search evaluates it: in single precision and to the base 2, for which a GPU's special-function units
// compute an exponential in one instruction.
//
// Its error, with u = 2^-24 and Exp2 within 4 u relative: a factor's value is 1 - 2^-q with q = 2^x and x = log2(e) (a
// + b L) + log2(log2(e)), so that q ln 2 is the rate exp(a + b L). In x, the scaled coefficients have errors of 2 u |a|
// log2(e) + 2 u and 2 u |b| log2(e), L has u |L|, and the sum is rounded: in total u log2(e) (3 |a| + 4 |b L|) + 3 u.
// The relative error of the rate is then
//
//   rho = u (3 |a| + 4 |b L| + 7)
//
// and that of the value, absolute, rate exp(-rate) rho + 4 u exp(-rate) + u / 2 <= rho / e + 4.5 u. A value far below 1
// thus has fewer correct digits than expm1 gives. But scores are shares of 1, and a residual y - f g s rounds them to
// single precision, by u, in any case.

namespace ctxfit {

// 2^x within 2^-22 relative where that is a normal number, and 0 below: 0 at -infinity, +infinity from 128 on. On the
// device this is one instruction; exp2f, which consists of it for such results, is documented to be within 2 units in
// the last place (CUDA C++ Programming Guide, table of standard functions). Its last bits are the hardware's: nothing
// promises that they are the same in every generation of GPUs.
CTXFIT_HD float Exp2(float x) {
#ifdef __CUDA_ARCH__
  float value;
  CTXFIT_APPROXIMATE_EXP2(value, x);
  return value;
#else
  return std::exp2(x);
#endif
}

// The coordinates of one saturating factor, to the base 2.
struct BinaryRate {
  float log_coefficient;  // log2(e) a + log2(log2(e))
  float exponent;         // log2(e) b
};

CTXFIT_HD BinaryRate ToBinary(float log_coefficient, float exponent) {
  constexpr float kLog2E = 1.44269504f;
  constexpr float kLog2OfLog2E = 0.528766373f;
  return {fmaf(kLog2E, log_coefficient, kLog2OfLog2E), kLog2E * exponent};
}

// Returns 1 - exp(-rate) at that log ratio; 1 if the rate overflows.
CTXFIT_HD float Saturate(const BinaryRate& rate, float log_ratio) {
  return 1.0f - Exp2(-Exp2(fmaf(rate.exponent, log_ratio, rate.log_coefficient)));
}

// Returns `sum` plus the squared residual of a cell. The residual form cancels nothing where residuals are small.
CTXFIT_HD float AddSquare(float sum, float target, float scale, float f, float g) {
  const float residual = fmaf(-(f * scale), g, target);
  return fmaf(residual, residual, sum);
}

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BACKEND_CUDA_BINARY_LAW_H_

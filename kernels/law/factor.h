#ifndef CTXFIT_KERNELS_LAW_FACTOR_H_
#define CTXFIT_KERNELS_LAW_FACTOR_H_

#include "kernels/law/coordinate.h"

namespace ctxfit {

// The coordinates of one of the law's two factors.
struct Factor {
  Coordinate coefficient;
  Coordinate exponent;
};
inline constexpr Factor kComputeFactor = {kLogComputeCoefficient, kComputeExponent};
inline constexpr Factor kContextFactor = {kLogContextCoefficient, kContextExponent};

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_LAW_FACTOR_H_

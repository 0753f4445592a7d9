#ifndef CTXFIT_KERNELS_LAW_FACTOR_H_
#define CTXFIT_KERNELS_LAW_FACTOR_H_

#include "kernels/law/coordinate.h"

namespace ctxfit {

// The variable of one of the law's two factors.
enum class Variable { kCompute, kPrompt };

// The coordinates of a factor.
struct Factor {
  Coordinate coefficient;
  Coordinate exponent;
};
inline constexpr Factor kComputeFactor = {kLogComputeCoefficient, kComputeExponent};
inline constexpr Factor kContextFactor = {kLogContextCoefficient, kContextExponent};

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_LAW_FACTOR_H_

#ifndef CTXFIT_KERNELS_BACKEND_CUDA_ADD_FACTOR_EQUATIONS_H_
#define CTXFIT_KERNELS_BACKEND_CUDA_ADD_FACTOR_EQUATIONS_H_

#include "kernels/base/host_device.h"
#include "kernels/law/coordinate.h"
#include "kernels/objective/normal_equations.h"

namespace ctxfit {

// Adds one thread's normal equations to another's, as a block reduces them.
struct AddFactorEquations {
  CTXFIT_HD FactorEquations operator()(FactorEquations a, const FactorEquations& b) const {
#pragma GCC unroll 16
    for (int i = 0; i < FactorEquations::kPackedCount; ++i) a.jtj[i] += b.jtj[i];
#pragma GCC unroll 16
    for (int i = 0; i < kFactorCoordinateCount; ++i) a.jtr[i] += b.jtr[i];
    a.cost += b.cost;
    return a;
  }
};

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BACKEND_CUDA_ADD_FACTOR_EQUATIONS_H_

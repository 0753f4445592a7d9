#ifndef CTXFIT_KERNELS_BACKEND_CUDA_ADD_EQUATIONS_H_
#define CTXFIT_KERNELS_BACKEND_CUDA_ADD_EQUATIONS_H_

#include "kernels/base/host_device.h"
#include "kernels/objective/normal_equations.h"

namespace ctxfit {

// Adds one thread's normal equations to another's, as a block reduces them.
struct AddEquations {
  template <int kCount>
  CTXFIT_HD BasicNormalEquations<kCount> operator()(BasicNormalEquations<kCount> a,
                                                    const BasicNormalEquations<kCount>& b) const {
#pragma GCC unroll 36
    for (int i = 0; i < BasicNormalEquations<kCount>::kPackedCount; ++i) a.jtj[i] += b.jtj[i];
#pragma GCC unroll 16
    for (int i = 0; i < kCount; ++i) a.jtr[i] += b.jtr[i];
    a.cost += b.cost;
    return a;
  }
};

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BACKEND_CUDA_ADD_EQUATIONS_H_

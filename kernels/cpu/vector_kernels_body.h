#ifndef CTXFIT_KERNELS_CPU_VECTOR_KERNELS_BODY_H_
#define CTXFIT_KERNELS_CPU_VECTOR_KERNELS_BODY_H_

#include "kernels/cpu/equation_loops.h"
#include "kernels/cpu/objective_loops.h"
#include "kernels/cpu/score_loops.h"
#include "kernels/cpu/vector_kernels.h"

namespace ctxfit {

// The loops for vectors of kBytes.
template <int kBytes>
constexpr VectorKernels MakeVectorKernels(const char* name) {
  return {name,
          ComputeFactors<kBytes>,
          SumCosts<kBytes>,
          ComputeFactorsWithSlopes<kBytes>,
          AddNormalEquations<kBytes>,
          AddToMoments<kBytes>,
          WeighMoments<kBytes>,
          AddMomentEquations<kBytes>,
          SaturateLaws<kBytes>,
          ScoreLaws<kBytes>,
          MeasureSpread<kBytes>,
          GatherTails<kBytes>,
          SelectAmongFew<kBytes>};
}

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_CPU_VECTOR_KERNELS_BODY_H_

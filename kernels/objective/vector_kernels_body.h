#ifndef CTXFIT_KERNELS_OBJECTIVE_VECTOR_KERNELS_BODY_H_
#define CTXFIT_KERNELS_OBJECTIVE_VECTOR_KERNELS_BODY_H_

#include "kernels/objective/equation_loops.h"
#include "kernels/objective/objective_loops.h"
#include "kernels/objective/score_loops.h"
#include "kernels/objective/vector_kernels.h"

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

#endif  // CTXFIT_KERNELS_OBJECTIVE_VECTOR_KERNELS_BODY_H_

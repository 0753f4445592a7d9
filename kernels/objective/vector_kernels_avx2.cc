#include "kernels/objective/vector_kernels_body.h"

// The vector kernels for AVX2 with FMA.

namespace ctxfit {

extern const VectorKernels kAvx2Kernels;
constexpr VectorKernels kAvx2Kernels = MakeVectorKernels<32>("AVX2");

}  // namespace ctxfit

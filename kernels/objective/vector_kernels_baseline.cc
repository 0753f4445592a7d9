#include "kernels/objective/vector_kernels_body.h"

// The vector kernels for the instruction set that every processor of the architecture has: SSE2 on x86-64, NEON on
// AArch64.

namespace ctxfit {

extern const VectorKernels kBaselineKernels;
constexpr VectorKernels kBaselineKernels = MakeVectorKernels<16>("128-bit vectors");

}  // namespace ctxfit

#include "kernels/objective/vector_kernels_body.h"

// The vector kernels for AVX-512 with its DQ, VL and BW extensions, and FMA.

namespace ctxfit {

extern const VectorKernels kAvx512Kernels;
constexpr VectorKernels kAvx512Kernels = MakeVectorKernels<64>("AVX-512");

}  // namespace ctxfit

#include "kernels/objective/vector_kernels.h"

namespace ctxfit {

extern const VectorKernels kBaselineKernels;
#ifdef __x86_64__
extern const VectorKernels kAvx2Kernels;
extern const VectorKernels kAvx512Kernels;
#endif

std::vector<const VectorKernels*> SupportedVectorKernels() {
  std::vector<const VectorKernels*> supported;
#ifdef __x86_64__
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  const bool avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw");
  if (avx512) supported.push_back(&kAvx512Kernels);
  if (avx2) supported.push_back(&kAvx2Kernels);
#endif
  supported.push_back(&kBaselineKernels);
  return supported;
}

const VectorKernels& BestVectorKernels() { return *SupportedVectorKernels().front(); }

}  // namespace ctxfit

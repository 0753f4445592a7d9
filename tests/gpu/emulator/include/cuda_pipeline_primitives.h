#ifndef CTXFIT_TESTS_GPU_EMULATOR_INCLUDE_CUDA_PIPELINE_PRIMITIVES_H_
#define CTXFIT_TESTS_GPU_EMULATOR_INCLUDE_CUDA_PIPELINE_PRIMITIVES_H_

#include <cstddef>

#include "tests/gpu/emulator/language.h"

inline void __pipeline_memcpy_async(void* to, const void* from, std::size_t size) {
  ::ctxfit::emulator::BeginCopy(to, from, size);
}
inline void __pipeline_commit() { ::ctxfit::emulator::CommitCopies(); }
inline void __pipeline_wait_prior(int prior) { ::ctxfit::emulator::WaitForCopies(prior); }

#endif  // CTXFIT_TESTS_GPU_EMULATOR_INCLUDE_CUDA_PIPELINE_PRIMITIVES_H_

#ifndef CTXFIT_TESTS_GPU_EMULATOR_HOOKS_H_
#define CTXFIT_TESTS_GPU_EMULATOR_HOOKS_H_

#include <cstddef>

#include "tests/gpu/emulator/shadow.h"

namespace ctxfit::emulator {

// Checks an access by the thread of a kernel, or by an algorithm, that runs, wherever the address lies.
void CheckKernelAccess(const void* address, std::size_t size, Access access, const void* caller);

}  // namespace ctxfit::emulator

#endif  // CTXFIT_TESTS_GPU_EMULATOR_HOOKS_H_

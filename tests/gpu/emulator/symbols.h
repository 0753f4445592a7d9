#ifndef CTXFIT_TESTS_GPU_EMULATOR_SYMBOLS_H_
#define CTXFIT_TESTS_GPU_EMULATOR_SYMBOLS_H_

#include <string>

namespace ctxfit::emulator {

// Returns the name of the function that begins at `function`, without its parameters.
std::string NameOfFunction(const void* function);

// Returns "file.cuh:12" for the call that returns to `caller`: the line of the innermost inlined function.
std::string LineOf(const void* caller);

}  // namespace ctxfit::emulator

#endif  // CTXFIT_TESTS_GPU_EMULATOR_SYMBOLS_H_

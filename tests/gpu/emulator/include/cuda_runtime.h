#ifndef CTXFIT_TESTS_GPU_EMULATOR_INCLUDE_CUDA_RUNTIME_H_
#define CTXFIT_TESTS_GPU_EMULATOR_INCLUDE_CUDA_RUNTIME_H_

// CUDA's extensions of C++ as far as the kernels use them: qualifiers, built-in variables and functions, launches.
// Every .cu file includes this before its first line, as nvcc has it do.

#include <cuda_runtime_api.h>
#include <math.h>

#include <memory>
#include <tuple>
#include <utility>

#include "tests/gpu/emulator/algorithm.h"
#include "tests/gpu/emulator/language.h"

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline __attribute__((always_inline))
#define __launch_bounds__(...)

// The names of kernels/backend/cuda/extensions.h.
#define CTXFIT_SHARED(type, name) \
  auto& name = *static_cast<type*>(::ctxfit::emulator::SharedVariable(__FILE__, __LINE__, sizeof(type), alignof(type)))
#define CTXFIT_DYNAMIC_SHARED(type, name) \
  auto* const name = static_cast<type*>(::ctxfit::emulator::DynamicSharedMemory(alignof(type)))
#define CTXFIT_APPROXIMATE_EXP2(result, x) result = ::ctxfit::emulator::ApproximateExp2(x)
#define CTXFIT_BEGIN_ALGORITHM(stream) const ::ctxfit::emulator::DeviceAlgorithm algorithm_on_device(stream)

// The built-in variables, whose members ask the thread that runs. They are no macros, because CUDA's own structs have
// members of their names.
template <auto kValue, auto kMember>
struct CtxfitBuiltInMember {
  operator unsigned() const { return kValue().*kMember; }
};
template <auto kValue, class Type>
struct CtxfitBuiltIn {
  CtxfitBuiltInMember<kValue, &Type::x> x;
  CtxfitBuiltInMember<kValue, &Type::y> y;
  CtxfitBuiltInMember<kValue, &Type::z> z;
};
inline constexpr CtxfitBuiltIn<::ctxfit::emulator::ThreadIndex, uint3> threadIdx;
inline constexpr CtxfitBuiltIn<::ctxfit::emulator::BlockIndex, uint3> blockIdx;
inline constexpr CtxfitBuiltIn<::ctxfit::emulator::BlockSize, dim3> blockDim;
inline constexpr CtxfitBuiltIn<::ctxfit::emulator::GridSize, dim3> gridDim;

inline uint2 make_uint2(unsigned x, unsigned y) { return {x, y}; }
inline uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w) { return {x, y, z, w}; }

inline int min(int a, int b) { return a < b ? a : b; }
inline float __int_as_float(int bits) { return __builtin_bit_cast(float, bits); }

inline void __syncthreads(const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
  ::ctxfit::emulator::BlockBarrier({file, line});
}
inline void __syncwarp(const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
  ::ctxfit::emulator::WarpBarrier({file, line});
}

// Checked as atomics by hooks.cc, which the compiler calls in their place.
inline int atomicAdd(int* address, int value) { return __atomic_fetch_add(address, value, __ATOMIC_RELAXED); }
inline int atomicSub(int* address, int value) { return __atomic_fetch_sub(address, value, __ATOMIC_RELAXED); }
inline unsigned long long atomicAdd(unsigned long long* address, unsigned long long value) {
  return __atomic_fetch_add(address, value, __ATOMIC_RELAXED);
}

// Keeps the arguments by value until the kernel has run.
template <class... Parameters, class... Arguments>
cudaError_t cudaLaunchKernelEx(const cudaLaunchConfig_t* config, void (*kernel)(Parameters...),
                               Arguments&&... arguments) {
  struct Call {
    void (*kernel)(Parameters...);
    std::tuple<Parameters...> arguments;
  };
  const auto call = std::make_shared<const Call>(Call{kernel, {std::forward<Arguments>(arguments)...}});
  constexpr auto run = [](const void* data) {
    const Call& made = *static_cast<const Call*>(data);
    std::apply(made.kernel, made.arguments);
  };
  return ::ctxfit::emulator::EnqueueKernel(*config, {reinterpret_cast<const void*>(kernel), run, call, sizeof(Call)});
}

#endif  // CTXFIT_TESTS_GPU_EMULATOR_INCLUDE_CUDA_RUNTIME_H_

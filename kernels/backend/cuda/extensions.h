#ifndef CTXFIT_KERNELS_BACKEND_CUDA_EXTENSIONS_H_
#define CTXFIT_KERNELS_BACKEND_CUDA_EXTENSIONS_H_

// Extensions of C++ that kernels use beside CUDA's qualifiers, under names that a compiler without them can define as
// it needs; tests/gpu/emulator does.

#ifndef CTXFIT_SHARED

// Declares a variable that the threads of a block share.
#define CTXFIT_SHARED(type, name) __shared__ type name

// Declares the array that takes up the shared memory with which a kernel is launched.
#define CTXFIT_DYNAMIC_SHARED(type, name) extern __shared__ type name[]

// Sets `result` to 2^x by the one instruction of the special-function units; see Exp2().
#define CTXFIT_APPROXIMATE_EXP2(result, x) asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(result) : "f"(x))

// Begins a scope in which algorithms of Thrust run in the order of `stream`, as the policy that they are given says.
#define CTXFIT_BEGIN_ALGORITHM(stream)

#endif

#endif  // CTXFIT_KERNELS_BACKEND_CUDA_EXTENSIONS_H_

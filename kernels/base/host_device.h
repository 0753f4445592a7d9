#ifndef CTXFIT_KERNELS_BASE_HOST_DEVICE_H_
#define CTXFIT_KERNELS_BASE_HOST_DEVICE_H_

// Marks functions that g++ compiles for the host and nvcc for host and device. They are always inlined: the CPU backend
// compiles them once per instruction set, and a shared out-of-line copy would be the wrong one on some machines.
#ifdef __CUDACC__
#define CTXFIT_HD __host__ __device__ __forceinline__
#else
#define CTXFIT_HD [[gnu::always_inline]] inline
#endif

#endif  // CTXFIT_KERNELS_BASE_HOST_DEVICE_H_

#ifndef CTXFIT_KERNELS_OBJECTIVE_HOST_COMPUTE_H_
#define CTXFIT_KERNELS_OBJECTIVE_HOST_COMPUTE_H_

namespace ctxfit {

struct VectorKernels;
class ThreadPool;

// The instruction set and the threads that a computation on the host uses. Chosen once, by the owner of the pool, who
// must outlive every copy.
struct HostCompute {
  const VectorKernels& kernels;
  ThreadPool& pool;
};

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_OBJECTIVE_HOST_COMPUTE_H_

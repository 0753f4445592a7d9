#ifndef CTXFIT_KERNELS_BACKEND_CUDA_POOL_ALLOCATOR_H_
#define CTXFIT_KERNELS_BACKEND_CUDA_POOL_ALLOCATOR_H_

#include <cuda_runtime_api.h>

#include <cstddef>
#include <exception>

#include "kernels/backend/cuda/device.h"

namespace ctxfit {

// Thrown by an allocator where a call of the runtime fails: Thrust lets it pass.
struct CudaFailure : std::exception {
  CudaFailure(cudaError_t failure, const char* failed_call) : error(failure), call(failed_call) {}

  cudaError_t error;
  const char* call;
};

// Gives Thrust its temporary memory: from a device's pool, in the order of its stream.
class PoolAllocator {
 public:
  using value_type = char;

  explicit PoolAllocator(const CudaDevice& device) : pool_(device.pool()), stream_(device.stream()) {}

  // Throws CudaFailure.
  char* allocate(std::ptrdiff_t bytes);
  void deallocate(char* data, std::size_t bytes);

  cudaStream_t stream() const { return stream_; }

 private:
  cudaMemPool_t pool_;
  cudaStream_t stream_;
};

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BACKEND_CUDA_POOL_ALLOCATOR_H_

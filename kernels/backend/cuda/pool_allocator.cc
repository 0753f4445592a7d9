#include "kernels/backend/cuda/pool_allocator.h"

#include "kernels/backend/cuda/status.h"

namespace ctxfit {

char* PoolAllocator::allocate(std::ptrdiff_t bytes) {
  // A pool gives no memory of 0 bytes.
  const std::size_t size = bytes > 0 ? static_cast<std::size_t>(bytes) : 1;
  void* data = nullptr;
  const cudaError_t error = cudaMallocFromPoolAsync(&data, size, pool_, stream_);
  if (error != cudaSuccess) throw CudaFailure(error, "cudaMallocFromPoolAsync");
  return static_cast<char*>(data);
}

void PoolAllocator::deallocate(char* data, std::size_t) {
  LogIfCudaError(cudaFreeAsync(data, stream_), "cudaFreeAsync");
}

}  // namespace ctxfit

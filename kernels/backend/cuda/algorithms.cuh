#ifndef CTXFIT_KERNELS_BACKEND_CUDA_ALGORITHMS_CUH_
#define CTXFIT_KERNELS_BACKEND_CUDA_ALGORITHMS_CUH_

#include <thrust/copy.h>
#include <thrust/count.h>
#include <thrust/iterator/counting_iterator.h>
#include <thrust/system_error.h>

#include <cstddef>
#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "kernels/backend/cuda/buffer.h"
#include "kernels/backend/cuda/device.h"
#include "kernels/backend/cuda/extensions.h"
#include "kernels/backend/cuda/pool_allocator.h"
#include "kernels/backend/cuda/status.h"

// Thrust's algorithms on the stream of a device. Where nvcc does not compile them, they are its loops for the host.
#ifdef __CUDACC__
#include <thrust/system/cuda/execution_policy.h>
#else
#include <thrust/system/cpp/execution_policy.h>
#endif

namespace ctxfit {

inline auto PolicyOf(PoolAllocator& allocator) {
#ifdef __CUDACC__
  return thrust::cuda::par_nosync(allocator).on(allocator.stream());
#else
  return thrust::cpp::par(allocator);
#endif
}

// Calls `run(policy)`, which runs algorithms under that policy and touches no memory of the host but its own variables.
// Waits only where an algorithm returns a value. RESOURCE_EXHAUSTED where the device's memory does not suffice.
template <class Run>
[[nodiscard]] absl::Status RunThrust(const CudaDevice& device, const Run& run) {
  PoolAllocator allocator(device);
  try {
    CTXFIT_BEGIN_ALGORITHM(device.stream());
    run(PolicyOf(allocator));
  } catch (const CudaFailure& failure) {
    return CudaStatus(failure.error, failure.call, __FILE__, __LINE__);
  } catch (const thrust::system_error& error) {
    return CudaStatus(static_cast<cudaError_t>(error.code().value()), "Thrust", __FILE__, __LINE__);
  }
  return absl::OkStatus();
}

// Returns those numbers below `count` for which `holds(number)`, in ascending order. Waits.
template <class Predicate>
absl::StatusOr<DeviceBuffer<std::uint32_t>> FindWhere(const std::shared_ptr<CudaDevice>& device, std::size_t count,
                                                      const Predicate& holds) {
  const thrust::counting_iterator<std::uint32_t> first(0);
  const auto last = first + static_cast<std::ptrdiff_t>(count);
  std::size_t found = 0;
  CTXFIT_RETURN_IF_ERROR(RunThrust(*device, [&](const auto& policy) {
    found = static_cast<std::size_t>(thrust::count_if(policy, first, last, holds));
  }));
  CTXFIT_ASSIGN_OR_RETURN(DeviceBuffer<std::uint32_t> where, DeviceBuffer<std::uint32_t>::Allocate(device, found));
  std::uint32_t* const out = where.data();
  CTXFIT_RETURN_IF_ERROR(
      RunThrust(*device, [&](const auto& policy) { thrust::copy_if(policy, first, last, out, holds); }));
  return where;
}

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BACKEND_CUDA_ALGORITHMS_CUH_

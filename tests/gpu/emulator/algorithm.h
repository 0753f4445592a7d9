#ifndef CTXFIT_TESTS_GPU_EMULATOR_ALGORITHM_H_
#define CTXFIT_TESTS_GPU_EMULATOR_ALGORITHM_H_

#include <cuda_runtime_api.h>

#include <mutex>

namespace ctxfit::emulator {

// A scope in which this thread of the host stands in for the device: Thrust's algorithms, which are loops here, run at
// once, after all work of the stream. Accesses to memory are checked as those of a kernel with one thread, whose stack
// is this thread's: the host's other memory is out of bounds.
class DeviceAlgorithm {
 public:
  // Counts as a call that can fail: throws thrust::system_error then, as Thrust does.
  explicit DeviceAlgorithm(cudaStream_t stream);
  DeviceAlgorithm(const DeviceAlgorithm&) = delete;
  DeviceAlgorithm& operator=(const DeviceAlgorithm&) = delete;
  ~DeviceAlgorithm();

  // Returns true for an address of the stack of the thread that began an algorithm last.
  static bool OwnsStackAt(const void* address);

 private:
  const std::lock_guard<std::recursive_mutex> lock_;
};

}  // namespace ctxfit::emulator

#endif  // CTXFIT_TESTS_GPU_EMULATOR_ALGORITHM_H_

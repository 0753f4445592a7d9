#ifndef CTXFIT_KERNELS_BASE_WITHIN_MEMORY_H_
#define CTXFIT_KERNELS_BASE_WITHIN_MEMORY_H_

#include <new>

#include "absl/status/status.h"

namespace ctxfit {

// Calls `run`, which returns a Status or a StatusOr, and returns its result, or RESOURCE_EXHAUSTED if the memory of the
// host does not suffice. No exception leaves kernels/.
template <class Run>
auto WithinMemory(const Run& run) -> decltype(run()) {
  try {
    return run();
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError("the memory of this machine does not suffice for the observations");
  }
}

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BASE_WITHIN_MEMORY_H_

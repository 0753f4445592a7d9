#ifndef CTXFIT_KERNELS_BASE_CATCH_EXCEPTIONS_H_
#define CTXFIT_KERNELS_BASE_CATCH_EXCEPTIONS_H_

#include <exception>
#include <new>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace ctxfit {

// Calls `run`, which returns a Status or a StatusOr, and returns its result, or, if it throws, RESOURCE_EXHAUSTED where
// the memory of the host does not suffice and INTERNAL otherwise. Stands around tasks, calls of a backend, validation,
// and every job and call of the service, so that an exception ends that one call and not the process.
template <class Run>
auto CatchExceptions(const Run& run) -> decltype(run()) {
  try {
    return run();
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError("the memory of this machine does not suffice for the observations");
  } catch (const std::exception& exception) {
    return absl::InternalError(absl::StrCat("an unexpected exception: ", exception.what()));
  } catch (...) {
    return absl::InternalError("an unexpected exception of an unknown type");
  }
}

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BASE_CATCH_EXCEPTIONS_H_

#ifndef CTXFIT_TESTS_HANG_GUARD_H_
#define CTXFIT_TESTS_HANG_GUARD_H_

#include "absl/time/time.h"

namespace ctxfit {

// The limit on a wait for what must happen, so that a hang ends with a message: longer than anything that a test waits
// for on a busy machine, and shorter than ctest's limit on a test.
inline constexpr absl::Duration kHangGuard = absl::Seconds(250);

}  // namespace ctxfit

#endif  // CTXFIT_TESTS_HANG_GUARD_H_

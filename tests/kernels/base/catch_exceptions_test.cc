#include "kernels/base/catch_exceptions.h"

#include <gtest/gtest.h>

#include <new>
#include <stdexcept>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace ctxfit {
namespace {

TEST(CatchExceptionsTest, AResultIsPassedOn) {
  EXPECT_EQ(CatchExceptions([] { return absl::OkStatus(); }), absl::OkStatus());
  EXPECT_EQ(CatchExceptions([] { return absl::CancelledError("why"); }), absl::CancelledError("why"));
  EXPECT_EQ(CatchExceptions([]() -> absl::StatusOr<int> { return 7; }).value(), 7);
}

TEST(CatchExceptionsTest, ALackOfMemoryIsResourceExhausted) {
  const absl::StatusOr<int> result = CatchExceptions([]() -> absl::StatusOr<int> { throw std::bad_alloc(); });
  EXPECT_EQ(result.status(),
            absl::ResourceExhaustedError("the memory of this machine does not suffice for the observations"));
}

TEST(CatchExceptionsTest, AnotherExceptionIsInternalWithItsMessage) {
  const absl::Status status = CatchExceptions([]() -> absl::Status { throw std::runtime_error("no root"); });
  EXPECT_EQ(status, absl::InternalError("an unexpected exception: no root"));
}

TEST(CatchExceptionsTest, AThrownValueOfAnyTypeIsInternal) {
  const absl::Status status = CatchExceptions([]() -> absl::Status { throw 7; });
  EXPECT_EQ(status, absl::InternalError("an unexpected exception of an unknown type"));
}

}  // namespace
}  // namespace ctxfit

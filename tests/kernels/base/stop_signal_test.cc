#include "kernels/base/stop_signal.h"

#include <gtest/gtest.h>

namespace ctxfit {
namespace {

TEST(StopSignalTest, TheFirstReasonCounts) {
  StopSignal failed;
  EXPECT_TRUE(failed.Check().ok());
  failed.Fail(absl::InternalError("first"));
  failed.Fail(absl::InternalError("second"));
  failed.Cancel();
  EXPECT_EQ(failed.Check(), absl::InternalError("first"));

  StopSignal cancelled;
  cancelled.Cancel();
  cancelled.Fail(absl::InternalError("too late"));
  cancelled.ShutDown();
  EXPECT_EQ(cancelled.Check().code(), absl::StatusCode::kCancelled);

  StopSignal shut_down;
  shut_down.ShutDown();
  shut_down.Cancel();
  EXPECT_EQ(shut_down.Check().code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace ctxfit

#include "server/last_resort.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>

#include "absl/synchronization/notification.h"
#include "tests/hang_guard.h"

namespace ctxfit {
namespace {

TEST(LastResortTest, EndsWhatIsNotOverInTime) {
  absl::Notification ended;
  LastResort last_resort([&] { ended.Notify(); });
  last_resort.In(std::chrono::hours(1));
  last_resort.In(std::chrono::milliseconds(1));
  EXPECT_TRUE(ended.WaitForNotificationWithTimeout(kHangGuard));
}

TEST(LastResortTest, AnOrderlyEndPreventsIt) {
  std::atomic<bool> ended{false};
  {
    LastResort last_resort([&] { ended = true; });
    last_resort.In(std::chrono::hours(1));
  }
  {
    const LastResort unset([&] { ended = true; });
  }
  EXPECT_FALSE(ended);
}

}  // namespace
}  // namespace ctxfit

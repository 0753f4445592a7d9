#include "kernels/backend/cuda/launch_size.h"

#include <gtest/gtest.h>

#include <limits>

namespace ctxfit {
namespace {

TEST(LaunchSizeTest, BeginsWithFewReplicatesOfMuchWork) {
  EXPECT_EQ(LaunchSize(1000, 1).value(), 1000);
  EXPECT_EQ(LaunchSize(1000, 1 << 20).value(), 16);
  EXPECT_EQ(LaunchSize(1000, std::int64_t{1} << 40).value(), 1);
}

TEST(LaunchSizeTest, FollowsTheClock) {
  LaunchSize size(1000, 1 << 20);
  size.Observe(16, absl::Milliseconds(1));
  EXPECT_EQ(size.value(), 32);
  size.Observe(7, absl::Milliseconds(1));  // the last of a round tells nothing
  EXPECT_EQ(size.value(), 32);
  size.Observe(32, absl::Milliseconds(10));
  EXPECT_EQ(size.value(), 32);
  size.Observe(32, absl::Milliseconds(30));
  EXPECT_EQ(size.value(), 16);
}

TEST(LaunchSizeTest, StaysBetweenOneAndTheHighest) {
  LaunchSize size(3, 1 << 23);
  for (int i = 0; i < 5; ++i) size.Observe(size.value(), absl::Milliseconds(1));
  EXPECT_EQ(size.value(), 3);
  for (int i = 0; i < 5; ++i) size.Observe(size.value(), absl::Seconds(1));
  EXPECT_EQ(size.value(), 1);
  LaunchSize most(std::numeric_limits<std::int32_t>::max(), 1);
  for (int i = 0; i < 40; ++i) most.Observe(most.value(), absl::Milliseconds(1));
  EXPECT_EQ(most.value(), most.highest());
}

}  // namespace
}  // namespace ctxfit

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "server/queue/arrival.h"
#include "server/queue/machine_memory.h"
#include "server/queue/memory_budget.h"
#include "server/queue/places.h"
#include "server/wire/error_details.h"

namespace ctxfit {
namespace {

using ::testing::HasSubstr;

TEST(PlacesTest, OneCallerCannotTakeThePlacesOfAnother) {
  Places places("fits", 64);
  std::vector<Place> greedy;
  absl::Status refusal;
  for (int i = 0; i < 66 && refusal.ok(); ++i) {
    absl::StatusOr<Place> place = places.Take("a", absl::Seconds(1));
    refusal = place.status();
    if (place.ok()) greedy.push_back(*std::move(place));
  }
  EXPECT_EQ(greedy.size(), 32u);
  EXPECT_THAT(std::string(refusal.message()), HasSubstr("32 of its fits wait already"));
  EXPECT_EQ(ReasonOf(refusal), "CALLER_SHARE");
  EXPECT_TRUE(places.Take("b", absl::Seconds(1)).ok());
  EXPECT_EQ(places.refused_count(), 1);
  greedy.clear();
  EXPECT_EQ(places.taken(), 0);
}

TEST(PlacesTest, AFullQueueNamesItsLengthAndSpreadsItsDelays) {
  Places places("fits", 1);
  const Place held = places.Take("a", absl::Seconds(1)).value();
  absl::Duration last;
  for (int i = 0; i < 10; ++i) {
    const absl::Status refusal = places.Take("b", absl::Seconds(1)).status();
    EXPECT_EQ(refusal.code(), absl::StatusCode::kResourceExhausted);
    EXPECT_THAT(std::string(refusal.message()), HasSubstr("the queue is full: 1 fits wait already"));
    EXPECT_EQ(ReasonOf(refusal), "QUEUE_FULL");
    const absl::Duration delay = RetryDelayOf(refusal).value();
    EXPECT_GE(delay, absl::Seconds(1));
    EXPECT_LT(delay, absl::Seconds(2));
    EXPECT_NE(delay, last);
    last = delay;
  }
}

TEST(MemoryBudgetTest, ARefusalNamesBothFiguresAndWhetherToRetry) {
  MemoryBudget budget(std::int64_t{100} << 20);
  const MemoryLease lease = budget.Reserve("a", std::int64_t{80} << 20).value();
  EXPECT_EQ(budget.held(), std::int64_t{80} << 20);
  const absl::Status full = budget.Reserve("b", std::int64_t{30} << 20).status();
  EXPECT_EQ(full.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(full.message()), HasSubstr("needs 30.0 MiB of memory, and 20.0 MiB of 100.0 MiB are free"));
  EXPECT_EQ(ReasonOf(full), "MEMORY_BUDGET");
  EXPECT_TRUE(RetryDelayOf(full));
  const absl::Status never = budget.Reserve("b", std::int64_t{101} << 20).status();
  EXPECT_THAT(std::string(never.message()), HasSubstr("needs 101.0 MiB of memory, and this server has 100.0 MiB"));
  EXPECT_FALSE(RetryDelayOf(never));
  EXPECT_EQ(budget.refused_count(), 2);
}

TEST(MemoryBudgetTest, ALeaseGrowsWithinTheBudgetAndReturnsAllOfIt) {
  MemoryBudget budget(100);
  {
    MemoryLease lease = budget.Reserve("a", 10).value();
    EXPECT_TRUE(lease.Resize(50).ok());
    EXPECT_FALSE(lease.Resize(101).ok());
    EXPECT_EQ(lease.bytes(), 50);
    MemoryLease moved = std::move(lease);
    EXPECT_EQ(budget.held(), 50);
    EXPECT_TRUE(moved.Resize(5).ok());
    moved.ResizeAnyway(500);  // an answer that is there already
    EXPECT_EQ(budget.held(), 500);
  }
  EXPECT_EQ(budget.held(), 0);
}

TEST(MemoryBudgetTest, OneCallerCannotTakeTheMemoryOfAnother) {
  MemoryBudget budget(100);
  std::vector<MemoryLease> greedy;
  while (true) {
    absl::StatusOr<MemoryLease> lease = budget.Reserve("a", 10);
    if (!lease.ok()) break;
    greedy.push_back(*std::move(lease));
  }
  EXPECT_EQ(greedy.size(), 5u);
  EXPECT_TRUE(budget.Reserve("b", 50).ok());
}

TEST(WorkingMemoryTest, GivesWhatIsFree) {
  WorkingMemory memory(100);
  EXPECT_TRUE(memory.Take(60));
  EXPECT_FALSE(memory.Take(41));
  EXPECT_TRUE(memory.Take(40));
  memory.Return(60);
  EXPECT_EQ(memory.used(), 40);
}

TEST(CallerTest, IsTheAddressWithoutThePort) {
  EXPECT_EQ(CallerOf("ipv4:10.0.0.7:4711"), "ipv4:10.0.0.7");
  EXPECT_EQ(CallerOf("ipv6:%5B::1%5D:4711"), "ipv6:%5B::1%5D");
  EXPECT_EQ(CallerOf("unix:/run/ctxfitd"), "unix:/run/ctxfitd");
  EXPECT_EQ(CallerOf("inproc"), "inproc");
}

class CgroupMemoryTest : public testing::Test {
 protected:
  CgroupMemoryTest() : root_(testing::TempDir() + "cgroup_XXXXXX") {
    mkdtemp(root_.data());
    std::filesystem::create_directories(root_ + "/pods/one");
  }
  ~CgroupMemoryTest() override { std::filesystem::remove_all(root_); }

  void Write(const std::string& file, const std::string& text) const { std::ofstream(root_ + file) << text; }

  std::string root_;
};

TEST_F(CgroupMemoryTest, TheTightestGroupCounts) {
  Write("/memory.max", "max");
  Write("/pods/memory.max", "2147483648");
  Write("/pods/one/memory.max", "max");
  EXPECT_EQ(CgroupMemoryLimit(root_, "/pods/one", "memory.max"), 2147483648);
  Write("/pods/one/memory.max", "1073741824");
  EXPECT_EQ(CgroupMemoryLimit(root_, "/pods/one", "memory.max"), 1073741824);
  EXPECT_EQ(CgroupMemoryLimit(root_, "", "memory.max"), std::nullopt);
}

TEST_F(CgroupMemoryTest, AnUnlimitedGroupOfVersionOneIsNoLimit) {
  Write("/memory.limit_in_bytes", "9223372036854771712");
  EXPECT_EQ(CgroupMemoryLimit(root_, "/pods", "memory.limit_in_bytes"), std::nullopt);
  Write("/pods/memory.limit_in_bytes", "536870912");
  EXPECT_EQ(CgroupMemoryLimit(root_, "/pods", "memory.limit_in_bytes"), 536870912);
}

TEST(MemoryLimitTest, IsNoMoreThanHalfOfTheMachine) {
  const MemoryLimit limit = FindMemoryLimit();
  EXPECT_GT(limit.bytes, 0);
  EXPECT_NE(limit.source, "");
}

}  // namespace
}  // namespace ctxfit

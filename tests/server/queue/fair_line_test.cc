#include "server/queue/fair_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <memory>
#include <string>
#include <vector>

namespace ctxfit {
namespace {

using ::testing::ElementsAre;

constexpr double kAny = std::numeric_limits<double>::infinity();

class NamedJob : public Job {
 public:
  NamedJob(std::string name, const std::string& caller, double cpu_seconds)
      : Job(std::make_shared<StopSignal>(), {absl::InfiniteFuture(), caller, cpu_seconds, 0}), name_(std::move(name)) {}
  absl::Status Run() override { return absl::OkStatus(); }
  void Finish(const absl::Status&) override {}
  const std::string& name() const { return name_; }

 private:
  const std::string name_;
};

class FairLineTest : public testing::Test {
 protected:
  std::shared_ptr<NamedJob> Add(const std::string& name, const std::string& caller, double cpu_seconds) {
    auto job = std::make_shared<NamedJob>(name, caller, cpu_seconds);
    line_.Add(job);
    return job;
  }

  std::string Take(double max_cpu_seconds = kAny) {
    return static_cast<const NamedJob&>(*line_.TakeFirst(max_cpu_seconds)).name();
  }

  std::vector<std::string> TakeAll() {
    std::vector<std::string> names;
    while (!line_.empty()) names.push_back(Take());
    return names;
  }

  FairLine line_;
};

TEST_F(FairLineTest, OneCallersJobsKeepTheirOrder) {
  Add("large", "a", 100);
  Add("small", "a", 1);
  Add("middle", "a", 10);
  EXPECT_THAT(TakeAll(), ElementsAre("large", "small", "middle"));
}

TEST_F(FairLineTest, ASmallJobComesBeforeLargeOnesOfAnotherCaller) {
  for (const char* name : {"a1", "a2", "a3", "a4"}) Add(name, "a", 100);
  EXPECT_EQ(Take(), "a1");
  Add("b", "b", 1);
  EXPECT_THAT(TakeAll(), ElementsAre("b", "a2", "a3", "a4"));
}

TEST_F(FairLineTest, CallersShareTimeNotTurns) {
  Add("a1", "a", 4);
  Add("a2", "a", 4);
  for (const char* name : {"b1", "b2", "b3", "b4", "b5"}) Add(name, "b", 2);
  EXPECT_THAT(TakeAll(), ElementsAre("b1", "a1", "b2", "b3", "a2", "b4", "b5"));
}

TEST_F(FairLineTest, ALargeJobIsNotPassedForEver) {
  Add("large", "a", 100);
  int before = 0;
  for (;; ++before) {
    Add("small", "caller " + std::to_string(before), 1);
    if (Take() == "large") break;
    ASSERT_LT(before, 1000);
  }
  EXPECT_GE(before, 50);
  EXPECT_LE(before, 101) << "as much time as its own";
}

TEST_F(FairLineTest, AWorkerForSmallJobsTakesTheFirstOfThem) {
  Add("large", "a", 100);
  Add("small", "a", 1);
  Add("smaller", "a", 0.5);
  EXPECT_EQ(line_.First(0.1), nullptr);
  EXPECT_EQ(Take(1), "small");
  EXPECT_EQ(Take(1), "smaller");
  EXPECT_EQ(Take(), "large");
}

TEST_F(FairLineTest, JobsThatWereTakenBackAreNotHeldAgainstTheirCaller) {
  Add("b", "b", 50);
  for (int i = 0; i < 10; ++i) Add("a", "a", 100)->stop().Cancel();
  EXPECT_EQ(line_.TakeStopped().size(), 10u);
  Add("a", "a", 1);
  EXPECT_THAT(TakeAll(), ElementsAre("a", "b"));
}

TEST_F(FairLineTest, CountsTheTimeBeforeANewJob) {
  Add("a1", "a", 100);
  Add("a2", "a", 100);
  EXPECT_EQ(line_.CpuSecondsBefore({absl::InfiniteFuture(), "a", 1, 0}, kAny), 200);
  EXPECT_EQ(line_.CpuSecondsBefore({absl::InfiniteFuture(), "b", 1, 0}, kAny), 0);
  EXPECT_EQ(line_.CpuSecondsBefore({absl::InfiniteFuture(), "b", 150, 0}, kAny), 100);
  EXPECT_EQ(line_.CpuSecondsBefore({absl::InfiniteFuture(), "a", 1, 0}, 1), 0);
}

}  // namespace
}  // namespace ctxfit

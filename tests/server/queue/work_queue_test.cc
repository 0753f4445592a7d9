#include "server/queue/work_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "tests/hang_guard.h"

namespace ctxfit {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A job that does `work` and remembers how it ended.
class TestJob : public Job {
 public:
  explicit TestJob(
      std::function<void(TestJob&)> work = [](TestJob&) {}, absl::Time deadline = absl::InfiniteFuture())
      : Job(deadline), work_(std::move(work)) {}

  absl::Status Run() override {
    running_ = true;
    work_(*this);
    return absl::OkStatus();
  }
  void Finish(const absl::Status& status) override { end_.set_value(status); }  // throws where a job ends twice
  void Tick(int position) override {
    position_ = position;
    if (tick_) tick_();
    if (!stop().Check().ok()) ++ticks_after_stop_;
  }

  // Called in every tick. Set it before the job is submitted.
  void SetTick(std::function<void()> tick) { tick_ = std::move(tick); }

  // Waits for the end of the job and returns its status.
  absl::Status AwaitEnd() {
    if (ended_.wait_for(absl::ToChronoSeconds(kHangGuard)) != std::future_status::ready) {
      return absl::DeadlineExceededError("the job has not ended");
    }
    return ended_.get();
  }
  // Rounds of the queue's watcher that the job outlived after it was stopped. Call once it has ended.
  int TicksAfterStop() const { return ticks_after_stop_; }

  bool IsRunning() const { return running_; }
  bool HasEnded() const { return ended_.wait_for(std::chrono::seconds(0)) == std::future_status::ready; }

  // Waits for a tick with `position`; false if none comes.
  bool AwaitPosition(int position) {
    const absl::Time limit = absl::Now() + kHangGuard;
    while (position_ != position && absl::Now() < limit) absl::SleepFor(absl::Milliseconds(1));
    return position_ == position;
  }

 private:
  const std::function<void(TestJob&)> work_;
  std::function<void()> tick_;
  std::promise<absl::Status> end_;
  const std::shared_future<absl::Status> ended_ = end_.get_future().share();
  std::atomic<bool> running_{false};
  std::atomic<int> position_{-1};
  std::atomic<int> ticks_after_stop_{0};
};

// A job that keeps its worker until it is released.
class BlockingJob {
 public:
  explicit BlockingJob(WorkQueue& queue) {
    EXPECT_TRUE(queue.Submit(job_).ok());
    EXPECT_TRUE(running_.WaitForNotificationWithTimeout(kHangGuard));
  }
  ~BlockingJob() {
    if (!released_.HasBeenNotified()) released_.Notify();
    EXPECT_TRUE(job_->AwaitEnd().ok());  // the job uses this object
  }

  void Release() { released_.Notify(); }
  TestJob& job() { return *job_; }

 private:
  absl::Notification running_;
  absl::Notification released_;
  const std::shared_ptr<TestJob> job_ = std::make_shared<TestJob>([this](TestJob&) {
    running_.Notify();
    released_.WaitForNotification();
  });
};

TEST(WorkQueueTest, RunsJobsInTheOrderOfTheirArrival) {
  WorkQueue queue({.name = "fits", .threads = 1, .capacity = 10});
  BlockingJob first(queue);
  std::vector<int> order;  // written by the only worker
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(queue.Submit(std::make_shared<TestJob>([&order, i](TestJob&) { order.push_back(i); })).ok());
  }
  first.Release();
  ASSERT_TRUE(queue.AwaitIdle(absl::Now() + kHangGuard));
  EXPECT_THAT(order, ElementsAre(0, 1, 2, 3, 4));
}

TEST(WorkQueueTest, RunsAsManyJobsAtATimeAsItHasThreads) {
  WorkQueue queue({.name = "fits", .threads = 2, .capacity = 10});
  BlockingJob first(queue);
  BlockingJob second(queue);  // waits until it runs, beside the first
  EXPECT_TRUE(first.job().IsRunning());
  EXPECT_TRUE(second.job().IsRunning());
  first.Release();
  second.Release();
}

TEST(WorkQueueTest, RefusesWhatItsCapacityDoesNotHoldAndNamesItsLength) {
  WorkQueue queue({.name = "fits", .threads = 1, .capacity = 2});
  BlockingJob running(queue);
  const auto held = std::make_shared<TestJob>();
  ASSERT_TRUE(queue.Submit(held).ok());
  ASSERT_TRUE(queue.Submit(std::make_shared<TestJob>()).ok());
  EXPECT_EQ(queue.JobCount(), 3u);
  const auto refused = std::make_shared<TestJob>();
  const absl::Status status = queue.Submit(refused);
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(status.message()), HasSubstr("2 fits wait already"));
  running.Release();
  EXPECT_TRUE(held->AwaitEnd().ok());
  ASSERT_TRUE(queue.AwaitIdle(absl::Now() + kHangGuard));
  EXPECT_FALSE(refused->HasEnded());
  EXPECT_TRUE(queue.Submit(std::make_shared<TestJob>()).ok());
}

TEST(WorkQueueTest, ReportsHowManyJobsAreAhead) {
  WorkQueue queue({.name = "fits", .threads = 1, .capacity = 10});
  BlockingJob running(queue);
  const auto next = std::make_shared<TestJob>();
  const auto last = std::make_shared<TestJob>();
  ASSERT_TRUE(queue.Submit(next).ok());
  ASSERT_TRUE(queue.Submit(last).ok());
  EXPECT_TRUE(running.job().AwaitPosition(0));
  EXPECT_TRUE(next->AwaitPosition(1));
  EXPECT_TRUE(last->AwaitPosition(2));
}

TEST(WorkQueueTest, AbandonsACancelledJobThatWaitsInTheNextRound) {
  WorkQueue queue({.name = "fits", .threads = 1, .capacity = 1});
  BlockingJob running(queue);
  const auto waiting = std::make_shared<TestJob>();
  ASSERT_TRUE(queue.Submit(waiting).ok());
  waiting->stop().Cancel();
  EXPECT_EQ(waiting->AwaitEnd().code(), absl::StatusCode::kCancelled);
  EXPECT_LE(waiting->TicksAfterStop(), 1) << "stopped between the watcher's look for stopped jobs and its tick";
  EXPECT_TRUE(queue.Submit(std::make_shared<TestJob>()).ok()) << "its place is free";
}

TEST(WorkQueueTest, AbandonsAJobWhoseDeadlinePassesWhileItWaitsInTheNextRound) {
  WorkQueue queue({.name = "fits", .threads = 1, .capacity = 10});
  BlockingJob running(queue);
  const absl::Time deadline = absl::Now() + absl::Milliseconds(50);
  const auto waiting = std::make_shared<TestJob>([](TestJob&) {}, deadline);
  ASSERT_TRUE(queue.Submit(waiting).ok());
  EXPECT_EQ(waiting->AwaitEnd().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_GE(absl::Now(), deadline);
  EXPECT_LE(waiting->TicksAfterStop(), 1);
}

TEST(WorkQueueTest, AbandonsAJobThatWasStoppedBeforeItCame) {
  WorkQueue queue({.name = "fits", .threads = 1, .capacity = 10});
  const auto job = std::make_shared<TestJob>();
  job->stop().Cancel();
  ASSERT_TRUE(queue.Submit(job).ok());
  EXPECT_EQ(job->AwaitEnd().code(), absl::StatusCode::kCancelled);
}

TEST(WorkQueueTest, AClosedQueueRefusesNewJobsAndFinishesOldOnes) {
  WorkQueue queue({.name = "fits", .threads = 1, .capacity = 10});
  BlockingJob running(queue);
  const auto waiting = std::make_shared<TestJob>();
  ASSERT_TRUE(queue.Submit(waiting).ok());
  queue.Close();
  EXPECT_EQ(queue.Submit(std::make_shared<TestJob>()).code(), absl::StatusCode::kUnavailable);
  running.Release();
  EXPECT_TRUE(waiting->AwaitEnd().ok());
  EXPECT_TRUE(running.job().AwaitEnd().ok());
}

TEST(WorkQueueTest, AwaitsTheEndOfEveryJobUntilItsDeadline) {
  WorkQueue queue({.name = "fits", .threads = 1, .capacity = 10});
  EXPECT_TRUE(queue.AwaitIdle(absl::InfinitePast()));
  BlockingJob running(queue);
  const absl::Time deadline = absl::Now() + absl::Milliseconds(30);
  EXPECT_FALSE(queue.AwaitIdle(deadline));
  EXPECT_GE(absl::Now(), deadline);
  running.Release();
  EXPECT_TRUE(queue.AwaitIdle(absl::Now() + kHangGuard));
  EXPECT_TRUE(running.job().HasEnded());
  EXPECT_EQ(queue.JobCount(), 0u);
}

TEST(WorkQueueTest, EndsEveryJobWhereItIsDestroyedAndWaitsForIt) {
  const auto running = std::make_shared<TestJob>([](TestJob& job) {
    while (job.stop().Check().ok()) absl::SleepFor(absl::Milliseconds(1));
  });
  const auto waiting = std::make_shared<TestJob>();
  {
    WorkQueue queue({.name = "fits", .threads = 1, .capacity = 10});
    ASSERT_TRUE(queue.Submit(running).ok());
    ASSERT_TRUE(queue.Submit(waiting).ok());
  }
  EXPECT_TRUE(running->HasEnded());
  ASSERT_TRUE(waiting->HasEnded());
  EXPECT_EQ(waiting->AwaitEnd().code(), absl::StatusCode::kUnavailable);
}

// The ways in which code throws, and the errors that they become.
const std::vector<std::pair<std::function<void()>, absl::StatusCode>>& Throws() {
  static const auto* const throws = new std::vector<std::pair<std::function<void()>, absl::StatusCode>>{
      {[] { throw std::bad_alloc(); }, absl::StatusCode::kResourceExhausted},
      {[] { throw std::runtime_error("no root"); }, absl::StatusCode::kInternal},
      {[] { throw 7; }, absl::StatusCode::kInternal}};
  return *throws;
}

TEST(WorkQueueTest, AnExceptionOfAJobIsItsErrorAndTheNextOneRuns) {
  WorkQueue queue({.name = "fits", .threads = 1, .capacity = 10});
  for (const auto& [raise, code] : Throws()) {
    const auto throwing = std::make_shared<TestJob>([&raise = raise](TestJob&) { raise(); });
    const auto next = std::make_shared<TestJob>();
    ASSERT_TRUE(queue.Submit(throwing).ok());
    ASSERT_TRUE(queue.Submit(next).ok());
    EXPECT_EQ(throwing->AwaitEnd().code(), code);
    EXPECT_TRUE(next->AwaitEnd().ok());
  }
}

TEST(WorkQueueTest, AnExceptionOfATickStopsThatJobWhetherItRunsOrWaits) {
  WorkQueue queue({.name = "fits", .threads = 1, .capacity = 10});
  for (const auto& [raise, code] : Throws()) {
    BlockingJob blocking(queue);
    const auto waiting = std::make_shared<TestJob>();
    waiting->SetTick(raise);
    ASSERT_TRUE(queue.Submit(waiting).ok());
    EXPECT_EQ(waiting->AwaitEnd().code(), code);

    const auto running = std::make_shared<TestJob>([code = code](TestJob& job) {
      while (job.stop().Check().ok()) absl::SleepFor(absl::Milliseconds(1));
      EXPECT_EQ(job.stop().Check().code(), code);
    });
    const auto running_tick = [&raise = raise, job = running.get()] {
      if (job->IsRunning()) raise();
    };
    running->SetTick(running_tick);
    ASSERT_TRUE(queue.Submit(running).ok());
    blocking.Release();
    EXPECT_TRUE(running->AwaitEnd().ok());
  }
}

TEST(WorkQueueTest, AnExceptionOfAnAnswerLeavesTheQueueGoingOn) {
  class UnansweredJob : public Job {
   public:
    UnansweredJob() : Job(absl::InfiniteFuture()) {}
    absl::Status Run() override { return absl::OkStatus(); }
    void Finish(const absl::Status&) override { throw std::bad_alloc(); }
  };
  WorkQueue queue({.name = "fits", .threads = 1, .capacity = 10});
  ASSERT_TRUE(queue.Submit(std::make_shared<UnansweredJob>()).ok());
  const auto next = std::make_shared<TestJob>();
  ASSERT_TRUE(queue.Submit(next).ok());
  EXPECT_TRUE(next->AwaitEnd().ok());
  EXPECT_TRUE(queue.AwaitIdle(absl::Now() + kHangGuard));
}

}  // namespace
}  // namespace ctxfit

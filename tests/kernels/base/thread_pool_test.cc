#include "kernels/base/thread_pool.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <new>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <vector>

namespace ctxfit {
namespace {

TEST(ThreadPoolTest, EveryIndexIsCalledOnce) {
  for (const int threads : {1, 2, 5}) {
    ThreadPool pool(threads);
    EXPECT_EQ(pool.size(), threads);
    const StopSignal stop;
    for (const std::size_t count : {0, 1, 2, 7, 1000}) {
      std::vector<int> calls(count);
      ASSERT_TRUE(pool.ParallelFor(count, stop, [&](std::size_t index, int) { ++calls[index]; }).ok());
      EXPECT_EQ(calls, std::vector<int>(count, 1));
    }
  }
}

TEST(ThreadPoolTest, AThreadIsInAtMostOneCallAtATime) {
  ThreadPool pool(4);
  const StopSignal stop;
  std::vector<std::atomic<int>> inside(4);
  std::atomic<bool> overlapped{false};
  for (int loop = 0; loop < 200; ++loop) {
    const auto body = [&](std::size_t, int thread) {
      if (inside[thread].fetch_add(1) != 0) overlapped = true;
      inside[thread].fetch_sub(1);
    };
    ASSERT_TRUE(pool.ParallelFor(50, stop, body).ok());
  }
  EXPECT_FALSE(overlapped);
}

TEST(ThreadPoolTest, WritesOfALoopAreVisibleToTheNext) {
  ThreadPool pool(3);
  const StopSignal stop;
  std::vector<long> values(100, 1);
  for (int loop = 0; loop < 20; ++loop) {
    const std::vector<long> before = values;
    const auto body = [&](std::size_t index, int) { values[index] = before[index] + before[(index + 1) % 100]; };
    ASSERT_TRUE(pool.ParallelFor(values.size(), stop, body).ok());
  }
  EXPECT_EQ(values, std::vector<long>(100, 1 << 20));
}

TEST(ThreadPoolTest, IndicesAfterAStopAreSkipped) {
  for (const int threads : {1, 3}) {
    ThreadPool pool(threads);
    StopSignal stop;
    std::atomic<int> calls{0};
    const absl::Status status = pool.ParallelFor(1'000'000, stop, [&](std::size_t, int) {
      const int call = ++calls;
      if (call == 10) stop.Cancel();
      while (call > 10 && stop.Check().ok()) std::this_thread::yield();
    });
    EXPECT_EQ(status.code(), absl::StatusCode::kCancelled);
    EXPECT_LE(calls, 10 + threads);  // each thread may have looked just before the stop
    const StopSignal go_on;
    EXPECT_TRUE(pool.ParallelFor(5, go_on, [](std::size_t, int) {}).ok());
  }
}

TEST(ThreadPoolTest, APassedDeadlineIsReturned) {
  ThreadPool pool(2);
  const StopSignal stop(absl::Now() - absl::Seconds(1));
  EXPECT_EQ(pool.ParallelFor(5, stop, [](std::size_t, int) {}).code(), absl::StatusCode::kDeadlineExceeded);
}

TEST(ThreadPoolTest, AnExceptionOfACallIsRethrown) {
  for (const int threads : {1, 3}) {
    ThreadPool pool(threads);
    const StopSignal stop;
    std::atomic<int> calls{0};
    // Calls after the tenth take so long that the others cannot make all of theirs before the exception ends them.
    const auto body = [&](std::size_t, int) {
      const int call = ++calls;
      if (call == 10) throw std::bad_alloc();
      if (call > 10) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    };
    EXPECT_THROW(pool.ParallelFor(1'000'000, stop, body).IgnoreError(), std::bad_alloc);
    EXPECT_LT(calls, 1'000'000);
    EXPECT_TRUE(pool.ParallelFor(5, stop, [](std::size_t, int) {}).ok());
  }
}

TEST(ThreadPoolTest, RunAllCallsEveryTask) {
  ThreadPool pool(2);
  int first = 0;
  int second = 0;
  int third = 0;
  pool.RunAll({[&] { first = 1; }, [&] { second = 2; }, [&] { third = 3; }});
  EXPECT_EQ(first + second + third, 6);
}

TEST(ThreadPoolTest, AnExceptionOfATaskReachesTheCallerOfRunAll) {
  for (const int threads : {1, 3}) {
    ThreadPool pool(threads);
    EXPECT_THROW(pool.RunAll({[] {}, [] { throw std::runtime_error("no root"); }, [] {}}), std::runtime_error);
    EXPECT_THROW(pool.RunAll({[] { throw 7; }, [] { throw 7; }}), int);
    int calls = 0;
    pool.RunAll({[&calls] { ++calls; }});
    EXPECT_EQ(calls, 1);
  }
}

// Every thread needs address space for its stack, which a limit takes away. Sanitizers need more of it than any limit.
#ifndef CTXFIT_SANITIZED
TEST(ThreadPoolDeathTest, AThreadThatTheSystemRefusesIsAnExceptionAndEndsTheOthers) {
  const auto start_too_many = [] {
    const rlimit limit = {1 << 30, 1 << 30};
    setrlimit(RLIMIT_AS, &limit);
    try {
      const ThreadPool pool(10'000);
    } catch (const std::system_error&) {
      std::exit(0);
    }
    std::exit(1);
  };
  EXPECT_EXIT(start_too_many(), testing::ExitedWithCode(0), "");
}
#endif

TEST(ShareThreadsTest, ThreadsAreDividedEvenlyAmongAsManyPoolsAsGetOne) {
  EXPECT_EQ(ShareThreads(7, 3), std::vector<int>({3, 2, 2}));
  EXPECT_EQ(ShareThreads(2, 5), std::vector<int>({1, 1}));
  EXPECT_EQ(ShareThreads(4, 0), std::vector<int>({4}));
}

}  // namespace
}  // namespace ctxfit

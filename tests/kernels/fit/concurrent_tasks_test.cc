#include "kernels/fit/concurrent_tasks.h"

#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <stdexcept>

#include "absl/strings/str_cat.h"
#include "kernels/data/split_tasks.h"
#include "kernels/fit/fit.h"
#include "kernels/fit/options.h"
#include "tests/kernels/batching_backend.h"
#include "tests/kernels/same_fit.h"
#include "tests/kernels/simulated_data.h"

namespace ctxfit {
namespace {

// The number of threads of the backend that each call gets.
std::multiset<int> ThreadsAtWork(const std::vector<std::size_t>& rows, int threads) {
  const std::unique_ptr<Backend> backend = MakeCpuBackend(threads);
  std::vector<int> of_index(rows.size(), 0);
  const auto work = [&](Backend& share, std::size_t index) {
    of_index[index] = share.Threads().size();
    return absl::OkStatus();
  };
  EXPECT_TRUE(RunConcurrently(*backend, rows, StopSignal(), work).ok());
  return {of_index.begin(), of_index.end()};
}

TEST(ConcurrentTasksTest, CallsOfSimilarSizeShareTheThreads) {
  EXPECT_EQ(ThreadsAtWork({5, 5, 5, 5}, 4), (std::multiset<int>{1, 1, 1, 1}));
  EXPECT_EQ(ThreadsAtWork({5, 5}, 4), (std::multiset<int>{2, 2}));
  EXPECT_EQ(ThreadsAtWork({}, 4), std::multiset<int>{});
}

TEST(ConcurrentTasksTest, CallsBesideAMuchLargerOneRunInTurnOnAllThreads) {
  EXPECT_EQ(ThreadsAtWork({100, 1, 1, 1}, 4), (std::multiset<int>{4, 4, 4, 4}));
  EXPECT_EQ(ThreadsAtWork({7}, 4), std::multiset<int>{4});
}

TEST(ConcurrentTasksTest, TheErrorOfTheLowestIndexIsReturned) {
  for (const int threads : {1, 3}) {
    const std::unique_ptr<Backend> backend = MakeCpuBackend(threads);
    const std::vector<std::size_t> rows(50, 1);
    const auto work = [](Backend&, std::size_t index) {
      return index % 10 == 7 ? absl::InternalError(absl::StrCat("work ", index)) : absl::OkStatus();
    };
    const absl::Status status = RunConcurrently(*backend, rows, StopSignal(), work);
    EXPECT_EQ(status, absl::InternalError("work 7")) << threads << " threads";
  }
}

TEST(ConcurrentTasksTest, AnExceptionOfATaskIsTheErrorOfThatTask) {
  ObservationTable table = Simulate({});
  for (std::size_t row = 0; row < table.score.size(); ++row) table.task.push_back(absl::StrCat(row % 9));
  const std::vector<Observations> tasks = ValidateAndSplit(table).value();
  for (const int threads : {1, 3}) {
    const std::unique_ptr<Backend> backend = MakeCpuBackend(threads);
    const auto fit = [&](Backend&, const Observations& task) -> absl::StatusOr<int> {
      const auto index = &task - tasks.data();
      if (index % 3 == 1) throw std::runtime_error(absl::StrCat("task ", index));
      return 0;
    };
    const absl::Status status = FitConcurrently<int>(*backend, tasks, StopSignal(), fit).status();
    EXPECT_EQ(status, absl::InternalError("an unexpected exception: task 1")) << threads << " threads";
  }
}

TEST(ConcurrentTasksTest, NoCallStartsAfterACancellation) {
  for (const int threads : {1, 3}) {
    const std::unique_ptr<Backend> backend = MakeCpuBackend(threads);
    StopSignal stop;
    std::atomic<int> calls{0};
    const auto work = [&](Backend&, std::size_t) {
      ++calls;
      stop.Cancel();
      return stop.Check();
    };
    const absl::Status status = RunConcurrently(*backend, std::vector<std::size_t>(50, 1), stop, work);
    EXPECT_EQ(status.code(), absl::StatusCode::kCancelled);
    EXPECT_LE(calls, threads);
  }
}

// Expects fits of several tasks in one call to be those of each alone, to the bit, and their progress never to fall.
void ExpectFitsOfEachAlone(Backend& backend) {
  ObservationTable table = Simulate({});
  for (std::size_t row = 0; row < table.score.size(); ++row) table.task.push_back(absl::StrCat(row % 7 % 5));
  const std::vector<Observations> tasks = ValidateAndSplit(table).value();
  FitOptions options;
  options.bootstrap.replicates = 50;
  double last = 0;
  const std::vector<TaskFit> together =
      FitTasks(backend, tasks, options, StopSignal(), [&](const FitProgress& progress) {
        EXPECT_GE(progress.fraction, last);
        EXPECT_LE(progress.fraction, 1);
        last = progress.fraction;
      }).value();
  ASSERT_EQ(together.size(), 5u);
  const std::unique_ptr<Backend> cpu = MakeCpuBackend(3);
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    ExpectSameFit(together[i], FitTask(*cpu, tasks[i], options, StopSignal()).value(), 0);
  }
}

TEST(ConcurrentTasksTest, FitsOfConcurrentTasksAreThoseOfEachAlone) { ExpectFitsOfEachAlone(*MakeCpuBackend(3)); }

TEST(ConcurrentTasksTest, FitsOfTasksThatEvolveTogetherAreThoseOfEachAlone) {
  BatchingBackend backend(2);
  ExpectFitsOfEachAlone(backend);
  EXPECT_EQ(backend.started().front(), 2u);
  EXPECT_EQ(backend.refitted(), 3);
}

TEST(ConcurrentTasksTest, ACancellationEndsTasksThatEvolveTogether) {
  ObservationTable table = Simulate({});
  for (std::size_t row = 0; row < table.score.size(); ++row) table.task.push_back(absl::StrCat(row % 3));
  BatchingBackend backend(10);
  StopSignal stop;
  const auto fits = FitTasks(backend, ValidateAndSplit(table).value(), {}, stop, [&](const FitProgress& progress) {
    if (progress.generation == 2) stop.Cancel();
  });
  EXPECT_EQ(fits.status().code(), absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace ctxfit

#include "kernels/backend/cuda/search.h"

#include <pthread.h>

#include <algorithm>
#include <cmath>
#include <thread>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "kernels/law/domain.h"
#include "tests/cpu_time.h"
#include "tests/gpu/gpu_test.h"
#include "tests/gpu/problems.h"
#include "tests/gpu/search_outcome.h"
#include "tests/kernels/backend/cuda/objective_bound.h"
#include "tests/kernels/one_search.h"

namespace ctxfit {
namespace {

using CudaSearchTest = GpuTest;

Outcome Search(const Cells& cells, int candidates, const std::vector<int>& steps) {
  const auto backend = MakeCudaBackend().value();
  const auto search = StartOne(*backend, cells, SettingsOf(MakeDomain({}), 42), SpreadMembers(candidates, 5)).value();
  Outcome outcome;
  for (const int step : steps) outcome.summary = search->Advance(step, StopSignal()).value();
  outcome.population = search->Read().value();
  return outcome;
}

TEST_F(CudaSearchTest, TheSameSearchTwiceHasTheSameBits) {
  const Cells cells = MadeUpCells(Scaled(20000), 3, 12, 9);
  ExpectSameBits(Search(cells, Scaled(1000), {20}), Search(cells, Scaled(1000), {20}));
}

TEST_F(CudaSearchTest, HowGenerationsAreGroupedChangesNothing) {
  const Cells cells = MadeUpCells(5000, 3, 12, 9);
  ExpectSameBits(Search(cells, 100, {20}), Search(cells, 100, {0, 1, 1, 7, 11}));
}

// Slices are launched one by one, with a look at the stop signal between them, instead of replayed as a graph.
TEST_F(CudaSearchTest, HowCellsAreSlicedChangesNothingBeyondTheSums) {
  const Cells cells = MadeUpCells(5000, 3, 12, 9);
  const std::vector<BasicPoint<float>> members = SpreadMembers(100, 5);
  const std::int64_t slice_work = 128 * 1024;
  ASSERT_GT(PlanObjective(100, 5000, 12, slice_work).slices, 3);
  const auto device = OpenDevice();
  const auto start = [&](std::int64_t work) {
    return CudaSearch::Start(device, {{cells, SettingsOf(MakeDomain({}), 42), members}}, StopSignal(), work).value();
  };
  const auto whole = start(kSliceWork);
  const auto sliced = start(slice_work);
  const std::vector<double> costs = whole->Read(0).value().costs;
  const std::vector<double> sums_of_slices = sliced->Read(0).value().costs;
  for (std::size_t i = 0; i < costs.size(); ++i) {
    EXPECT_NEAR(sums_of_slices[i], costs[i], 2 * kSumBound * costs[i]) << "member " << i;
  }
  const PopulationSummary summary = sliced->Advance({0}, 10, StopSignal()).value().front();
  EXPECT_EQ(summary.generation, 10);
  EXPECT_EQ(summary.evaluation_count, 11 * 100);
  EXPECT_LT(summary.best_cost, *std::min_element(sums_of_slices.begin(), sums_of_slices.end()));
  // The search goes on in the same way whether its generations come one by one or together.
  const auto again = start(slice_work);
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(again->Advance({0}, 1, StopSignal()).ok());
  EXPECT_EQ(again->Read(0).value().costs, sliced->Read(0).value().costs);
}

TEST_F(CudaSearchTest, TheSummaryDescribesThePopulation) {
  const Outcome outcome = Search(MadeUpCells(5000, 3, 12, 9), 1000, {10});
  const std::vector<double>& costs = outcome.population.costs;
  const auto best = std::min_element(costs.begin(), costs.end());
  EXPECT_EQ(outcome.summary.generation, 10);
  EXPECT_EQ(outcome.summary.best, best - costs.begin());
  EXPECT_EQ(outcome.summary.best_cost, *best);
  double sum = 0;
  for (const double cost : costs) sum += cost;
  // Two orders of a sum of 1000 positive terms differ by at most 2 * 1000 * 2^-53 of it.
  EXPECT_NEAR(outcome.summary.mean_cost, sum / 1000, 2000 * 0x1p-53 * sum / 1000);
  EXPECT_EQ(outcome.summary.evaluation_count, 11 * 1000);
  EXPECT_EQ(outcome.summary.non_finite_count, 0);
}

TEST_F(CudaSearchTest, CostsNeverRise) {
  const Cells cells = MadeUpCells(5000, 3, 12, 9);
  const Outcome before = Search(cells, 200, {3});
  const Outcome after = Search(cells, 200, {3, 5});
  for (std::size_t i = 0; i < before.population.costs.size(); ++i) {
    EXPECT_LE(after.population.costs[i], before.population.costs[i]);
  }
  EXPECT_LT(after.summary.mean_cost, before.summary.mean_cost);
}

TEST_F(CudaSearchTest, FindsTheBasinOfAKnownLaw) {
  Simulation simulation;
  simulation.per_model = 400;
  const Outcome outcome = Search(CellsOf(simulation), kEmulated ? 512 : 4096, {60});
  // 2000 scores of standard deviation 0.02, some clipped: sigma^2 times the count is their expected sum of squares, and
  // its relative standard deviation is sqrt(2 / 2000) = 0.032. The optimum lies below, and four of those above is 1.13.
  EXPECT_LT(outcome.summary.best_cost, 1.13 * 2000 * 0.02 * 0.02);
}

// A search whose generations take long: 65536 candidates on two million cells.
std::unique_ptr<OneSearch> StartLongSearch(Backend& backend) {
  return StartOne(backend, MadeUpCells(2000000, 2, 12, 9), SettingsOf(MakeDomain({}), 1), SpreadMembers(65536, 1))
      .value();
}

TEST_F(CudaSearchTest, ACancellationEndsASearchWithinATenthOfASecond) {
  const auto backend = OpenBackend();
  const auto search = StartLongSearch(*backend);
  StopSignal stop;
  const pthread_t caller = pthread_self();
  absl::Duration cancelled;
  std::thread canceller([&] {
    absl::SleepFor(absl::Milliseconds(200));
    cancelled = CpuTimeOfThread(caller);
    stop.Cancel();
  });
  const auto summary = search->Advance(1000000, stop);
  const absl::Duration returned = CpuTimeOfThread(caller);
  canceller.join();
  EXPECT_EQ(summary.status().code(), absl::StatusCode::kCancelled);
  EXPECT_LT(returned - cancelled, absl::Milliseconds(100));
}

TEST_F(CudaSearchTest, ADeadlineEndsASearchWithinATenthOfASecond) {
  const auto backend = OpenBackend();
  const auto search = StartLongSearch(*backend);
  // All of the thread's time: the 200 ms until the deadline, which may pass before it runs, and the 100 ms after it.
  const absl::Duration begin = CpuTimeOfThread(pthread_self());
  const auto summary = search->Advance(1000000, StopSignal(absl::Now() + absl::Milliseconds(200)));
  EXPECT_EQ(summary.status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_LT(CpuTimeOfThread(pthread_self()) - begin, absl::Milliseconds(300));
}

TEST_F(CudaSearchTest, TheDeviceIsUsableAfterACancellation) {
  const auto backend = OpenBackend();
  StopSignal stop;
  stop.Cancel();
  const Cells cells = MadeUpCells(5000, 3, 12, 9);
  const auto refused = StartOne(*backend, cells, SettingsOf(MakeDomain({}), 1), SpreadMembers(64, 1), stop);
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kCancelled);
  const auto search = StartOne(*backend, cells, SettingsOf(MakeDomain({}), 1), SpreadMembers(64, 1)).value();
  EXPECT_EQ(search->Advance(3, stop).status().code(), absl::StatusCode::kCancelled);
  EXPECT_TRUE(search->Advance(3, StopSignal()).ok());
}

}  // namespace
}  // namespace ctxfit

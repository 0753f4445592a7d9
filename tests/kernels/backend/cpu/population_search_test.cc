#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <memory>
#include <vector>

#include "kernels/backend/backend.h"
#include "kernels/law/domain.h"
#include "kernels/search/candidates.h"
#include "tests/kernels/defaults.h"
#include "tests/kernels/one_search.h"
#include "tests/kernels/proposal_settings.h"
#include "tests/kernels/random_cells.h"

namespace ctxfit {
namespace {

const Domain kDomain = DefaultDomain();

std::unique_ptr<OneSearch> Start(Backend& backend, const Cells& cells,
                                 const std::vector<BasicPoint<float>>& initial = LatinHypercube(kDomain, 40, 4)) {
  return StartOne(backend, cells, SettingsOf(kDomain, 4), initial).value();
}

bool SameBits(const BasicPoint<float>& a, const BasicPoint<float>& b) {
  return std::equal(std::begin(a.at), std::end(a.at), std::begin(b.at));
}

TEST(CpuSearchTest, EveryMemberIsItselfOrABetterTrialOfTheGeneration) {
  const std::unique_ptr<Backend> backend = MakeCpuBackend(2);
  const Cells cells = RandomCells({});
  const std::unique_ptr<OneSearch> search = Start(*backend, cells);
  const StopSignal stop;
  int replaced = 0;
  for (int generation = 1; generation <= 20; ++generation) {
    const PopulationSummary before = search->Advance(0, stop).value();
    const Population old = search->Read().value();
    ASSERT_TRUE(search->Advance(1, stop).ok());
    const Population now = search->Read().value();
    for (std::size_t i = 0; i < old.members.size(); ++i) {
      const BasicPoint<float> trial =
          Propose(old.members.data(), static_cast<std::uint32_t>(old.members.size()), before.best,
                  SettingsOf(kDomain, 4), generation, static_cast<std::uint32_t>(i));
      const bool kept = SameBits(now.members[i], old.members[i]);
      EXPECT_TRUE(kept || SameBits(now.members[i], trial));
      EXPECT_TRUE(kept ? now.costs[i] == old.costs[i] : now.costs[i] <= old.costs[i]);
      replaced += !kept;
    }
  }
  EXPECT_GT(replaced, 100);
}

TEST(CpuSearchTest, TheSummaryIsThatOfThePopulation) {
  const std::unique_ptr<Backend> backend = MakeCpuBackend(2);
  const std::unique_ptr<OneSearch> search = Start(*backend, RandomCells({}));
  const PopulationSummary summary = search->Advance(7, StopSignal()).value();
  const Population population = search->Read().value();
  double sum = 0;
  for (const double cost : population.costs) {
    sum += cost;
    EXPECT_GE(cost, summary.best_cost);
  }
  EXPECT_EQ(summary.generation, 7);
  EXPECT_EQ(summary.evaluation_count, 8 * 40);
  EXPECT_EQ(summary.non_finite_count, 0);
  EXPECT_EQ(population.costs[summary.best], summary.best_cost);
  EXPECT_NEAR(summary.mean_cost, sum / 40, 1e-14 * sum);
}

TEST(CpuSearchTest, TheLowestOfEqualsIsBest) {
  const std::unique_ptr<Backend> backend = MakeCpuBackend(2);
  std::vector<BasicPoint<float>> initial = LatinHypercube(kDomain, 40, 4);
  const Cells cells = RandomCells({});
  const std::uint32_t best = Start(*backend, cells, initial)->Advance(0, StopSignal()).value().best;
  initial[(best + 1) % 40] = initial[(best + 20) % 40] = initial[best];
  const std::uint32_t lowest = std::min({best, (best + 1) % 40, (best + 20) % 40});
  EXPECT_EQ(Start(*backend, cells, initial)->Advance(0, StopSignal()).value().best, lowest);
}

TEST(CpuSearchTest, ANonFiniteCandidateCountsAsWorst) {
  const std::unique_ptr<Backend> backend = MakeCpuBackend(2);
  std::vector<BasicPoint<float>> initial = LatinHypercube(kDomain, 40, 4);
  initial[0].at[kLogContextCoefficient] = std::numeric_limits<float>::quiet_NaN();
  const std::unique_ptr<OneSearch> search = Start(*backend, RandomCells({}), initial);
  const PopulationSummary summary = search->Advance(0, StopSignal()).value();
  EXPECT_EQ(summary.non_finite_count, 1);
  EXPECT_NE(summary.best, 0u);
  EXPECT_TRUE(std::isfinite(summary.mean_cost));
  EXPECT_EQ(search->Read().value().costs[0], std::numeric_limits<double>::infinity());
}

TEST(CpuSearchTest, ThreadsAndStepsChangeNoBit) {
  const Cells cells = RandomCells({.prompts = 3000});
  const std::unique_ptr<Backend> one = MakeCpuBackend(1);
  const std::unique_ptr<Backend> three = MakeCpuBackend(3);
  const std::unique_ptr<OneSearch> at_once = Start(*one, cells);
  const std::unique_ptr<OneSearch> by_steps = Start(*three, cells);
  ASSERT_TRUE(at_once->Advance(6, StopSignal()).ok());
  for (int step = 0; step < 3; ++step) ASSERT_TRUE(by_steps->Advance(2, StopSignal()).ok());
  const Population a = at_once->Read().value();
  const Population b = by_steps->Read().value();
  EXPECT_EQ(a.costs, b.costs);
  for (std::size_t i = 0; i < a.members.size(); ++i) EXPECT_TRUE(SameBits(a.members[i], b.members[i]));
}

TEST(CpuSearchTest, AStopSignalEndsASearchThatCanGoOn) {
  const std::unique_ptr<Backend> backend = MakeCpuBackend(2);
  const std::unique_ptr<OneSearch> search = Start(*backend, RandomCells({}));
  StopSignal cancelled;
  cancelled.Cancel();
  EXPECT_EQ(search->Advance(5, cancelled).status().code(), absl::StatusCode::kCancelled);
  const StopSignal late(absl::Now() - absl::Seconds(1));
  EXPECT_EQ(search->Advance(5, late).status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(search->Advance(5, StopSignal()).value().generation, 5);
}

TEST(CpuBackendTest, DeviceNamesTheNumberOfThreads) {
  EXPECT_EQ(MakeCpuBackend(1)->Name(), "cpu");
  EXPECT_EQ(MakeCpuBackend(1)->Device().substr(0, 10), "1 thread, ");
  EXPECT_EQ(MakeCpuBackend(3)->Device().substr(0, 11), "3 threads, ");
}

}  // namespace
}  // namespace ctxfit

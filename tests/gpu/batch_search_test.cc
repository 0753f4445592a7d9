#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "kernels/backend/cuda/search.h"
#include "kernels/backend/cuda/work_plan.h"
#include "kernels/law/domain.h"
#include "tests/gpu/gpu_test.h"
#include "tests/gpu/memory_hog.h"
#include "tests/gpu/option_sets.h"
#include "tests/gpu/problems.h"
#include "tests/gpu/search_outcome.h"
#include "tests/kernels/proposal_settings.h"

namespace ctxfit {
namespace {

// A search of several problems: what becomes of each must not depend on the others.
using CudaBatchSearchTest = GpuTest;

// A problem with what it refers to, which runs for `generations`.
struct OwnedProblem {
  Cells cells;
  ProposalSettings settings;
  std::vector<BasicPoint<float>> members;
  int generations;

  SearchProblem view() const { return {cells, settings, members}; }
};

OwnedProblem FactorProblem(Cells cells, int candidates, unsigned seed, int generations) {
  return {std::move(cells), SettingsOf(MakeDomain({}), seed), SpreadMembers(candidates, seed), generations};
}

OwnedProblem FullProblem(const OptionSet& set, int candidates, unsigned seed, int generations) {
  const FitOptions options = OptionsOf(set);
  const Domain domain = MakeDomain(options);
  return {CellsFor(options, {.per_model = 20, .noise = 0.1, .seed = seed}), SettingsOf(domain, seed),
          SpreadMembers(candidates, seed, domain), generations};
}

// Every kind of kernel, with and without the table of computes and shared prompt lengths, for several sizes of each.
std::vector<OwnedProblem> AllKinds() {
  std::vector<OwnedProblem> problems;
  problems.push_back(FactorProblem(MadeUpCells(300, 3, 12, 9), 130, 1, 4));
  problems.push_back(FactorProblem(MadeUpCells(1, 1, 1, 1), 3, 2, 2));
  problems.push_back(FullProblem({Loss::kHuber, FittedPart::kAll}, 40, 3, 4));
  problems.push_back(FactorProblem(MadeUpCells(400, 1, kObjectiveTableComputes + 1, 9), 40, 4, 3));
  problems.push_back(FactorProblem(MadeUpCells(1300, 1, 12, 9), 130, 5, 3));
  problems.push_back(FactorProblem(MadeUpCells(65, 3, 2, 9), 130, 6, 3));
  problems.push_back(FullProblem({Loss::kBernoulli, FittedPart::kPenalty}, 20, 7, 4));
  problems.push_back(FactorProblem(MadeUpCells(600, 2, kObjectiveTableComputes + 1, 9), 200, 8, 1));
  problems.push_back(FactorProblem(MadeUpCells(300, 3, kObjectiveTableComputes, 9), 60, 9, 4));
  problems.push_back(FullProblem({Loss::kHuber, FittedPart::kFloor}, 70, 10, 4));
  return problems;
}

// Runs problems in the order of `chosen` together, each for as many generations as it asks for; returns their outcomes
// in that order.
std::vector<Outcome> RunTogether(const std::vector<OwnedProblem>& problems, const std::vector<int>& chosen,
                                 std::int64_t slice_work = kSliceWork) {
  std::vector<SearchProblem> views;
  for (const int problem : chosen) views.push_back(problems[problem].view());
  const auto search = CudaSearch::Start(CudaDevice::Open(0).value(), views, StopSignal(), slice_work).value();
  EXPECT_EQ(search->problem_count(), static_cast<int>(chosen.size()));
  std::vector<Outcome> outcomes(chosen.size());
  for (int generation = 0;; ++generation) {
    std::vector<int> running;
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      if (problems[chosen[i]].generations > generation) running.push_back(static_cast<int>(i));
    }
    if (running.empty()) break;
    const std::vector<PopulationSummary> summaries = search->Advance(running, 1, StopSignal()).value();
    EXPECT_EQ(summaries.size(), running.size());
    for (std::size_t i = 0; i < running.size(); ++i) outcomes[running[i]].summary = summaries[i];
  }
  for (std::size_t i = 0; i < chosen.size(); ++i) outcomes[i].population = search->Read(static_cast<int>(i)).value();
  return outcomes;
}

std::vector<int> Ascending(std::size_t count) {
  std::vector<int> indices;
  for (std::size_t i = 0; i < count; ++i) indices.push_back(static_cast<int>(i));
  return indices;
}

TEST_F(CudaBatchSearchTest, EachProblemHasTheBitsThatItHasAlone) {
  const std::vector<OwnedProblem> problems = AllKinds();
  const std::vector<Outcome> together = RunTogether(problems, Ascending(problems.size()));
  for (std::size_t i = 0; i < problems.size(); ++i) {
    SCOPED_TRACE(i);
    ExpectSameBits(together[i], RunTogether(problems, {static_cast<int>(i)}).front());
  }
}

TEST_F(CudaBatchSearchTest, TheOrderOfProblemsChangesNothing) {
  const std::vector<OwnedProblem> problems = AllKinds();
  const std::vector<Outcome> together = RunTogether(problems, Ascending(problems.size()));
  std::vector<int> backwards = Ascending(problems.size());
  std::reverse(backwards.begin(), backwards.end());
  const std::vector<Outcome> reversed = RunTogether(problems, backwards);
  for (std::size_t i = 0; i < problems.size(); ++i) {
    SCOPED_TRACE(i);
    ExpectSameBits(together[i], reversed[problems.size() - 1 - i]);
  }
}

// Some problems are in slices then, and none in one round with all others.
TEST_F(CudaBatchSearchTest, RoundsChangeNothing) {
  const std::vector<OwnedProblem> problems = AllKinds();
  const std::int64_t slice_work = 128 * 1024;
  ASSERT_GT(PlanObjective(130, 1300, 12, slice_work).slices, 2);
  ASSERT_EQ(PlanObjective(130, 65, 2, slice_work).slices, 1);
  const std::vector<Outcome> together = RunTogether(problems, Ascending(problems.size()), slice_work);
  for (std::size_t i = 0; i < problems.size(); ++i) {
    SCOPED_TRACE(i);
    ExpectSameBits(together[i], RunTogether(problems, {static_cast<int>(i)}, slice_work).front());
  }
}

TEST_F(CudaBatchSearchTest, AProblemThatDoesNotRunStaysAsItIsAndCanGoOn) {
  const std::vector<OwnedProblem> problems = AllKinds();
  const auto search = CudaSearch::Start(OpenDevice(), {problems[0].view(), problems[2].view()}, StopSignal()).value();
  ASSERT_TRUE(search->Advance({0, 1}, 2, StopSignal()).ok());
  const std::vector<double> before = search->Read(0).value().costs;
  EXPECT_EQ(search->Advance({1}, 3, StopSignal()).value().front().generation, 5);
  EXPECT_EQ(search->Read(0).value().costs, before);
  const std::vector<PopulationSummary> summaries = search->Advance({1, 0}, 0, StopSignal()).value();
  EXPECT_EQ(summaries[0].generation, 5);
  EXPECT_EQ(summaries[1].generation, 2);
  ASSERT_TRUE(search->Advance({0}, 2, StopSignal()).ok());
  const Outcome resumed = {search->Advance({0}, 0, StopSignal()).value().front(), search->Read(0).value()};
  ExpectSameBits(resumed, RunTogether(problems, {0}).front());
}

TEST_F(CudaBatchSearchTest, AStopEndsABatchThatCanGoOn) {
  const std::vector<OwnedProblem> problems = AllKinds();
  std::vector<SearchProblem> views;
  for (const OwnedProblem& problem : problems) views.push_back(problem.view());
  StopSignal stop;
  const auto device = OpenDevice();
  const auto search = CudaSearch::Start(device, views, stop, 128 * 1024).value();
  stop.Cancel();
  EXPECT_EQ(search->Advance({0, 3}, 2, stop).status().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(CudaSearch::Start(device, views, stop).status().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(search->Advance({3, 5}, 2, StopSignal()).value().back().generation, 2);
}

// A search may use 27 of the 104 MiB that are left. Each problem needs 5.8 MB for its members and sums.
TEST_F(CudaBatchSearchTest, ASearchTakesAsManyProblemsAsFit) {
  const auto device = OpenDevice();
  const MemoryHog hog(104);
  const Cells cells = MadeUpCells(1, 1, 1, 1);
  const std::vector<BasicPoint<float>> members = SpreadMembers(65536, 1);
  const std::vector<SearchProblem> problems(8, {cells, SettingsOf(MakeDomain({}), 1), members});
  const auto some = CudaSearch::Start(device, problems, StopSignal());
  ASSERT_TRUE(some.ok()) << some.status();
  EXPECT_GE((*some)->problem_count(), 3);
  EXPECT_LE((*some)->problem_count(), 5);
}

// A problem that does not fit beside others is tried alone.
TEST_F(CudaBatchSearchTest, ASearchTakesOneProblemAtLeast) {
  const auto device = OpenDevice();
  const MemoryHog hog(64);
  const OwnedProblem problem = FactorProblem(MadeUpCells(100, 2, 3, 9), 40, 1, 1);
  const auto one = CudaSearch::Start(device, {problem.view(), problem.view()}, StopSignal());
  ASSERT_TRUE(one.ok()) << one.status();
  EXPECT_EQ((*one)->problem_count(), 1);
}

}  // namespace
}  // namespace ctxfit

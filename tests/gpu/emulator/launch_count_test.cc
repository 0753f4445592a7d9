#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "kernels/backend/backend.h"
#include "kernels/law/domain.h"
#include "tests/gpu/emulator/control.h"
#include "tests/gpu/problems.h"

namespace ctxfit::emulator {
namespace {

// The calls of the runtime that a generation of so many problems takes, launches among them.
long CountCallsOfAGeneration(int problem_count) {
  const auto backend = MakeCudaBackend().value();
  const Cells cells = MadeUpCells(100, 2, 3, 9);
  const std::vector<BasicPoint<float>> members = SpreadMembers(40, 1);
  const std::vector<SearchProblem> problems(problem_count, {cells, SettingsOf(MakeDomain({}), 1), members});
  std::vector<int> running;
  for (int problem = 0; problem < problem_count; ++problem) running.push_back(problem);
  const auto search = backend->StartSearch(problems, StopSignal()).value();
  RepairDevice();
  EXPECT_TRUE(search->Advance(running, 1, StopSignal()).ok());
  return CountCalls();
}

TEST(LaunchCountTest, AGenerationOfManyProblemsHasTheLaunchesOfOne) {
  const long calls = CountCallsOfAGeneration(1);
  EXPECT_GT(calls, 6);  // five launches and the graph of them
  EXPECT_EQ(CountCallsOfAGeneration(2), calls);
  EXPECT_EQ(CountCallsOfAGeneration(60), calls);
}

}  // namespace
}  // namespace ctxfit::emulator

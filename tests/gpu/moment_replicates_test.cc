#include "kernels/backend/cuda/moment_replicates.h"

#include <algorithm>

#include "kernels/backend/cuda/buffer.h"
#include "kernels/backend/cuda/device_moments.h"
#include "kernels/backend/cuda/refit.h"
#include "kernels/law/domain.h"
#include "tests/gpu/gpu_test.h"
#include "tests/gpu/refits.h"
#include "tests/kernels/defaults.h"
#include "tests/kernels/moment_problem.h"

namespace ctxfit {
namespace {

using CudaMomentReplicatesTest = GpuTest;

RefitProblem MakeProblem(const MomentDesign& design, int replicates) {
  RefitProblem problem;
  problem.cells = ManyCells(design);
  problem.domain = DefaultDomain();
  problem.request = Request(problem.cells, replicates);
  return problem;
}

MomentTable TableOf(const RefitProblem& problem) {
  return TabulateMoments(Gather(problem.cells, problem.request.start).value(), problem.cells.unit_count);
}

MomentPlan PlanOf(const RefitProblem& problem, const MomentTable& table) {
  return PlanMoments(table.View(), problem.request.criteria.max_iterations);
}

// More units, and more computes, than there is shared memory for.
const MomentDesign kManyUnits = {.distinct_prompts = false, .clusters = 6001, .per_model = 6001};
const MomentDesign kManyComputes = {
    .distinct_prompts = false, .clusters = 7, .models = 3000, .per_model = 8, .compute_step = 1.002};

void ExpectBackendsAgreeByMoments(const RefitProblem& problem) {
  EXPECT_TRUE(problem.HasMoments());
  ExpectBackendsAgree(problem);
}

TEST_F(CudaMomentReplicatesTest, ReplicatesAgreeWithTheCpuWherePolynomialsInterpolate) {
  ExpectBackendsAgreeByMoments(MakeProblem({}, 200));
}

TEST_F(CudaMomentReplicatesTest, ReplicatesAgreeWithTheCpuWherePromptsAreFew) {
  ExpectBackendsAgreeByMoments(MakeProblem({.distinct_prompts = false, .clusters = 30}, 200));
}

TEST_F(CudaMomentReplicatesTest, ReplicatesAgreeWithTheCpuOnFewUnits) {
  ExpectBackendsAgreeByMoments(MakeProblem({.clusters = 5}, 200));
}

TEST_F(CudaMomentReplicatesTest, ReplicatesAgreeWithTheCpuWhereUnitsOutgrowSharedMemory) {
  const RefitProblem problem = MakeProblem(kManyUnits, Scaled(100));
  EXPECT_FALSE(PlanOf(problem, TableOf(problem)).weights.shared);
  ExpectBackendsAgreeByMoments(problem);
}

TEST_F(CudaMomentReplicatesTest, ReplicatesAgreeWithTheCpuWhereComputesOutgrowSharedMemory) {
  const RefitProblem problem = MakeProblem(kManyComputes, Scaled(100));
  EXPECT_FALSE(PlanOf(problem, TableOf(problem)).compute.shared);
  EXPECT_FALSE(PlanOf(problem, TableOf(problem)).sums.shared);
  ExpectBackendsAgreeByMoments(problem);
}

TEST_F(CudaMomentReplicatesTest, ReplicatesThatLeaveTheRangeOfThePolynomialsAreRefittedOverCells) {
  RefitProblem problem;
  problem.cells = CellsWithAStep();
  problem.domain = DefaultDomain();
  problem.request = Request(problem.cells, 64);
  const ReplicateFits fits = Refit(*OpenBackend(), problem);
  const double highest = Gather(problem.cells, problem.request.start).value().highest_exponent;
  const auto beyond = std::count_if(fits.points.begin(), fits.points.end(),
                                    [&](const Point& point) { return point.at[kContextExponent] > highest; });
  EXPECT_GT(beyond, 0);
  EXPECT_LT(beyond, 64);
  ExpectOptimaOverCells(problem.cells, problem.request, fits);
}

TEST_F(CudaMomentReplicatesTest, TheSameRefitTwiceHasTheSameBits) {
  const RefitProblem problem = MakeProblem({}, 100);
  const auto backend = OpenBackend();
  ExpectSameBits(Refit(*backend, problem), Refit(*backend, problem));
}

// The replicates of a problem by launches of so many of them and so many steps.
std::vector<LmState> LaunchAll(const std::shared_ptr<CudaDevice>& device, const RefitProblem& problem,
                               const MomentTable& table, std::int32_t per_launch, std::int32_t max_steps) {
  const std::int32_t count = problem.request.replicates;
  const auto moments = UploadMoments(device, table, StopSignal()).value();
  MomentPlan plan = PlanOf(problem, table);
  plan.max_steps = max_steps;
  const ReplicateProblem common = {problem.domain, problem.request.criteria, problem.request.weights.seed};
  const auto task = DeviceBuffer<MomentTask>::CopyOf(device, {{moments.View(), common, plan}}).value();
  const auto begin = DeviceBuffer<std::int32_t>::CopyOf(device, {0}).value();
  const std::vector<LmState> starts(count, StartLm(problem.request.start));
  const auto states = DeviceBuffer<LmState>::CopyOf(device, starts).value();
  const auto scratch = DeviceBuffer<double>::Allocate(device, per_launch * plan.scratch_size).value();
  const auto unfinished = DeviceBuffer<std::int32_t>::CopyOf(device, {count}).value();
  const MomentReplicatesView view = {task.data(),      begin.data(),     1,
                                     states.data(),    scratch.data(),   plan.scratch_size,
                                     plan.shared_size, unfinished.data()};
  while (unfinished.ToHost().value()[0] > 0) {
    for (std::int32_t first = 0; first < count; first += per_launch) {
      const std::int32_t launched = std::min(per_launch, count - first);
      EXPECT_TRUE(LaunchMomentReplicates(view, first, launched, device->stream()).ok());
    }
  }
  return states.ToHost().value();
}

TEST_F(CudaMomentReplicatesTest, TheSizeOfLaunchesChangesNoBits) {
  const auto device = OpenDevice();
  for (const MomentDesign& design : {MomentDesign{}, kManyUnits, kManyComputes}) {
    const RefitProblem problem = MakeProblem(design, 12);
    const MomentTable table = TableOf(problem);
    const std::vector<LmState> expected = LaunchAll(device, problem, table, 12, 32);
    for (const std::int32_t per_launch : {1, 5, 12}) {
      for (const std::int32_t max_steps : {1, 3, 200}) {
        const std::vector<LmState> states = LaunchAll(device, problem, table, per_launch, max_steps);
        for (int b = 0; b < 12; ++b) {
          EXPECT_TRUE(states[b].converged);
          EXPECT_EQ(states[b].iterations, expected[b].iterations);
          for (int i = 0; i < kCoordinateCount; ++i) EXPECT_EQ(states[b].best.at[i], expected[b].best.at[i]);
        }
      }
    }
  }
}

// Tasks whose replicates go by moments, of every place of their tables, between others that do not.
std::vector<RefitProblem> MixedProblems() {
  std::vector<RefitProblem> problems;
  problems.push_back(MakeProblem({}, 20));
  problems.push_back(MakeProblem(kManyUnits, 3));
  problems.push_back(MakeProblem({.clusters = 5}, 0));
  problems.push_back(MakeProblem({.distinct_prompts = false, .clusters = 30}, 1));
  problems.push_back(MakeProblem({.clusters = 5}, 10));
  problems.back().request.weights.kind = WeightKind::kPoisson;
  problems.push_back(MakeProblem(kManyComputes, 2));
  problems.push_back(MakeProblem({.clusters = 5}, 30));
  problems.back().request.weights.seed = 7;
  problems.back().request.criteria.max_iterations = 2;
  problems.push_back({CellsWithAStep(), DefaultDomain(), {}});
  problems.back().request = Request(problems.back().cells, 6);
  return problems;
}

TEST_F(CudaMomentReplicatesTest, EachTaskHasTheBitsThatItHasAlone) {
  const std::vector<RefitProblem> problems = MixedProblems();
  const auto backend = OpenBackend();
  std::vector<ReplicateTask> tasks;
  std::vector<ReplicateFits> alone;
  for (const RefitProblem& problem : problems) {
    tasks.push_back({problem.cells, problem.domain, problem.request});
    alone.push_back(Refit(*backend, problem));
  }
  // With 1 byte each task is a batch.
  for (const std::size_t max_bytes : {std::size_t{1}, kMaxBatchBytes}) {
    const auto together = RefitTogetherOnDevice(OpenDevice(), tasks, backend->Host(), StopSignal(), max_bytes).value();
    ASSERT_EQ(together.size(), tasks.size());
    for (std::size_t task = 0; task < tasks.size(); ++task) {
      SCOPED_TRACE(task);
      const bool by_moments = task != 2 && task != 4;
      ASSERT_EQ(together[task].has_value(), by_moments);
      if (by_moments) ExpectSameBits(*together[task], alone[task]);
    }
  }
}

TEST_F(CudaMomentReplicatesTest, NoTasksHaveNoReplicates) {
  EXPECT_TRUE(OpenBackend()->RefitTogether({}, StopSignal()).value().empty());
}

TEST_F(CudaMomentReplicatesTest, ReplicatesIterateAsOftenAsTheyMayAndNoMore) {
  for (const int max_iterations : {1, 100}) {
    RefitProblem problem = MakeProblem({}, 20);
    problem.request.criteria.max_iterations = max_iterations;
    problem.request.criteria.tolerance = 1e-300;
    const ReplicateFits fits = Refit(*OpenBackend(), problem);
    EXPECT_EQ(std::count(fits.converged.begin(), fits.converged.end(), true), 0);
    EXPECT_EQ(fits.max_iteration_count, max_iterations);
  }
}

TEST_F(CudaMomentReplicatesTest, ACancellationEndsRefitsWithinATenthOfASecond) {
  const auto backend = OpenBackend();
  RefitProblem problem = MakeProblem(kManyComputes, 20000);
  problem.request.criteria.tolerance = 1e-300;  // never converges
  problem.request.criteria.max_iterations = 1000000;
  ExpectCancelledWithinATenthOfASecond(*backend, problem);
}

}  // namespace
}  // namespace ctxfit

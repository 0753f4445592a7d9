#include <algorithm>
#include <cmath>

#include "kernels/backend/cuda/work_plan.h"
#include "kernels/descent/refine.h"
#include "kernels/law/domain.h"
#include "kernels/objective/host_compute.h"
#include "kernels/objective/linearization.h"
#include "kernels/objective/vector_kernels.h"
#include "tests/gpu/gpu_test.h"
#include "tests/gpu/problems.h"
#include "tests/gpu/refits.h"

namespace ctxfit {
namespace {

using CudaReplicatesTest = GpuTest;

RefitProblem MakeProblem(const Simulation& simulation, int replicates) {
  RefitProblem problem;
  problem.cells = CellsOf(simulation, Units::kKeep);
  problem.domain = MakeDomain({});
  const Point start = {{std::log(0.9), 0.4, std::log(1.1), 0.6}};
  ThreadPool pool(1);
  const HostCompute host = {BestVectorKernels(), pool};
  const Refinement refined = Refine(problem.cells, problem.domain, {start}, host, StopSignal()).value();
  problem.request = {refined.point, replicates, {77}, {}};
  problem.request.criteria.variance = ResidualVariance(problem.cells, refined.final_cost, kCoordinateCount);
  return problem;
}

// Replicates that are refitted over cells.
void ExpectBackendsAgreeOverCells(const RefitProblem& problem) {
  EXPECT_FALSE(problem.HasMoments());
  ExpectBackendsAgree(problem);
}

TEST_F(CudaReplicatesTest, ReplicatesAgreeWithTheCpuOnClusters) {
  Simulation simulation;
  simulation.per_model = 400;
  simulation.clusters = 60;
  ExpectBackendsAgreeOverCells(MakeProblem(simulation, 200));
}

TEST_F(CudaReplicatesTest, ReplicatesAgreeWithTheCpuOnRecords) {
  Simulation simulation;
  simulation.per_model = 600;  // 3000 units, more than the table in shared memory holds
  static_assert(3000 > kReplicateTableUnits);
  ExpectBackendsAgreeOverCells(MakeProblem(simulation, 1100));  // more than are split over blocks
}

TEST_F(CudaReplicatesTest, ReplicatesAgreeWithTheCpuWherePromptsRepeat) {
  Simulation simulation;
  simulation.distinct_prompts = false;
  simulation.models = 9;  // too many for the moments of every record to be fewer than cells
  simulation.per_model = 600;
  ExpectBackendsAgreeOverCells(MakeProblem(simulation, 30));
}

TEST_F(CudaReplicatesTest, ReplicatesAgreeWithTheCpuWhereComputesOutgrowSharedMemory) {
  Simulation simulation;
  simulation.models = kReplicateTableComputes + 1;
  simulation.compute_step = 1.005;
  simulation.per_model = 2;
  ExpectBackendsAgreeOverCells(MakeProblem(simulation, 30));
}

TEST_F(CudaReplicatesTest, TheSameRefitTwiceHasTheSameBits) {
  Simulation simulation;
  simulation.clusters = 20;
  const RefitProblem problem = MakeProblem(simulation, 100);
  const auto backend = OpenBackend();
  ExpectSameBits(Refit(*backend, problem), Refit(*backend, problem));
}

TEST_F(CudaReplicatesTest, AReplicateThatMayNotIterateIsReportedAsNotConverged) {
  RefitProblem problem = MakeProblem({}, 20);
  problem.request.criteria.max_iterations = 1;
  problem.request.criteria.tolerance = 1e-30;
  const ReplicateFits fits = Refit(*OpenBackend(), problem);
  ASSERT_EQ(fits.points.size(), 20u);
  EXPECT_EQ(std::count(fits.converged.begin(), fits.converged.end(), true), 0);
  EXPECT_EQ(fits.max_iteration_count, 1);
}

TEST_F(CudaReplicatesTest, NoReplicatesAreNoWork) {
  RefitProblem problem = MakeProblem({}, 20);
  problem.request.replicates = 0;
  EXPECT_TRUE(Refit(*OpenBackend(), problem).points.empty());
}

TEST_F(CudaReplicatesTest, ACancellationEndsRefitsWithinATenthOfASecond) {
  const auto backend = OpenBackend();
  RefitProblem problem = MakeProblem({}, 20000);
  problem.cells = MadeUpCells(1000000, 2, 12, 5000);
  ASSERT_FALSE(problem.HasMoments());
  problem.request.criteria.tolerance = 1e-30;  // never converges: 50 iterations of 2e10 weighted cells
  ExpectCancelledWithinATenthOfASecond(*backend, problem);
}

}  // namespace
}  // namespace ctxfit

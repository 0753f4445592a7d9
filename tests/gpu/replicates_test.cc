#include <algorithm>
#include <cmath>
#include <thread>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "kernels/cuda/work_plan.h"
#include "kernels/linearization.h"
#include "kernels/refine.h"
#include "tests/gpu/gpu_test.h"
#include "tests/gpu/problems.h"

namespace ctxfit {
namespace {

using CudaReplicatesTest = GpuTest;

// Cells with units and what to refit on them: `rule` has the variance that the point estimate leaves.
struct Problem {
  Cells cells;
  Domain domain;
  ReplicateRequest request;
};

Problem MakeProblem(const Simulation& simulation, int replicates) {
  Problem problem;
  problem.cells = CellsOf(simulation, Units::kKeep);
  problem.domain = MakeDomain({});
  const Point start = {{std::log(0.9), 0.4, std::log(1.1), 0.6}};
  ThreadPool pool(1);
  const Refinement refined = Refine(problem.cells, problem.domain, {start}, pool, StopSignal()).value();
  problem.request = {refined.point, replicates, 77, {}};
  problem.request.rule.variance = ResidualVariance(problem.cells, refined.final_cost, kCoordinateCount);
  return problem;
}

ReplicateFits Refit(Backend& backend, const Problem& problem) {
  return backend.RefitReplicates(problem.cells, problem.domain, problem.request, StopSignal()).value();
}

double StandardDeviationOf(const ReplicateFits& fits, int coordinate) {
  double sum = 0;
  double squares = 0;
  for (const Point& point : fits.points) sum += point.at[coordinate];
  const double mean = sum / fits.points.size();
  for (const Point& point : fits.points) squares += std::pow(point.at[coordinate] - mean, 2);
  return std::sqrt(squares / fits.points.size());
}

void ExpectBackendsAgree(const Problem& problem) {
  const ReplicateFits on_gpu = Refit(*MakeCudaBackend().value(), problem);
  const ReplicateFits on_cpu = Refit(*MakeCpuBackend(), problem);
  ASSERT_EQ(on_gpu.points.size(), on_cpu.points.size());
  EXPECT_EQ(on_gpu.converged, on_cpu.converged);
  for (int i = 0; i < kCoordinateCount; ++i) {
    // Both take the same steps up to rounding in double precision. Where that decides whether a last step is taken, the
    // ends differ by that step: each lies within sqrt(1e-6) standard errors of the optimum in the direction of its own
    // step, and a replicate's standard error is that of the weights' effective sample, sqrt(2) of all at most.
    const double tolerance = 2 * 1e-3 * 1.5 * StandardDeviationOf(on_cpu, i);
    for (std::size_t b = 0; b < on_gpu.points.size(); ++b) {
      ASSERT_NEAR(on_gpu.points[b].at[i], on_cpu.points[b].at[i], tolerance) << "replicate " << b << ", " << i;
    }
  }
}

TEST_F(CudaReplicatesTest, AgreeWithTheCpuOnClusters) {
  Simulation simulation;
  simulation.per_model = 400;
  simulation.clusters = 60;
  ExpectBackendsAgree(MakeProblem(simulation, 200));
}

TEST_F(CudaReplicatesTest, AgreeWithTheCpuOnRecords) {
  Simulation simulation;
  simulation.per_model = 600;  // 3000 units, more than the table in shared memory holds
  static_assert(3000 > kReplicateTableUnits);
  ExpectBackendsAgree(MakeProblem(simulation, 1100));  // more than are split over blocks
}

TEST_F(CudaReplicatesTest, AgreeWithTheCpuWherePromptsRepeat) {
  Simulation simulation;
  simulation.distinct_prompts = false;
  simulation.per_model = 1000;
  ExpectBackendsAgree(MakeProblem(simulation, 30));
}

TEST_F(CudaReplicatesTest, AgreeWithTheCpuWhereComputesOutgrowSharedMemory) {
  Simulation simulation;
  simulation.models = kReplicateTableComputes + 1;
  simulation.compute_step = 1.005;
  simulation.per_model = 2;
  ExpectBackendsAgree(MakeProblem(simulation, 30));
}

TEST_F(CudaReplicatesTest, TheSameRefitTwiceHasTheSameBits) {
  Simulation simulation;
  simulation.clusters = 20;
  const Problem problem = MakeProblem(simulation, 100);
  const auto backend = OpenBackend();
  const ReplicateFits first = Refit(*backend, problem);
  const ReplicateFits second = Refit(*backend, problem);
  EXPECT_EQ(first.max_iteration_count, second.max_iteration_count);
  for (std::size_t b = 0; b < first.points.size(); ++b) {
    for (int i = 0; i < kCoordinateCount; ++i) EXPECT_EQ(first.points[b].at[i], second.points[b].at[i]);
  }
}

TEST_F(CudaReplicatesTest, OneThatMayNotIterateIsReportedAsNotConverged) {
  Problem problem = MakeProblem({}, 20);
  problem.request.rule.max_iterations = 1;
  problem.request.rule.tolerance = 1e-30;
  const ReplicateFits fits = Refit(*OpenBackend(), problem);
  ASSERT_EQ(fits.points.size(), 20u);
  EXPECT_EQ(std::count(fits.converged.begin(), fits.converged.end(), true), 0);
  EXPECT_EQ(fits.max_iteration_count, 1);
}

TEST_F(CudaReplicatesTest, NoReplicatesAreNoWork) {
  Problem problem = MakeProblem({}, 20);
  problem.request.replicates = 0;
  EXPECT_TRUE(Refit(*OpenBackend(), problem).points.empty());
}

TEST_F(CudaReplicatesTest, ACancellationEndsThemWithinATenthOfASecond) {
  const auto backend = OpenBackend();
  Problem problem = MakeProblem({}, 20000);
  problem.cells = MadeUpCells(1000000, 2, 12, 5000);
  problem.request.rule.tolerance = 1e-30;  // never converges: 50 iterations of 2e10 weighted cells
  StopSignal stop;
  absl::Time cancelled;
  std::thread canceller([&] {
    absl::SleepFor(absl::Milliseconds(300));
    cancelled = absl::Now();
    stop.Cancel();
  });
  const auto fits = backend->RefitReplicates(problem.cells, problem.domain, problem.request, stop);
  const absl::Time returned = absl::Now();
  canceller.join();
  EXPECT_EQ(fits.status().code(), absl::StatusCode::kCancelled);
  EXPECT_LT(returned - cancelled, absl::Milliseconds(100));
}

}  // namespace
}  // namespace ctxfit

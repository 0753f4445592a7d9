#include "kernels/backend/cuda/moment_loops.h"

#include <gtest/gtest.h>

#include <cmath>
#include <optional>
#include <vector>

#include "kernels/backend/cpu/replicates.h"
#include "kernels/backend/cuda/add_equations.h"
#include "kernels/descent/levenberg_marquardt.h"
#include "kernels/law/domain.h"
#include "tests/kernels/defaults.h"
#include "tests/kernels/moment_problem.h"
#include "tests/kernels/spread_of_fits.h"

namespace ctxfit {
namespace {

// Runs the threads of a block in turn, from one of the kernel's barriers to the next.
class Block {
 public:
  Block(const MomentTable& table, const MomentPlan& plan, const ReplicateRequest& request, int threads = kMomentThreads)
      : moments_(table.View()),
        plan_(plan),
        request_(request),
        threads_(threads),
        shared_(plan.shared_size, NAN),
        scratch_(plan.scratch_size, NAN),
        tables_(LayTables(plan, shared_.data(), scratch_.data())) {}

  // One launch: plan.max_steps more steps at most.
  void Advance(std::uint32_t replicate, LmState& state) {
    for (int t = 0; t < threads_; ++t) DrawWeights(moments_, request_.weights.seed, replicate, Thread(t), tables_);
    for (int t = 0; t < threads_; ++t) WeighPlaces(moments_, Thread(t), tables_);
    for (int step = 0; step < plan_.max_steps && !state.finished; ++step) {
      for (int t = 0; t < threads_; ++t) FillFactors(moments_, state.trial, Thread(t), tables_);
      FactorEquations sums = {};
      for (int t = 0; t < threads_; ++t) sums = AddEquations()(sums, SumPlaces(moments_, Thread(t), tables_));
      AdvanceLm(DefaultDomain(), request_.criteria, Widen(sums), state);
    }
  }

  LmState Refit(std::uint32_t replicate) {
    LmState state = StartLm(request_.start);
    while (!state.finished) Advance(replicate, state);
    return state;
  }

  const MomentTables& tables() const { return tables_; }

 private:
  BlockThread Thread(int index) const { return {index, threads_}; }

  const MomentsView moments_;
  const MomentPlan plan_;
  const ReplicateRequest request_;
  const int threads_;
  std::vector<double> shared_;
  std::vector<double> scratch_;
  const MomentTables tables_;
};

struct Problem {
  explicit Problem(const MomentDesign& design, int replicates = 20)
      : cells(ManyCells(design)),
        table(TabulateMoments(Gather(cells, kCentre).value(), cells.unit_count)),
        request(Request(cells, replicates)),
        plan(PlanMoments(table.View(), request.criteria.max_iterations)) {}

  Cells cells;
  MomentTable table;
  ReplicateRequest request;
  MomentPlan plan;
};

// Returns the plan with every table in scratch.
MomentPlan InScratch(MomentPlan plan) {
  for (TableSpot* spot : {&plan.context, &plan.compute, &plan.sums, &plan.weights}) {
    if (!spot->shared) spot->begin += plan.shared_size;
    spot->shared = false;
  }
  plan.scratch_size += plan.shared_size;
  plan.shared_size = 0;
  return plan;
}

void ExpectSameBits(const LmState& a, const LmState& b) {
  EXPECT_EQ(a.iterations, b.iterations);
  EXPECT_EQ(a.converged, b.converged);
  for (int i = 0; i < kCoordinateCount; ++i) EXPECT_EQ(a.best.at[i], b.best.at[i]);
}

void ExpectTheCpusReplicates(Problem problem) {
  problem.request.criteria.tolerance = 1e-10;
  ThreadPool pool(1);
  const ReplicateFits on_cpu =
      RefitCpuReplicates({BestVectorKernels(), pool}, problem.cells, DefaultDomain(), problem.request, StopSignal())
          .value();
  Block block(problem.table, problem.plan, problem.request);
  for (int b = 0; b < problem.request.replicates; ++b) {
    const LmState state = block.Refit(b);
    EXPECT_TRUE(state.converged && on_cpu.converged[b]) << "replicate " << b;
    for (int i = 0; i < kFactorCoordinateCount; ++i) {
      // Both descend on the same moments, and each ends within sqrt(1e-10) of a replicate's standard errors of the
      // optimum, which are those of the weights' effective sample, sqrt(2) of all at most.
      const double tolerance = 2 * 1e-5 * 1.5 * StandardDeviationOf(on_cpu, i);
      EXPECT_NEAR(state.best.at[i], on_cpu.points[b].at[i], tolerance) << "replicate " << b << ", coordinate " << i;
    }
  }
}

TEST(MomentLoopsTest, LoopsFindTheCpusReplicates) { ExpectTheCpusReplicates(Problem({})); }

TEST(MomentLoopsTest, LoopsFindTheCpusReplicatesOfFewUnits) { ExpectTheCpusReplicates(Problem({.clusters = 5})); }

TEST(MomentLoopsTest, LoopsFindTheCpusReplicatesOfMoreUnitsThanSharedMemoryHolds) {
  const Problem problem({.distinct_prompts = false, .clusters = 6001, .per_model = 6001});
  EXPECT_FALSE(problem.plan.weights.shared);
  ExpectTheCpusReplicates(problem);
}

TEST(MomentLoopsTest, LoopsFindTheCpusReplicatesOfMoreComputesThanSharedMemoryHolds) {
  const Problem problem(
      {.distinct_prompts = false, .clusters = 7, .models = 3000, .per_model = 8, .compute_step = 1.002});
  EXPECT_FALSE(problem.plan.compute.shared);
  EXPECT_FALSE(problem.plan.sums.shared);
  ExpectTheCpusReplicates(problem);
}

TEST(MomentLoopsTest, WeightsAreThoseOfEveryUnit) {
  Problem problem({});
  for (const std::int32_t units : {1, 3, 4, 5, 6, 262, 263}) {
    problem.table.unit_count = units;
    problem.plan = PlanMoments(problem.table.View(), 200);
    for (const int threads : {1, 2, kMomentThreads}) {
      std::vector<double> shared(problem.plan.shared_size, NAN);
      const MomentTables tables = LayTables(problem.plan, shared.data(), nullptr);
      for (int t = 0; t < threads; ++t) DrawWeights(problem.table.View(), 5, 12, {t, threads}, tables);
      for (std::int32_t unit = 0; unit < units; ++unit) EXPECT_EQ(tables.weights[unit], ReplicateWeight(5, 12, unit));
    }
  }
}

TEST(MomentLoopsTest, NeitherWhereTablesLieNorHowStepsAreLaunchedChangesABit) {
  const Problem problem({});
  MomentPlan step_by_step = problem.plan;
  step_by_step.max_steps = 1;
  Block block(problem.table, problem.plan, problem.request);
  Block in_scratch(problem.table, InScratch(problem.plan), problem.request);
  Block by_steps(problem.table, step_by_step, problem.request);
  for (const std::uint32_t replicate : {0, 7, 19}) {
    const LmState expected = block.Refit(replicate);
    EXPECT_GT(expected.iterations, 2);
    ExpectSameBits(in_scratch.Refit(replicate), expected);
    ExpectSameBits(by_steps.Refit(replicate), expected);
  }
}

TEST(MomentLoopsTest, SumsDoNotDependOnTheNumberOfThreads) {
  const Problem problem({});
  Block one(problem.table, problem.plan, problem.request, 1);
  Block many(problem.table, problem.plan, problem.request);
  LmState first = StartLm(kCentre);
  LmState second = first;
  one.Advance(3, first);
  many.Advance(3, second);
  for (std::size_t place = 0; place < problem.table.place.size(); ++place) {
    EXPECT_EQ(one.tables().sums[place].weight, many.tables().sums[place].weight);
    EXPECT_EQ(one.tables().sums[place].residual, many.tables().sums[place].residual);
  }
}

}  // namespace
}  // namespace ctxfit

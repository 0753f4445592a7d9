#include "kernels/descent/refine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "kernels/base/thread_pool.h"
#include "kernels/data/cells.h"
#include "kernels/law/domain.h"
#include "kernels/law/law_options.h"
#include "kernels/objective/host_compute.h"
#include "kernels/objective/linearization.h"
#include "kernels/objective/vector_kernels.h"
#include "tests/kernels/simulated_data.h"

namespace ctxfit {
namespace {

using ::testing::HasSubstr;

// Noiseless scores of the simulation's own law, at its own references.
struct Exact {
  Simulation simulation;
  Observations observations;
  Cells cells;
};

Exact MakeExact(double noise = 0) {
  Exact exact;
  exact.simulation.noise = noise;
  exact.observations = OnlyTask(Simulate(exact.simulation));
  exact.cells = Collapse(exact.observations, exact.simulation.law.references, {}, Units::kMerge);
  return exact;
}

const std::vector<Point> kStarts = {{{0, 1, 0, 1}}, {{-1, 0.2, 1, 0.3}}, {{1, 0.1, -1, 2}}};

class RefineTest : public ::testing::Test {
 protected:
  ThreadPool pool_{2};
  const HostCompute host_{BestVectorKernels(), pool_};
};

TEST_F(RefineTest, FindsTheLawThatMadeTheData) {
  const Exact exact = MakeExact();
  const Refinement refinement = Refine(exact.cells, MakeDomain({}), kStarts, host_, StopSignal()).value();
  for (int i = 0; i < kCoordinateCount; ++i) {
    // The scores carry rounding of 1e-16; the condition number of this design is below 1e3.
    EXPECT_NEAR(refinement.point.at[i], exact.simulation.law.point.at[i], 1e-10) << "coordinate " << i;
  }
  EXPECT_LT(refinement.final_cost, 1e-22);
}

TEST_F(RefineTest, ConvergesWhereTheGradientIsSmallAndStartsAgree) {
  const Exact exact = MakeExact(0.05);
  const Refinement refinement = Refine(exact.cells, MakeDomain({}), kStarts, host_, StopSignal()).value();
  EXPECT_TRUE(refinement.converged);
  EXPECT_LT(refinement.gradient_in_standard_errors, 1e-6);
  EXPECT_EQ(refinement.start_count, 3);
  EXPECT_GE(refinement.agreeing_count, 2);
  EXPECT_EQ(refinement.basins.size(), 1u);
  EXPECT_LT(refinement.final_cost, refinement.initial_cost);
  EXPECT_NEAR(refinement.final_cost, WeightedCost(exact.cells, refinement.point), 1e-12 * refinement.final_cost);
}

// Without residuals an end is many standard errors from another that the solver cannot tell from it.
TEST_F(RefineTest, ExactScoresHaveOneOptimum) {
  const Exact exact = MakeExact();
  std::vector<Point> starts;
  for (const double exponent : {0.05, 0.1, 0.2, 0.4, 0.8, 1.6}) {
    for (const double coefficient : {-2, 0, 1}) starts.push_back({{coefficient, exponent, -coefficient, exponent}});
  }
  const Refinement refinement = Refine(exact.cells, MakeDomain({}), starts, host_, StopSignal()).value();
  EXPECT_EQ(refinement.basins.size(), 1u);
}

TEST_F(RefineTest, OneStartAloneIsNotConvergence) {
  const Exact exact = MakeExact(0.05);
  const Refinement refinement = Refine(exact.cells, MakeDomain({}), {kStarts[0]}, host_, StopSignal()).value();
  EXPECT_FALSE(refinement.converged);
  EXPECT_THAT(refinement.termination_message, HasSubstr("1 of 1 starts agree"));
}

TEST_F(RefineTest, StaysWithinBoundsAndHoldsWhatIsFixed) {
  const Exact exact = MakeExact(0.02);
  LawOptions options;
  options.parameters[kComputeExponent].bounds = {0.6, 2};  // the law has 0.4
  options.parameters[kContextExponent].fixed = 0.5;
  const std::vector<Point> starts = {{{0, 1, 0, 0.5}}, {{0.5, 1.5, 0.2, 0.5}}};
  const Refinement refinement = Refine(exact.cells, MakeDomain(options), starts, host_, StopSignal()).value();
  EXPECT_NEAR(refinement.point.at[kComputeExponent], 0.6, 1e-12);
  EXPECT_EQ(refinement.point.at[kContextExponent], 0.5);
  // The gradient across an active bound does not count.
  EXPECT_TRUE(refinement.converged) << refinement.termination_message;
}

TEST_F(RefineTest, AStopSignalEndsARefinement) {
  const Exact exact = MakeExact(0.02);
  StopSignal stop;
  stop.Cancel();
  EXPECT_EQ(Refine(exact.cells, MakeDomain({}), kStarts, host_, stop).status().code(), absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace ctxfit

#include "kernels/statistics/profile.h"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>
#include <string>

#include "kernels/data/cells.h"
#include "kernels/data/split_tasks.h"
#include "kernels/descent/descent.h"
#include "kernels/fit/fit.h"
#include "kernels/law/domain.h"
#include "kernels/law/options.h"
#include "kernels/objective/linearization.h"
#include "kernels/objective/vector_kernels.h"
#include "kernels/statistics/distributions.h"
#include "tests/kernels/simulated_data.h"

namespace ctxfit {
namespace {

TaskFit Fit(const ObservationTable& table, FitOptions options = {}) {
  options.profile = true;
  options.bootstrap.replicates = 400;
  const std::unique_ptr<Backend> backend = MakeCpuBackend(2);
  return FitTasks(*backend, ValidateAndSplit(table).value(), options, StopSignal(), [](const FitProgress&) {})
      .value()
      .at(0);
}

const Estimate& Find(const TaskFit& fit, const std::string& name) {
  for (const Estimate& estimate : fit.estimates) {
    if (estimate.name == name) return estimate;
  }
  throw std::out_of_range(name);
}

TEST(ProfileTest, ProfileEndsLieWhereTheCostHasRisenByTheQuantile) {
  Simulation simulation;
  simulation.per_model = 100;
  const ObservationTable table = Simulate(simulation);
  const TaskFit fit = Fit(table);
  const Cells cells = Collapse(OnlyTask(table), fit.law.references, fit.law.penalty, Units::kMerge);
  const double variance = ResidualVariance(cells, fit.refinement.final_cost, 4);
  const Estimate& estimate = Find(fit, "context_exponent");
  // V / V_0 by inverting the normal equations.
  constexpr bool kFreeSet[kCoordinateCount] = {true, true, true, true};
  const Cells units = Collapse(OnlyTask(table), fit.law.references, fit.law.penalty, Units::kKeep);
  const Sandwich sandwich =
      ClusterSandwich(units, Linearize(units, fit.law.point, Curvature::kFisher), kFreeSet, fit.law.point).value();
  double gradient[kCoordinateCount] = {};
  gradient[kContextExponent] = 1;
  double step[kCoordinateCount];
  NormalEquations equations = Linearize(cells, fit.law.point);
  for (int i = 0; i < kCoordinateCount; ++i) equations.jtr[i] = gradient[i];
  ASSERT_TRUE(SolveNormalEquations(equations, kFreeSet, 0, step));
  const double ratio = std::pow(sandwich.StandardError(gradient), 2) / (variance * step[kContextExponent]);
  const double t = StudentQuantile(0.95, sandwich.degrees_of_freedom);
  for (const std::optional<double>& end : {estimate.profile_lower, estimate.profile_upper}) {
    Domain domain = MakeDomain({});
    Point start = fit.law.point;
    domain.free[kContextExponent] = false;
    domain.lower.at[kContextExponent] = domain.upper.at[kContextExponent] = start.at[kContextExponent] = end.value();
    const DescentEnd there = Descend(cells, domain, start, *SupportedVectorKernels().front(), StopSignal());
    const double rise = there.cost + cells.within_cost - fit.refinement.final_cost;
    // The ends are found to 1e-6 of their distance, and the cost rises with its square.
    EXPECT_NEAR(rise / (t * t * variance * ratio), 1, 1e-4);
  }
}

// Many records bring the cost close to a parabola, for which profile and sandwich intervals are the same.
TEST(ProfileTest, ProfileAgreesWithTheSandwichWhereTheCostIsAParabola) {
  Simulation simulation;
  simulation.per_model = 1000;
  simulation.clusters = 50;
  const TaskFit fit = Fit(Simulate(simulation));
  for (const Estimate& estimate : fit.estimates) {
    if (estimate.fixed || estimate.name.starts_with("characteristic")) continue;
    const double width = estimate.sandwich_interval->upper - estimate.sandwich_interval->lower;
    EXPECT_NEAR(estimate.profile_lower.value(), estimate.sandwich_interval->lower, 0.03 * width) << estimate.name;
    EXPECT_NEAR(estimate.profile_upper.value(), estimate.sandwich_interval->upper, 0.03 * width) << estimate.name;
  }
  EXPECT_FALSE(Find(fit, "characteristic_compute_flops").profile_lower.has_value());
  EXPECT_FALSE(Find(fit, "compute_reference_flops").profile_lower.has_value());
}

TEST(ProfileTest, ProfileEndBeyondTheBoundIsUnset) {
  Simulation simulation;
  simulation.per_model = 20;
  simulation.noise = 0.1;
  FitOptions options;
  options.parameters[kComputeExponent].bounds = {0, 0.45};
  const TaskFit fit = Fit(Simulate(simulation), options);
  const Estimate& estimate = Find(fit, "compute_exponent");
  ASSERT_LT(*estimate.value, 0.45);
  EXPECT_TRUE(estimate.profile_lower.has_value());
  EXPECT_FALSE(estimate.profile_upper.has_value());
}

TEST(ProfileTest, TheCeilingsEndsAreInOrder) {
  Simulation simulation;
  simulation.per_model = 400;
  simulation.compute_step = 20;
  FitOptions options;
  options.parameters[kHeadroom] = {{0.5, 1}, {}};
  const TaskFit fit = Fit(Simulate(simulation), options);
  const Estimate& estimate = Find(fit, "ceiling");
  EXPECT_LT(estimate.profile_lower.value(), *estimate.value);
  if (estimate.profile_upper) {
    EXPECT_GT(*estimate.profile_upper, *estimate.value);
  }
}

TEST(ProfileTest, ProfileIsTakenOnlyWhenAskedFor) {
  const std::unique_ptr<Backend> backend = MakeCpuBackend(2);
  const TaskFit fit =
      FitTasks(*backend, ValidateAndSplit(Simulate({})).value(), {}, StopSignal(), [](const FitProgress&) {})
          .value()
          .at(0);
  for (const Estimate& estimate : fit.estimates) EXPECT_FALSE(estimate.profile_lower.has_value());
}

}  // namespace
}  // namespace ctxfit

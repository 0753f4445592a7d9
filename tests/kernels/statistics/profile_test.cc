#include "kernels/statistics/profile.h"

#include <gtest/gtest.h>

#include <cmath>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "kernels/data/cells.h"
#include "kernels/data/split_tasks.h"
#include "kernels/descent/descent.h"
#include "kernels/fit/fit.h"
#include "kernels/fit/options.h"
#include "kernels/law/domain.h"
#include "kernels/law/fitted_law.h"
#include "kernels/law/law_options.h"
#include "kernels/objective/linearization.h"
#include "kernels/objective/vector_kernels.h"
#include "kernels/statistics/errors/contribution.h"
#include "kernels/statistics/errors/sandwich.h"
#include "kernels/statistics/identification/informative.h"
#include "kernels/statistics/numerics/distributions.h"
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

// Five random rows or more, unlike any law.
ObservationTable RandomTable(unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> uniform(0, 1);
  ObservationTable table;
  const int rows = 5 + static_cast<int>(seed % 7) * 3;
  for (int row = 0; row < rows; ++row) {
    table.training_compute_flops.push_back(1e21 * std::pow(10.0, std::floor(4 * uniform(random))));
    table.prompt_tokens.push_back(std::floor(std::exp(3 + 7 * uniform(random))));
    table.context_limit_tokens.push_back(uniform(random) < 0.5 ? 4096 : 32768);
    table.score.push_back(seed % 4 < 2 ? uniform(random) : std::round(uniform(random)));
  }
  return table;
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
  const Observations observations = OnlyTask(table);
  std::vector<double> expected;
  for (const Covariates& at : observations.covariates) {
    expected.push_back(Predict(fit.law, at.compute, at.prompt, at.limit));
  }
  const Sandwich sandwich =
      ClusterSandwich(units, Linearize(units, fit.law.point, Curvature::kFisher), kFreeSet, fit.law.point,
                      FindContribution(observations, FindInformative(expected, fit.law, MakeDomain({}))))
          .value();
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
    const DescentEnd there = Descend(cells, domain, start, BestVectorKernels(), StopSignal());
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

// The scores are all equal: the sandwich, and the rise of the cost with it, is rounding.
TEST(ProfileTest, AProfileAsWideAsRoundingHasAReason) {
  ObservationTable table;
  table.training_compute_flops = {3.9e23, 3.9e23, 3.9e23};
  table.prompt_tokens = {6340, 15053, 1596};
  table.context_limit_tokens = {8192, 8192, 8192};
  table.score = {0.4, 0.4, 0.4};
  table.weight = {0.0163, 0.0099, 0.0426};
  FitOptions options;
  options.loss.loss = Loss::kBernoulli;
  options.context_factor = false;
  options.parameters[kComputeExponent].fixed = 0.4;
  const TaskFit fit = Fit(table, options);
  const Estimate& estimate = Find(fit, "compute_coefficient");
  EXPECT_FALSE(estimate.profile_lower.has_value());
  EXPECT_FALSE(estimate.profile_upper.has_value());
  EXPECT_EQ(estimate.profile_reason,
            "no lower end, because it is indistinguishable from the estimate; no upper end, because it is "
            "indistinguishable from the estimate");
  EXPECT_FALSE(estimate.sandwich_interval.has_value());
}

TEST(ProfileTest, TheCeilingsEndsAreInOrder) {
  Simulation simulation;
  simulation.per_model = 400;
  simulation.compute_step = 20;
  FitOptions options;
  options.parameters[kHeadroom].fixed.reset();
  const TaskFit fit = Fit(Simulate(simulation), options);
  const Estimate& estimate = Find(fit, "ceiling");
  EXPECT_LT(estimate.profile_lower.value(), *estimate.value);
  if (estimate.profile_upper) {
    EXPECT_GT(*estimate.profile_upper, *estimate.value);
  }
}

// Few and random rows leave profiles that are flat, that fall, or that jump to another basin.
TEST(ProfileTest, RandomTablesGiveOrderedEndsOrReasons) {
  const std::unique_ptr<Backend> backend = MakeCpuBackend(2);
  for (unsigned seed = 0; seed < 60; ++seed) {
    FitOptions options;
    options.bootstrap.replicates = 0;
    options.profile = true;
    options.loss.loss = seed % 2 == 0 ? Loss::kSquared : Loss::kBernoulli;
    if (seed % 3 == 0) options.penalty.form = Penalty::Form::kNone;
    const absl::StatusOr<TaskFit> fit = FitTask(*backend, OnlyTask(RandomTable(seed)), options, StopSignal());
    ASSERT_TRUE(fit.ok()) << seed << ": " << fit.status();
    for (const Estimate& estimate : fit->estimates) {
      if (estimate.profile_lower) {
        EXPECT_LE(*estimate.profile_lower, *estimate.value) << seed;
      }
      if (estimate.profile_upper) {
        EXPECT_GE(*estimate.profile_upper, *estimate.value) << seed;
      }
      if (estimate.fixed || !estimate.identified || estimate.name.starts_with("characteristic")) continue;
      EXPECT_EQ(estimate.profile_reason.empty(), estimate.profile_lower && estimate.profile_upper) << seed;
    }
  }
}

// A law at a rival basin is no optimum: profiles find the way to a lower cost.
TEST(ProfileTest, RefitsBelowTheCostOfTheLawAreReturned) {
  const std::unique_ptr<Backend> backend = MakeCpuBackend(2);
  int below = 0;
  for (unsigned seed = 0; seed < 60; ++seed) {
    FitOptions options;
    options.bootstrap.replicates = 0;
    options.penalty.form = Penalty::Form::kNone;
    const Observations observations = OnlyTask(RandomTable(seed));
    const TaskFit fit = FitTask(*backend, observations, options, StopSignal()).value();
    if (fit.refinement.basins.size() < 2 || fit.refinement.basins[1].deviance < 0.1) continue;
    Law rival = fit.law;
    rival.point = fit.refinement.basins[1].point;
    const Cells cells = Collapse(observations, rival.references, rival.penalty, Units::kMerge);
    const Domain domain = MakeDomain(options);
    const double cost = WeightedCost(cells, rival.point);
    const std::optional<Sandwich> none;
    const Profiles profiles =
        FindProfiles({cells, domain, rival, ResidualVariance(cells, cost, 4), 0.95, none, BestVectorKernels()},
                     StopSignal())
            .value();
    for (const Point& end : profiles.lower_ends) EXPECT_LT(WeightedCost(cells, end), cost);
    below += !profiles.lower_ends.empty();
  }
  EXPECT_GE(below, 3);
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

#include "kernels/influence.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "kernels/fit.h"
#include "kernels/linearization.h"
#include "kernels/normal_equations.h"
#include "tests/kernels/simulated_data.h"

namespace ctxfit {
namespace {

constexpr bool kMovable[kCoordinateCount] = {true, true, true, true};

Cells SomeUnits(const Law& law) {
  Simulation simulation;
  simulation.clusters = 15;
  simulation.noise = 0.1;
  return Collapse(OnlyTask(Simulate(simulation)), law.references, law.penalty, Units::kKeep);
}

// The influence of every unit by its own normal equations, as the definition says.
std::vector<std::vector<double>> Influences(const Cells& cells, const Point& point) {
  const NormalEquations all = Linearize(cells, point);
  std::vector<std::vector<double>> influences;
  for (std::int32_t unit = 0; unit < cells.unit_count; ++unit) {
    Cells own = cells;
    for (std::size_t i = 0; i < own.size(); ++i) own.weight[i] = own.unit[i] == unit ? own.weight[i] : 0;
    NormalEquations equations = all;
    const NormalEquations of_unit = Linearize(own, point);
    std::copy(std::begin(of_unit.jtr), std::end(of_unit.jtr), equations.jtr);
    double step[kCoordinateCount];
    EXPECT_TRUE(SolveNormalEquations(equations, kMovable, 0, step));
    influences.emplace_back(step, step + kCoordinateCount);
  }
  return influences;
}

TEST(InfluenceTest, AccelerationIsTheSkewnessOfTheUnitsInfluence) {
  const Law law = Simulation().law;
  const Cells cells = SomeUnits(law);
  const Influence influence = MeasureInfluence(cells, kMovable, law.point).value();
  const double gradient[kCoordinateCount] = {0.3, -1.2, 0.7, 2};
  double squares = 0;
  double cubes = 0;
  for (const std::vector<double>& of_unit : Influences(cells, law.point)) {
    double l = 0;
    for (int i = 0; i < kCoordinateCount; ++i) l += gradient[i] * of_unit[i];
    squares += l * l;
    cubes += l * l * l;
  }
  EXPECT_NEAR(Acceleration(influence, gradient), cubes / (6 * std::pow(squares, 1.5)), 1e-9);
}

TEST(InfluenceTest, WhatNoUnitMovesIsNotAccelerated) {
  const double gradient[kCoordinateCount] = {1, 2, 3, 4};
  EXPECT_EQ(Acceleration(Influence{}, gradient), 0);
}

// Skewed clusters shift the interval's ends; the estimate and the replicates stay as they are.
TEST(InfluenceTest, BcaMovesTheEndsOnly) {
  Simulation simulation;
  simulation.clusters = 40;
  simulation.noise = 0.1;
  const std::unique_ptr<Backend> backend = MakeCpuBackend(2);
  const auto fit = [&](IntervalKind interval) {
    FitOptions options;
    options.bootstrap.interval = interval;
    return FitTasks(*backend, SplitTasks(Simulate(simulation)).value(), options, StopSignal(),
                    [](const FitProgress&) {})
        .value()
        .at(0);
  };
  const TaskFit percentile = fit(IntervalKind::kPercentile);
  const TaskFit bca = fit(IntervalKind::kBca);
  EXPECT_FALSE(percentile.influence.has_value());
  ASSERT_TRUE(bca.influence.has_value());
  for (std::size_t i = 0; i < bca.estimates.size(); ++i) {
    if (bca.estimates[i].fixed) continue;
    EXPECT_EQ(*bca.estimates[i].value, *percentile.estimates[i].value);
    EXPECT_EQ(*bca.estimates[i].standard_error, *percentile.estimates[i].standard_error);
    EXPECT_NE(bca.estimates[i].interval->lower, percentile.estimates[i].interval->lower);
    EXPECT_LT(std::abs(bca.estimates[i].interval->lower - percentile.estimates[i].interval->lower),
              *bca.estimates[i].standard_error);
  }
}

}  // namespace
}  // namespace ctxfit

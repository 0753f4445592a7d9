#include "kernels/statistics/errors/influence.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "kernels/data/cells.h"
#include "kernels/data/split_tasks.h"
#include "kernels/fit/fit.h"
#include "kernels/fit/options.h"
#include "kernels/law/fitted_law.h"
#include "kernels/objective/linearization.h"
#include "kernels/objective/normal_equations.h"
#include "tests/kernels/simulated_data.h"

namespace ctxfit {
namespace {

constexpr bool kFreeSet[kCoordinateCount] = {true, true, true, true};

Cells SomeUnits(const Law& law, Resampling resampling = Resampling::kAuto) {
  Simulation simulation;
  simulation.clusters = resampling == Resampling::kStratified ? 0 : 15;
  simulation.noise = 0.1;
  const Observations observations = ValidateAndSplit(Simulate(simulation), resampling).value().at(0);
  return Collapse(observations, law.references, law.penalty, Units::kKeep);
}

// The influence of every unit by its definition, from normal equations of its own.
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
    EXPECT_TRUE(SolveNormalEquations(equations, kFreeSet, 0, step));
    influences.emplace_back(step, step + kCoordinateCount);
  }
  return influences;
}

constexpr double kGradient[kCoordinateCount] = {0.3, -1.2, 0.7, 2};

// The influence of every unit on a quantity with that gradient.
std::vector<double> InfluencesOnQuantity(const Cells& cells, const Point& point) {
  std::vector<double> influences;
  for (const std::vector<double>& of_unit : Influences(cells, point)) {
    influences.push_back(std::inner_product(of_unit.begin(), of_unit.end(), std::begin(kGradient), 0.0));
  }
  return influences;
}

// Efron's formula.
double AccelerationOf(const std::vector<double>& influences) {
  double squares = 0;
  double cubes = 0;
  for (const double l : influences) {
    squares += l * l;
    cubes += l * l * l;
  }
  return cubes / (6 * std::pow(squares, 1.5));
}

TEST(InfluenceTest, AccelerationIsTheSkewnessOfTheUnitsInfluence) {
  const Law law = Simulation().law;
  const Cells cells = SomeUnits(law);
  const Influence influence =
      MeasureInfluence(cells, Linearize(cells, law.point, Curvature::kFisher), kFreeSet, law.point).value();
  EXPECT_NEAR(Acceleration(influence, kGradient), AccelerationOf(InfluencesOnQuantity(cells, law.point)), 1e-9);
}

TEST(InfluenceTest, InfluenceWithinStrataIsTakenAboutTheirMeans) {
  const Law law = Simulation().law;
  const Cells cells = SomeUnits(law, Resampling::kStratified);
  const std::vector<double> uncentred = InfluencesOnQuantity(cells, law.point);
  std::vector<double> influences = uncentred;
  for (std::size_t s = 0; s + 1 < cells.stratum_begin.size(); ++s) {
    const auto begin = influences.begin() + cells.stratum_begin[s];
    const auto end = influences.begin() + cells.stratum_begin[s + 1];
    const double mean = std::accumulate(begin, end, 0.0) / static_cast<double>(end - begin);
    std::for_each(begin, end, [mean](double& l) { l -= mean; });
  }
  const Influence influence =
      MeasureInfluence(cells, Linearize(cells, law.point, Curvature::kFisher), kFreeSet, law.point).value();
  EXPECT_NEAR(Acceleration(influence, kGradient), AccelerationOf(influences), 1e-9);
  EXPECT_GT(std::abs(AccelerationOf(influences) - AccelerationOf(uncentred)), 1e-4);
}

// With only the floor free, one compute and one prompt length, the floor is a mean up to a scale.
// The scores and SciPy's acceleration of their mean are those of IntervalsTest.BcaIntervalsAreSciPys.
TEST(InfluenceTest, AccelerationOfAMeanIsSciPys) {
  ObservationTable table;
  table.score = {0.02, 0.05, 0.06, 0.08, 0.09, 0.11, 0.12, 0.15, 0.21, 0.34, 0.55, 0.89};
  table.training_compute_flops.assign(12, 1e22);
  table.prompt_tokens.assign(12, 1000);
  table.context_limit_tokens.assign(12, 4096);
  Law law = {{{std::log(0.1), 0.4, std::log(1.1), 0.6}}, {1e22, 1000}, {}};
  const double share = Predict(law, 1e22, 1000, 4096);
  law.point.at[kFloor] = (2.67 / 12 - share) / (1 - share);
  const Cells cells = Collapse(OnlyTask(table), law.references, law.penalty, Units::kKeep, {.full = true});
  bool free_set[kCoordinateCount] = {};
  free_set[kFloor] = true;
  double gradient[kCoordinateCount] = {};
  gradient[kFloor] = 3;
  const Influence influence =
      MeasureInfluence(cells, Linearize(cells, law.point, Curvature::kFisher), free_set, law.point).value();
  // Residuals of about 0.1 are rounded by 1e-16, 1e-15 of themselves; their third moments by a few times that.
  EXPECT_NEAR(Acceleration(influence, gradient), 0.08235197675872817, 1e-12);
}

TEST(InfluenceTest, QuantitiesThatNoUnitMovesHaveNoAcceleration) { EXPECT_EQ(Acceleration(Influence{}, kGradient), 0); }

TEST(InfluenceTest, AccelerationIsZeroWhereMomentsOverflow) {
  Influence influence;
  influence.second[0] = 1e300;
  influence.third[0] = 1e308;
  const double gradient[kCoordinateCount] = {1e100};
  EXPECT_EQ(Acceleration(influence, gradient), 0);
}

// Skewed clusters shift the interval's ends; the estimate and the replicates stay as they are.
TEST(InfluenceTest, BcaMovesOnlyTheEndsOfIntervals) {
  Simulation simulation;
  simulation.clusters = 40;
  simulation.noise = 0.1;
  const std::unique_ptr<Backend> backend = MakeCpuBackend(2);
  const auto fit = [&](IntervalKind interval) {
    FitOptions options;
    options.bootstrap.interval = interval;
    return FitTasks(*backend, ValidateAndSplit(Simulate(simulation)).value(), options, StopSignal(),
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

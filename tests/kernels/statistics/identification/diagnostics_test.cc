#include "kernels/statistics/identification/diagnostics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "kernels/data/cells.h"
#include "kernels/law/domain.h"
#include "kernels/law/fitted_law.h"
#include "kernels/law/law_options.h"
#include "kernels/objective/linearization.h"
#include "tests/kernels/simulated_data.h"

namespace ctxfit {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Diagnostics Examine(const Simulation& simulation, const LawOptions& options = {}) {
  const Observations observations = OnlyTask(Simulate(simulation));
  // References at the data's means, as a fit has them; the point is moved along so that the law stays the same.
  const References references = ChooseReferences(observations, options);
  Point point = simulation.law.point;
  point.at[kLogComputeCoefficient] +=
      point.at[kComputeExponent] * std::log(references.compute_flops / simulation.law.references.compute_flops);
  point.at[kLogContextCoefficient] +=
      point.at[kContextExponent] * std::log(references.prompt_tokens / simulation.law.references.prompt_tokens);
  const Cells cells = Collapse(observations, references, {}, Units::kMerge);
  return ExamineIdentification(cells, Linearize(cells, point), MakeDomain(options), point,
                               simulation.noise * simulation.noise);
}

TEST(DiagnosticsTest, AWellSpreadDesignIdentifiesAll) {
  const Diagnostics diagnostics = Examine({});
  for (int i = 0; i < kCoordinateCount; ++i) {
    EXPECT_TRUE(diagnostics.identified[i]) << diagnostics.reason[i];
    EXPECT_FALSE(diagnostics.held[i]);
  }
  EXPECT_LT(diagnostics.condition_number.value(), 50);
  ASSERT_EQ(diagnostics.singular_values.size(), 4u);
  EXPECT_DOUBLE_EQ(diagnostics.singular_values[0] / diagnostics.singular_values[3], *diagnostics.condition_number);
  ASSERT_EQ(diagnostics.correlation.size(), 16u);
  for (int i = 0; i < 4; ++i) EXPECT_NEAR(diagnostics.correlation[i * 4 + i], 1, 1e-12);
  EXPECT_TRUE(diagnostics.active_bounds.empty());
}

TEST(DiagnosticsTest, OneComputeLevelLeavesTheExponentOpen) {
  Simulation simulation;
  simulation.models = 1;
  simulation.per_model = 100;
  const Diagnostics diagnostics = Examine(simulation);
  EXPECT_FALSE(diagnostics.identified[kComputeExponent]);
  EXPECT_TRUE(diagnostics.held[kComputeExponent]);
  EXPECT_THAT(diagnostics.reason[kComputeExponent], HasSubstr("one training compute"));
  EXPECT_TRUE(diagnostics.identified[kContextExponent]);
  EXPECT_FALSE(diagnostics.condition_number.has_value());
}

TEST(DiagnosticsTest, ComputesWithinOnePercentAreOneLevel) {
  Simulation simulation;
  simulation.compute_step = 1.0003;
  const Diagnostics diagnostics = Examine(simulation);
  EXPECT_FALSE(diagnostics.identified[kComputeExponent]);
  EXPECT_TRUE(diagnostics.identified[kLogContextCoefficient]);
}

TEST(DiagnosticsTest, TooMuchNoiseLeavesParametersToTheirBounds) {
  Simulation simulation;
  simulation.models = 2;
  simulation.compute_step = 1.05;
  simulation.noise = 0.4;
  const Diagnostics diagnostics = Examine(simulation);
  EXPECT_FALSE(diagnostics.identified[kComputeExponent]);
  EXPECT_THAT(diagnostics.reason[kComputeExponent], HasSubstr("exceeds a quarter of the range"));
}

TEST(DiagnosticsTest, OnePromptLengthAndOneComputeDetermineACombinationOnly) {
  ObservationTable table;
  table.training_compute_flops.assign(40, 1e22);
  table.prompt_tokens.assign(40, 500);
  table.context_limit_tokens.assign(40, 4096);
  for (int i = 0; i < 40; ++i) table.score.push_back(0.3 + 0.01 * (i % 5));
  const Observations observations = OnlyTask(table);
  const Cells cells = Collapse(observations, ChooseReferences(observations, {}), {}, Units::kMerge);
  constexpr Point kPoint = {{0, 1, -0.5, 1}};
  const Diagnostics diagnostics = ExamineIdentification(cells, Linearize(cells, kPoint), MakeDomain({}), kPoint, 2e-4);
  for (int i = 0; i < kFactorCoordinateCount; ++i) EXPECT_FALSE(diagnostics.identified[i]) << i;
  EXPECT_THAT(diagnostics.reason[kLogComputeCoefficient],
              HasSubstr("only a combination of compute_coefficient, context_coefficient"));
  // Three flat directions, so that one coordinate is left to carry the level's spread.
  EXPECT_EQ(std::count(diagnostics.held, diagnostics.held + kCoordinateCount, true), 3);
}

TEST(DiagnosticsTest, FixedParametersAreNoCoordinates) {
  LawOptions options;
  options.parameters[kComputeExponent].fixed = 0.4;
  Simulation simulation;
  simulation.models = 1;
  const Diagnostics diagnostics = Examine(simulation, options);
  EXPECT_THAT(diagnostics.coordinates, ElementsAre(kLogComputeCoefficient, kLogContextCoefficient, kContextExponent));
  EXPECT_TRUE(diagnostics.identified[kComputeExponent]);
  EXPECT_TRUE(diagnostics.condition_number.has_value());
}

TEST(DiagnosticsTest, ActiveBoundsAreNamed) {
  LawOptions options;
  options.parameters[kComputeExponent].bounds = {0.1, 0.4};  // the law's exponent is 0.4
  const std::vector<ParameterBound> active = Examine({}, options).active_bounds;
  ASSERT_EQ(active.size(), 1);
  EXPECT_EQ(Describe(active[0], {}), "compute_exponent at its upper bound 0.4");
}

}  // namespace
}  // namespace ctxfit

#include "kernels/fit/comparison.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "kernels/data/split_tasks.h"
#include "kernels/law/fitted_law.h"
#include "tests/kernels/two_groups.h"

namespace ctxfit {
namespace {

using ::testing::HasSubstr;

TEST(ComparisonTest, TheSameRowsInBothGroupsDoNotDiffer) {
  Simulation simulation;
  simulation.clusters = 20;
  const ObservationTable rows = Simulate(simulation);
  ComparisonOptions options = FewReplicates();
  options.points = {{1e22, 5e22}, {100, 2000}, {4096, 4096}};
  const Comparison comparison = CompareOne(Join(rows, rows), options);
  EXPECT_EQ(comparison.shared_unit_count, 20);
  ASSERT_EQ(comparison.parameters.size(), 4u);
  for (const ParameterDifference& parameter : comparison.parameters) {
    EXPECT_EQ(parameter.values.difference, 0) << parameter.name;
    // A cluster has one weight in both groups.
    EXPECT_THAT(parameter.reason, HasSubstr("no spread"));
    EXPECT_FALSE(parameter.values.interval.has_value());
    EXPECT_FALSE(parameter.values.standard_error.has_value());
  }
  ASSERT_EQ(comparison.predictions.size(), 2u);
  EXPECT_EQ(comparison.predictions[1].values.difference, 0);
  EXPECT_FALSE(comparison.predictions[1].values.interval.has_value());
  EXPECT_FALSE(comparison.wald.test.has_value());
  EXPECT_THAT(comparison.wald.reason, HasSubstr("no parameter"));
  // One law fits 2 x 200 rows as well as two laws do, up to the rounding of a sum of 400 squares.
  EXPECT_NEAR(comparison.f.test->p_value, 1, 1e-9);
}

// Refits to equal scores differ by the rounding of their weights alone.
TEST(ComparisonTest, DifferencesThatSpreadByRoundingHaveNoInterval) {
  ObservationTable first = Simulate(WithinLimits(1));
  first.score.assign(first.score.size(), 0.4);
  ObservationTable second = Simulate(WithinLimits(2));
  second.score.assign(second.score.size(), 0.7);
  ComparisonOptions options = FewReplicates();
  options.fit.penalty.form = Penalty::Form::kNone;
  options.fit.context_factor = false;
  options.fit.parameters[kComputeExponent].fixed = 0;
  options.points = {{1e22}, {100}, {4096}};
  const Comparison comparison = CompareOne(Join(first, second), options);
  ASSERT_EQ(comparison.parameters.size(), 1u);
  EXPECT_THAT(comparison.parameters[0].reason, HasSubstr("no spread"));
  EXPECT_FALSE(comparison.parameters[0].values.interval.has_value());
  EXPECT_FALSE(comparison.parameters[0].values.standard_error.has_value());
  EXPECT_NEAR(comparison.predictions[0].values.difference, 0.3, 1e-9);
  EXPECT_FALSE(comparison.predictions[0].values.interval.has_value());
  EXPECT_FALSE(comparison.wald.test.has_value());
}

TEST(ComparisonTest, TwoLawsAreDistinguishedAndTheirDifferenceIsCovered) {
  Simulation first = WithinLimits(1);
  first.per_model = 100;
  Simulation second = first;
  second.seed = 2;
  second.law.point.at[kContextExponent] = 0.8;
  ComparisonOptions options = FewReplicates(500);
  options.fit.penalty.form = Penalty::Form::kNone;
  options.points = {{2e22}, {100}, {4096}};
  const Comparison comparison = CompareOne(Join(Simulate(first), Simulate(second)), options);
  EXPECT_LT(comparison.wald.test->p_value, 1e-6);
  EXPECT_LT(comparison.f.test->p_value, 1e-6);
  EXPECT_EQ(comparison.wald.test->numerator_degrees, 4);
  EXPECT_EQ(comparison.wald.test->denominator_degrees, 496) << "499 replicates less 3: fewer than the rows";
  EXPECT_EQ(comparison.f.test->numerator_degrees, 4);
  EXPECT_EQ(comparison.f.test->denominator_degrees, 992);

  const ParameterDifference& exponent = comparison.parameters[3];
  EXPECT_EQ(exponent.name, "context_exponent");
  // Five standard errors: missed once in two million draws.
  EXPECT_NEAR(exponent.values.difference, 0.2, 5 * *exponent.values.standard_error);
  EXPECT_EQ(exponent.values.difference, exponent.values.second - exponent.values.first);
  EXPECT_GT(exponent.values.interval->lower, 0);

  const PredictionDifference& prediction = comparison.predictions[0];
  // Expressed at other reference scales, the law is the same up to rounding.
  EXPECT_NEAR(prediction.values.first, Predict(comparison.groups[0].law, 2e22, 100, 4096), 1e-13);
  const double truth = Predict(second.law, 2e22, 100, 4096) - Predict(first.law, 2e22, 100, 4096);
  // The band's half width is two standard errors: three times that is missed once in a hundred million draws.
  const double half = (prediction.values.interval->upper - prediction.values.interval->lower) / 2;
  EXPECT_NEAR(prediction.values.difference, truth, 3 * half);
  EXPECT_TRUE(prediction.determined);
  EXPECT_FALSE(prediction.extrapolated);
}

// The exponent of both groups rises by 0.3 per decade of compute: beyond their computes their difference is unknown.
TEST(ComparisonTest, ExtrapolatedDifferencesHaveNoIntervalWhereTheExponentDrifts) {
  ObservationTable groups[2];
  for (int group = 0; group < 2; ++group) {
    Simulation simulation = WithinLimits(50 + group);
    simulation.per_model = 60;
    groups[group] = Simulate(simulation);
    for (std::size_t row = 0; row < groups[group].score.size(); ++row) {
      Law law = simulation.law;
      const double compute = groups[group].training_compute_flops[row];
      law.point.at[kContextExponent] += 0.3 * std::log10(compute / law.references.compute_flops);
      groups[group].score[row] =
          std::clamp(groups[group].score[row] + Predict(law, compute, groups[group].prompt_tokens[row], 1e9) -
                         Predict(simulation.law, compute, groups[group].prompt_tokens[row], 1e9),
                     0.0, 1.0);
    }
  }
  ComparisonOptions options = FewReplicates();
  options.fit.penalty.form = Penalty::Form::kNone;
  const double within = groups[0].training_compute_flops[0];
  options.points = {{within, 1e27}, {1000, 1000}, {4096, 4096}};
  const Comparison comparison = CompareOne(Join(groups[0], groups[1]), options);
  ASSERT_TRUE(comparison.groups[0].drift.has_value());
  EXPECT_LT(comparison.groups[0].drift->p_value, 0.05);
  EXPECT_TRUE(comparison.predictions[0].values.interval.has_value());
  EXPECT_FALSE(comparison.predictions[1].values.interval.has_value());
  EXPECT_TRUE(comparison.predictions[1].extrapolated);
}

TEST(ComparisonTest, ErrorsOfSharedClustersCancelInADifference) {
  Simulation simulation = WithinLimits(5);
  simulation.clusters = 40;
  simulation.noise = 0.002;
  ObservationTable rows = Simulate(simulation);
  AddClusterErrors(0.05, 6, rows);
  ObservationTable others = rows;
  std::mt19937 random(7);
  std::normal_distribution<double> noise(0, 0.002);
  for (double& score : others.score) score = std::clamp(score + noise(random), 0.0, 1.0);
  ComparisonOptions options = FewReplicates();
  options.fit.penalty.form = Penalty::Form::kNone;
  const Comparison shared = CompareOne(Join(rows, others), options);
  EXPECT_EQ(shared.shared_unit_count, 40);
  others.cluster = Renamed(others.cluster, "another ", "");
  const Comparison apart = CompareOne(Join(rows, others), options);
  EXPECT_EQ(apart.shared_unit_count, 0);
  // Shared errors are 25 times those of each group; clusters that are drawn separately leave half of either.
  for (std::size_t i = 0; i < shared.parameters.size(); ++i) {
    EXPECT_LT(*shared.parameters[i].values.standard_error, 0.3 * *apart.parameters[i].values.standard_error);
  }
}

TEST(ComparisonTest, CoefficientsAreComparedAtTheScalesOfBothGroupsTogether) {
  Simulation first = WithinLimits(1);
  Simulation second = WithinLimits(2);
  second.compute_step = 1.5;
  ComparisonOptions options = FewReplicates();
  options.fit.penalty.form = Penalty::Form::kNone;
  options.points = {{5e21}, {500}, {4096}};
  const Comparison own = CompareOne(Join(Simulate(first), Simulate(second)), options);
  EXPECT_NE(own.groups[0].law.references.compute_flops, own.groups[1].law.references.compute_flops);
  options.fit.compute_reference_flops = own.pooled.law.references.compute_flops;
  options.fit.prompt_reference_tokens = own.pooled.law.references.prompt_tokens;
  const Comparison common = CompareOne(Join(Simulate(first), Simulate(second)), options);
  // Both refinements end within 1e-3 standard errors of the optimum, replicates within their own tolerance of 1e-2.
  for (std::size_t i = 0; i < own.parameters.size(); ++i) {
    const double error = *common.parameters[i].values.standard_error;
    EXPECT_NEAR(own.parameters[i].values.difference, common.parameters[i].values.difference, 2e-3 * error);
    EXPECT_NEAR(*own.parameters[i].values.standard_error, error, 1e-2 * error);
  }
  EXPECT_NEAR(own.predictions[0].values.difference, common.predictions[0].values.difference, 1e-5);
  EXPECT_NEAR(own.wald.test->statistic, common.wald.test->statistic, 0.05 * common.wald.test->statistic);
}

TEST(ComparisonTest, TheOrderOfRowsDoesNotChangeAComparison) {
  Simulation simulation;
  simulation.distinct_prompts = false;
  simulation.noise = 0;  // rows that are equal but for their group
  ObservationTable table = Join(Simulate(simulation), Simulate(simulation));
  const Comparison comparison = CompareOne(table);
  for (auto* column :
       {&table.training_compute_flops, &table.prompt_tokens, &table.context_limit_tokens, &table.score}) {
    std::reverse(column->begin(), column->end());
  }
  std::reverse(table.group.begin(), table.group.end());
  const Comparison reversed = CompareOne(table);
  for (std::size_t i = 0; i < comparison.parameters.size(); ++i) {
    EXPECT_EQ(comparison.parameters[i].values.difference, reversed.parameters[i].values.difference);
    EXPECT_EQ(*comparison.parameters[i].values.standard_error, *reversed.parameters[i].values.standard_error);
  }
}

TEST(ComparisonTest, AParameterThatAGroupDoesNotDetermineIsNotTested) {
  const Simulation first = WithinLimits(1);
  Simulation second = WithinLimits(2);
  second.models = 1;  // 1e21 FLOP
  ComparisonOptions options = FewReplicates();
  options.fit.penalty.form = Penalty::Form::kNone;
  options.points = {{1e21, 9e21}, {100, 100}, {4096, 4096}};
  const Comparison comparison = CompareOne(Join(Simulate(first), Simulate(second)), options);
  EXPECT_EQ(comparison.parameters[1].name, "compute_exponent");
  for (const int i : {0, 1}) {
    EXPECT_THAT(comparison.parameters[i].reason, HasSubstr("second group: all observations have one training compute"));
    EXPECT_FALSE(comparison.parameters[i].values.interval.has_value());
  }
  EXPECT_TRUE(comparison.parameters[3].values.interval.has_value());
  EXPECT_EQ(comparison.wald.test->numerator_degrees, 2) << "those of the context factor";
  EXPECT_EQ(comparison.f.test->numerator_degrees, 3) << "and the compute factor at the only compute";
  EXPECT_TRUE(comparison.predictions[0].determined);
  EXPECT_FALSE(comparison.predictions[1].determined);
  EXPECT_FALSE(comparison.predictions[1].values.interval.has_value());
  EXPECT_TRUE(comparison.predictions[1].extrapolated);
}

TEST(ComparisonTest, OneComputeInBothGroupsLeavesItsFactorToCompare) {
  Simulation first = WithinLimits(1);
  first.models = 1;
  first.per_model = 200;
  Simulation second = first;
  second.seed = 2;
  ComparisonOptions options = FewReplicates();
  options.fit.penalty.form = Penalty::Form::kNone;
  const Comparison comparison = CompareOne(Join(Simulate(first), Simulate(second)), options);
  EXPECT_EQ(comparison.parameters[0].reason, "");
  EXPECT_NE(comparison.parameters[1].reason, "");
  EXPECT_EQ(comparison.wald.test->numerator_degrees, 3);
  EXPECT_EQ(comparison.f.test->numerator_degrees, 3);
}

TEST(ComparisonTest, AComparisonWithoutReplicatesHasTheFTestOnly) {
  const ObservationTable table = Join(Simulate(WithinLimits(1)), Simulate(WithinLimits(2)));
  const Comparison comparison = CompareOne(table, FewReplicates(0));
  EXPECT_EQ(comparison.parameters[0].reason, "no replicates were asked for");
  EXPECT_FALSE(comparison.wald.test.has_value());
  EXPECT_EQ(comparison.wald.reason, "no replicates were asked for");
  EXPECT_TRUE(comparison.f.test.has_value());
}

TEST(ComparisonTest, AComparisonUnderAnotherLossHasTheWaldTestOnly) {
  ComparisonOptions options = FewReplicates();
  options.fit.loss.loss = Loss::kHuber;
  const Comparison comparison = CompareOne(Join(Simulate(WithinLimits(1)), Simulate(WithinLimits(2))), options);
  EXPECT_TRUE(comparison.wald.test.has_value());
  EXPECT_EQ(comparison.f.reason, "the F test needs the squared loss");
}

TEST(ComparisonTest, RowsOfNoGroupTakeNoPartAndBothGroupsMustHaveSome) {
  const ObservationTable first = Simulate(WithinLimits(1));
  ObservationTable table = Join(first, Simulate(WithinLimits(2)));
  const Comparison expected = CompareOne(table);
  Append(Simulate(WithinLimits(3)), -1, table);
  EXPECT_EQ(CompareOne(table).f.test->statistic, expected.f.test->statistic);

  std::replace(table.group.begin(), table.group.end(), 1, -1);
  const absl::Status status = CompareTable(table, FewReplicates()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), "group: the rows of task \"\" are all of one group: must be of both");
}

TEST(ComparisonTest, ACancelledComparisonEnds) {
  const ObservationTable table = Join(Simulate(WithinLimits(1)), Simulate(WithinLimits(2)));
  const std::unique_ptr<Backend> backend = MakeCpuBackend(1);
  StopSignal stop;
  stop.Cancel();
  EXPECT_EQ(CompareGroups(*backend, ValidateAndSplit(table).value(), {}, stop).status().code(),
            absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace ctxfit

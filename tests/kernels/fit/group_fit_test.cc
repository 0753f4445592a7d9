#include "kernels/fit/group_fit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "kernels/data/cells.h"
#include "kernels/data/select_rows.h"
#include "kernels/data/split_tasks.h"
#include "kernels/fit/options.h"
#include "kernels/law/fitted_law.h"
#include "tests/kernels/simulated_data.h"
#include "tests/kernels/two_groups.h"

namespace ctxfit {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Options of a fast fit without a penalty.
FitOptions FastOptions(int replicates) {
  FitOptions options = FewReplicates(replicates).fit;
  options.penalty.form = Penalty::Form::kNone;
  return options;
}

// The only task of two simulated groups.
Observations BothGroups(const Simulation& first, const Simulation& second) {
  return OnlyTask(Join(Simulate(first), Simulate(second)));
}

absl::StatusOr<GroupFit> Fit(const Observations& both, std::int32_t group, const References& common,
                             const FitOptions& options) {
  const std::unique_ptr<Backend> backend = MakeCpuBackend(2);
  return FitGroup(*backend, both, group, common, options, StopSignal());
}

Observations WithGroups(const std::vector<std::int32_t>& groups) {
  Observations observations;
  observations.score.assign(groups.size(), 0.5);
  observations.group = groups;
  return observations;
}

TEST(RowsOfGroupTest, RowsOfAGroupAreListedInAscendingOrder) {
  const Observations observations = WithGroups({1, 0, 1, 1, 0});
  EXPECT_THAT(RowsOfGroup(observations, 0), ElementsAre(1, 4));
  EXPECT_THAT(RowsOfGroup(observations, 1), ElementsAre(0, 2, 3));
  EXPECT_THAT(RowsOfGroup(observations, 2), IsEmpty());
}

TEST(FitGroupTest, AGroupIsFittedAsATaskOfItsOwn) {
  const Observations both = BothGroups(WithinLimits(1), WithinLimits(2));
  const FitOptions options = FastOptions(0);
  const GroupFit group = Fit(both, 1, ChooseReferences(both, options), options).value();
  const std::unique_ptr<Backend> backend = MakeCpuBackend(2);
  const TaskFit alone = FitTask(*backend, Select(both, RowsOfGroup(both, 1)), options, StopSignal()).value();
  for (int i = 0; i < kCoordinateCount; ++i) EXPECT_EQ(group.fit.law.point.at[i], alone.law.point.at[i]);
  EXPECT_EQ(group.fit.law.references.compute_flops, alone.law.references.compute_flops);
  EXPECT_TRUE(group.fit.replicates.points.empty());
}

TEST(FitGroupTest, TheLawAtCommonReferencesIsTheLawAtItsOwnMoved) {
  Simulation second = WithinLimits(2);
  second.compute_step = 1.5;  // another mean compute
  const Observations both = BothGroups(WithinLimits(1), second);
  const FitOptions options = FastOptions(20);
  const References common = ChooseReferences(both, options);
  const GroupFit group = Fit(both, 1, common, options).value();
  const Law& own = group.fit.law;
  const Law& moved = group.common.law;
  EXPECT_NE(own.references.compute_flops, common.compute_flops);
  EXPECT_EQ(moved.references.compute_flops, common.compute_flops);
  EXPECT_EQ(moved.references.prompt_tokens, common.prompt_tokens);
  EXPECT_EQ(moved.point.at[kComputeExponent], own.point.at[kComputeExponent]);
  EXPECT_EQ(moved.point.at[kContextExponent], own.point.at[kContextExponent]);
  for (const double compute : {1e20, 3e21, 1e24}) {
    for (const double prompt : {30.0, 4000.0}) {
      // Rounding of a logarithm of some units by an ulp.
      EXPECT_NEAR(Predict(moved, compute, prompt, 16384), Predict(own, compute, prompt, 16384), 1e-14);
    }
  }
}

TEST(FitGroupTest, ReplicatesAreMovedToTheCommonReferencesToo) {
  Simulation second = WithinLimits(2);
  second.compute_step = 1.5;
  const Observations both = BothGroups(WithinLimits(1), second);
  const FitOptions options = FastOptions(20);
  const References common = ChooseReferences(both, options);
  const GroupFit group = Fit(both, 1, common, options).value();
  const std::unique_ptr<Backend> backend = MakeCpuBackend(2);
  const Observations rows = Select(both, RowsOfGroup(both, 1), UnitNumbers::kKeep);
  const ReplicateFits own = RefitReplicates(*backend, rows, options, group.fit, StopSignal()).value();
  ASSERT_EQ(group.common.replicates.size(), 20u);
  for (std::size_t b = 0; b < own.points.size(); ++b) {
    const Law at_own = {own.points[b], group.fit.law.references, group.fit.law.penalty};
    const Law at_common = {group.common.replicates[b], common, group.common.law.penalty};
    EXPECT_NEAR(Predict(at_common, 3e21, 700, 16384), Predict(at_own, 3e21, 700, 16384), 1e-14);
  }
}

TEST(FitGroupTest, AClusterHasTheSameWeightsInTheReplicatesOfBothGroups) {
  Simulation simulation = WithinLimits(1);
  simulation.clusters = 20;
  const Observations both = BothGroups(simulation, simulation);
  const FitOptions options = FastOptions(20);
  const References common = ChooseReferences(both, options);
  const GroupFit first = Fit(both, 0, common, options).value();
  const GroupFit second = Fit(both, 1, common, options).value();
  EXPECT_EQ(first.units, second.units);
  for (std::size_t b = 0; b < 20; ++b) {
    for (int i = 0; i < kCoordinateCount; ++i) {
      EXPECT_EQ(first.common.replicates[b].at[i], second.common.replicates[b].at[i]) << "replicate " << b;
    }
  }
}

TEST(FitGroupTest, UnitsAreThoseOfTheGroupAsNumberedOverBoth) {
  Simulation simulation = WithinLimits(1);
  simulation.clusters = 5;
  const ObservationTable first = Simulate(simulation);
  ObservationTable second = first;
  second.cluster = Renamed(second.cluster, "another ", "");
  const Observations both = OnlyTask(Join(first, second));
  const FitOptions options = FastOptions(0);
  const References common = ChooseReferences(both, options);
  std::vector<std::int32_t> units = Fit(both, 0, common, options).value().units;
  const std::vector<std::int32_t> others = Fit(both, 1, common, options).value().units;
  EXPECT_EQ(units.size(), 5u);
  units.insert(units.end(), others.begin(), others.end());
  std::sort(units.begin(), units.end());
  EXPECT_THAT(units, ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8, 9));
}

TEST(FitGroupTest, AGroupWithoutReplicatesSaysWhyItHasNoIntervals) {
  const Observations both = BothGroups(WithinLimits(1), WithinLimits(2));
  const FitOptions options = FastOptions(0);
  const GroupFit group = Fit(both, 0, ChooseReferences(both, options), options).value();
  EXPECT_TRUE(group.common.replicates.empty());
  EXPECT_EQ(group.no_interval_reason, "no replicates were asked for");
}

TEST(FitGroupTest, AGroupWithoutRowsIsAnInvalidArgument) {
  Observations both = BothGroups(WithinLimits(1), WithinLimits(2));
  both.task = "qa";
  const FitOptions options = FastOptions(0);
  const absl::Status status = Fit(both, 2, ChooseReferences(both, options), options).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("the rows of task \"qa\" are all of one group"));
}

TEST(WhyUndeterminedTest, ADeterminedCoordinateHasNoReason) {
  const Observations both = BothGroups(WithinLimits(1), WithinLimits(2));
  const FitOptions options = FastOptions(0);
  const GroupFit group = Fit(both, 0, ChooseReferences(both, options), options).value();
  for (int i = 0; i < kFactorCoordinateCount; ++i) EXPECT_EQ(WhyUndetermined(group, static_cast<Coordinate>(i)), "");
}

TEST(WhyUndeterminedTest, AnExponentIsUndeterminedForTheReasonOfTheGroupsDiagnostics) {
  Simulation one_level = WithinLimits(2);
  one_level.models = 1;
  const Observations both = BothGroups(WithinLimits(1), one_level);
  const FitOptions options = FastOptions(0);
  const GroupFit group = Fit(both, 1, ChooseReferences(both, options), options).value();
  EXPECT_THAT(WhyUndetermined(group, kComputeExponent), HasSubstr("all observations have one training compute"));
  EXPECT_EQ(WhyUndetermined(group, kContextExponent), "");
}

TEST(WhyUndeterminedTest, ACoefficientIsUndeterminedWhereItsScaleIsNotObservedAndItsExponentIsUndetermined) {
  Simulation one_level = WithinLimits(2);
  one_level.models = 1;  // 1e21 FLOP
  const Observations both = BothGroups(WithinLimits(1), one_level);
  const FitOptions options = FastOptions(0);
  const References beyond = ChooseReferences(both, options);
  const GroupFit at_beyond = Fit(both, 1, beyond, options).value();
  EXPECT_EQ(WhyUndetermined(at_beyond, kLogComputeCoefficient), WhyUndetermined(at_beyond, kComputeExponent));
  EXPECT_NE(WhyUndetermined(at_beyond, kLogComputeCoefficient), "");
  const GroupFit at_observed = Fit(both, 1, {1e21, beyond.prompt_tokens}, options).value();
  EXPECT_EQ(WhyUndetermined(at_observed, kLogComputeCoefficient), "");
}

}  // namespace
}  // namespace ctxfit

#include "kernels/fit/task_replicates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "kernels/data/observations.h"
#include "kernels/law/penalty.h"
#include "kernels/statistics/identification/diagnostics.h"
#include "kernels/statistics/intervals/effective_units.h"
#include "tests/kernels/defaults.h"

namespace ctxfit {
namespace {

using ::testing::HasSubstr;

Diagnostics AllIdentified() {
  Diagnostics diagnostics;
  for (bool& identified : diagnostics.identified) identified = true;
  for (bool& held : diagnostics.held) held = false;
  return diagnostics;
}

Observations Clusters(std::int32_t count) {
  Observations observations;
  observations.clustered = true;
  observations.unit_count = count;
  return observations;
}

TEST(FewUnitsReasonTest, UnitsMustBeMoreThanTheParametersFittedToThem) {
  EXPECT_EQ(FewUnitsReason(Clusters(1), {{1, 1}}, {1, 4}, 4), "one cluster only: there is nothing to resample");
  EXPECT_EQ(FewUnitsReason(Clusters(4), {{4, 4}}, {4, 4}, 4),
            "4 clusters cannot show the spread of 4 fitted parameters");
  EXPECT_EQ(FewUnitsReason(Clusters(40), {{40, 3.21}}, {3.21, 4}, 4),
            "40 clusters, effectively 3.2, cannot show the spread of 4 fitted parameters");
  EXPECT_EQ(FewUnitsReason(Clusters(5), {{5, 4.5}}, {4.5, 4}, 4), "");
}

TEST(FewUnitsReasonTest, UnitsWithoutInformativeRowsDoNotCount) {
  EXPECT_EQ(FewUnitsReason(Clusters(7), {{1, 1}}, {1, 4}, 4),
            "one of 7 clusters has scores between floor and ceiling: there is nothing to resample");
  EXPECT_EQ(FewUnitsReason(Clusters(12), {{2, 2}}, {2, 4}, 4),
            "the 2 of 12 clusters that have scores between floor and ceiling cannot show the spread of 4 fitted "
            "parameters");
  EXPECT_EQ(FewUnitsReason(Clusters(12), {{5, 5}}, {5, 4}, 4), "");
}

TEST(FewUnitsReasonTest, TwoKeysNeedTwoUnitsEachAndMorePairsThanParameters) {
  Observations observations = Clusters(30);
  observations.unit_2_count = 1;
  EXPECT_THAT(FewUnitsReason(observations, {{30, 30}, {1, 1}}, {1, 1}, 4), HasSubstr("one cluster only"));
  observations.unit_2_count = 2;
  EXPECT_EQ(FewUnitsReason(observations, {{30, 30}, {2, 2}}, {2, 1}, 4), "");
  observations.unit_count = 2;
  EXPECT_EQ(FewUnitsReason(observations, {{2, 2}, {2, 2}}, {2, 1}, 4),
            "2 by 2 units of the two keys make no more pairs than there are fitted parameters, 4");
}

TEST(NoIntervalReasonTest, TheFirstReasonThatHoldsIsGiven) {
  const Domain domain = DefaultDomain();
  EXPECT_EQ(NoIntervalReason(20, domain, "", AllIdentified()), "");
  EXPECT_EQ(NoIntervalReason(20, domain, "few", AllIdentified()), "few");
  Diagnostics flat = AllIdentified();
  for (bool& held : flat.held) held = true;
  EXPECT_EQ(NoIntervalReason(20, domain, "", flat), "the observations determine none of the fitted parameters");
  EXPECT_EQ(NoIntervalReason(0, domain, "few", flat), "no replicates were asked for");
}

TEST(IdentifiedDomainTest, OnlyHeldCoordinatesLoseTheirFreedom) {
  Diagnostics diagnostics = AllIdentified();
  diagnostics.identified[kComputeExponent] = false;  // too wide an error, but not flat
  diagnostics.identified[kContextExponent] = false;
  diagnostics.held[kContextExponent] = true;
  const Domain domain = IdentifiedDomain(DefaultDomain(), diagnostics);
  EXPECT_TRUE(domain.free[kComputeExponent]);
  EXPECT_FALSE(domain.free[kContextExponent]);
  EXPECT_FALSE(domain.free[kLogPenaltyWidth]) << "fixed from the start";
}

// The context exponent lies at its upper bound of 10, and so do `count` of ten replicates.
Diagnostics WithExponentAtItsBound(int count) {
  const Domain domain = DefaultDomain();
  std::vector<Point> replicates(10, Point{{0, 0.4, 0, 0.6}});
  for (int b = 0; b < count; ++b) replicates[b].at[kContextExponent] = domain.upper.at[kContextExponent];
  Diagnostics diagnostics = AllIdentified();
  diagnostics.active_bounds = {{kContextExponent, false, 10}, {kComputeExponent, true, 0}};
  MarkBoundByReplicates(domain, replicates, kStepPenalty, diagnostics);
  return diagnostics;
}

TEST(MarkBoundByReplicatesTest, ABoundThatMostReplicatesShareDecidesInPlaceOfTheData) {
  const Diagnostics diagnostics = WithExponentAtItsBound(9);
  EXPECT_FALSE(diagnostics.identified[kContextExponent]);
  EXPECT_EQ(diagnostics.reason[kContextExponent],
            "context_exponent at its upper bound 10, with 90 % of the replicates: the bound decides, not the data");
  EXPECT_TRUE(WithExponentAtItsBound(5).identified[kContextExponent]);
}

TEST(MarkBoundByReplicatesTest, ABoundOfTheLawItselfIsWhatTheDataSay) {
  const Domain domain = DefaultDomain();
  const std::vector<Point> replicates(10, Point{{0, 0, 0, 0.6}});
  Diagnostics diagnostics = AllIdentified();
  diagnostics.active_bounds = {{kComputeExponent, true, 0}};
  MarkBoundByReplicates(domain, replicates, kStepPenalty, diagnostics);
  EXPECT_TRUE(diagnostics.identified[kComputeExponent]);
}

}  // namespace
}  // namespace ctxfit

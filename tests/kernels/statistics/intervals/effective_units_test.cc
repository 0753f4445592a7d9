#include "kernels/statistics/intervals/effective_units.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <vector>

#include "kernels/data/observations.h"

namespace ctxfit {
namespace {

// A row per element of `unit`.
Observations RowsOf(const std::vector<std::int32_t>& unit, std::int32_t count) {
  Observations observations;
  observations.score.assign(unit.size(), 0.5);
  observations.unit = unit;
  observations.unit_count = count;
  observations.row_begin = {0, unit.size()};
  return observations;
}

// The effective units of a fit to rows of which those of some combinations are informative; RowsOf() has one
// combination.
EffectiveUnits UnitsOf(const Observations& observations, int fitted, const std::vector<bool>& informative = {true}) {
  return FindEffectiveUnits(observations, FindInformativeUnits(observations, informative), fitted);
}

TEST(KishNumberTest, EqualWeightsCountInFullAndOneLargeWeightCountsAlone) {
  EXPECT_DOUBLE_EQ(KishNumber({1, 1, 1}), 3);
  EXPECT_DOUBLE_EQ(KishNumber({7.5, 7.5}), 2);
  EXPECT_DOUBLE_EQ(KishNumber({1, 2, 3}), 36.0 / 14);
  EXPECT_NEAR(KishNumber({1e300, 1, 1, 1}), 1, 1e-15);
  EXPECT_EQ(KishNumber({}), 0);
}

TEST(EffectiveUnitsTest, UnitsCountByTheWeightOfTheirRows) {
  Observations observations = RowsOf({0, 0, 0, 1, 2, 2}, 3);
  EXPECT_DOUBLE_EQ(UnitsOf(observations, 4).count, 36.0 / 14);
  EXPECT_EQ(UnitsOf(observations, 4).fitted, 4);
  EXPECT_EQ(UnitsOf(observations, 0).fitted, 1);
  observations.weight = {1, 1, 1, 3, 1, 2};
  EXPECT_DOUBLE_EQ(UnitsOf(observations, 4).count, 3);
}

TEST(EffectiveUnitsTest, OnlyInformativeRowsCount) {
  Observations observations = RowsOf({0, 1, 1, 2, 2, 2}, 3);
  observations.row_begin = {0, 3, 6};
  EXPECT_DOUBLE_EQ(UnitsOf(observations, 4, {true, false}).count, 9.0 / 5);
  EXPECT_EQ(UnitsOf(observations, 4, {false, false}).count, 0);
  const std::vector<InformativeUnits> units = FindInformativeUnits(observations, {true, false});
  ASSERT_EQ(units.size(), 1);
  EXPECT_EQ(units[0].count, 2);
}

TEST(EffectiveUnitsTest, TwoKeysCountAsTheOneThatHasFewer) {
  Observations observations = RowsOf({0, 1, 2, 3}, 4);
  observations.unit_2 = {0, 0, 0, 1};
  observations.unit_2_count = 2;
  EXPECT_DOUBLE_EQ(UnitsOf(observations, 4).count, 16.0 / 10);
  EXPECT_EQ(UnitsOf(observations, 4).fitted, 1);
}

TEST(EffectiveUnitsTest, EachStratumButTheFirstCostsOneUnit) {
  Observations observations = RowsOf({0, 1, 2, 3, 4, 5}, 6);
  observations.stratum_begin = {0, 2, 4, 6};
  EXPECT_DOUBLE_EQ(UnitsOf(observations, 4).count, 4);
}

TEST(ExpandedTailTest, TailsOfAMeanAreThoseOfHesterberg) {
  // scipy.stats.norm.cdf(-math.sqrt(n / (n - p)) * scipy.stats.t.ppf(0.975, n - p)), p = 1
  EXPECT_NEAR(ExpandedTail(0.95, {12, 1}, 1000).probability, 0.010756614916552488, 1e-12);
  EXPECT_NEAR(ExpandedTail(0.95, {60, 1}, 1000).probability, 0.021801790933923385, 1e-12);
  EXPECT_NEAR(ExpandedTail(0.95, {100000, 1}, 1000).probability, 0.025, 1e-5);
  EXPECT_NEAR(ExpandedTail(0.95, {}, 1000).probability, 0.025, 1e-15);
  EXPECT_EQ(ExpandedTail(0.95, {60, 1}, 1000).stretch, 1);
}

TEST(ExpandedTailTest, TailsShrinkWithFittedParametersAndWithFractionsOfUnits) {
  EXPECT_NEAR(ExpandedTail(0.95, {12, 4}, 100000).probability, 0.002369446424369033, 1e-12);
  EXPECT_NEAR(ExpandedTail(0.95, {60, 4}, 100000).probability, 0.01906050844114714, 1e-12);
  // n = 25.8, p = 4
  EXPECT_NEAR(ExpandedTail(0.95, {25.8, 4}, 100000).probability, 0.011993765257957345, 1e-12);
}

TEST(ExpandedTailTest, FewerUnitsThanTwoBeyondTheParametersCountAsTwo) {
  // math.sqrt(6 / 2) * scipy.stats.t.ppf(0.975, 2)
  for (const double count : {6.0, 5.0, 4.0, 1.5}) {
    EXPECT_NEAR(ExpandedHeight(1.959963984540054, {count, 4}), 7.452413135250992, 1e-12) << count;
  }
  EXPECT_LT(ExpandedHeight(1.959963984540054, {7, 4}), 7.45);
}

TEST(ExpandedTailTest, ADifferenceHasTheDegreesOfFreedomOfSatterthwaite) {
  const EffectiveUnits equal = UnitsOfDifference({12, 4}, 0.3, {12, 4}, 0.3);
  EXPECT_NEAR(equal.count - equal.fitted, 16, 1e-12);
  EXPECT_NEAR(equal.count / (equal.count - equal.fitted), 12.0 / 8, 1e-12);
  const EffectiveUnits one_sided = UnitsOfDifference({40, 4}, 0, {8, 4}, 1);
  EXPECT_NEAR(one_sided.count, 8, 1e-12);
  EXPECT_NEAR(one_sided.fitted, 4, 1e-12);
}

// The fifth of 1,000 replicates lies at a probability of 0.005, 2.5758 standard deviations out.
TEST(ExpandedTailTest, EndsBeyondTheReplicatesThatLocateThemAreStretched) {
  const IntervalTail tail = ExpandedTail(0.95, {12, 4}, 1000);
  EXPECT_EQ(tail.probability, 0.005);
  EXPECT_NEAR(tail.stretch, ExpandedHeight(1.959963984540054, {12, 4}) / 2.575829303548901, 1e-12);
  // With few replicates an interval is read off at its nominal level, as a plain percentile interval is.
  EXPECT_NEAR(ExpandedTail(0.95, {12, 4}, 50).probability, 0.025, 1e-15);
  EXPECT_GT(ExpandedTail(0.95, {12, 4}, 50).stretch, 1);
}

TEST(ExpandedTailTest, HeightsAreFiniteUpToTheSmallestTail) {
  for (const double confidence : {1e-10, 0.5, 0.999, 1 - 1e-15}) {
    const IntervalTail tail = ExpandedTail(confidence, {2, 1}, 20);
    EXPECT_GT(tail.probability, 0) << confidence;
    EXPECT_LT(tail.probability, 0.5 + 1e-9) << confidence;
    EXPECT_GE(tail.stretch, 1) << confidence;
    EXPECT_TRUE(std::isfinite(tail.stretch)) << confidence;
  }
}

TEST(WeakerUnitsTest, OnlyFewerUnitsThanThoseOfTheFitExpandFurther) {
  EXPECT_FALSE(WeakerUnits({60, 5}, 0).has_value()) << "unknown";
  EXPECT_FALSE(WeakerUnits({60, 5}, 60).has_value());
  ASSERT_TRUE(WeakerUnits({60, 5}, 6).has_value());
  EXPECT_EQ(WeakerUnits({60, 5}, 6)->count, 6);
  EXPECT_EQ(WeakerUnits({60, 5}, 6)->fitted, 1);
  // 8 units with 5 parameters have 3 degrees of freedom, 7 units behind one number 6.
  EXPECT_FALSE(WeakerUnits({8, 5}, 7).has_value());
}

TEST(ExpandedShareTest, AnEndOfAnExpandedIntervalIsPassedWithTheProbabilityThatTheIntervalLeaves) {
  for (const EffectiveUnits& units : {EffectiveUnits{60, 4}, EffectiveUnits{12, 1}}) {
    const double beyond = ExpandedTail(0.95, units, 1000).probability;
    EXPECT_NEAR(ExpandedShare(beyond, units, 1000), 0.025, 1e-12);
    EXPECT_NEAR(ExpandedShare(1 - beyond, units, 1000), 0.975, 1e-12);
    EXPECT_NEAR(ExpandedShare(0.5, units, 1000), 0.5, 1e-15);
  }
}

TEST(ExpandedShareTest, NoReplicateAndAllOfThemAreHalfOfOneShortOfCertainty) {
  EXPECT_EQ(ExpandedShare(0, {60, 4}, 1000), ExpandedShare(0.0005, {60, 4}, 1000));
  EXPECT_EQ(ExpandedShare(1, {60, 4}, 1000), ExpandedShare(0.9995, {60, 4}, 1000));
  // scipy.stats.t.sf(scipy.stats.norm.isf(0.0005) * math.sqrt(4 / 8), 4)
  EXPECT_GT(ExpandedShare(0, {8, 4}, 1000), 0.03);
}

TEST(ExpandedShareTest, WithoutUnitsAShareIsItself) { EXPECT_EQ(ExpandedShare(0, {}, 1000), 0); }

}  // namespace
}  // namespace ctxfit

#include "kernels/statistics/identification/active_bounds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "kernels/law/domain.h"
#include "kernels/law/law_options.h"
#include "kernels/law/penalty.h"

namespace ctxfit {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr Point kInside = {{0.1, 0.4, 0.2, 0.6}};

std::vector<std::string> Descriptions(const LawOptions& options, const Point& point) {
  std::vector<std::string> texts;
  for (const ParameterBound& bound : FindActiveBounds(MakeDomain(options), point, options.penalty)) {
    texts.push_back(Describe(bound, options.penalty));
  }
  return texts;
}

TEST(ActiveBoundsTest, OnlyBoundsThatThePointLiesOnAreFound) {
  EXPECT_THAT(Descriptions({}, kInside), IsEmpty());
  Point point = kInside;
  point.at[kComputeExponent] = 0;
  point.at[kLogContextCoefficient] = MakeDomain({}).upper.at[kLogContextCoefficient];
  EXPECT_THAT(Descriptions({}, point),
              ElementsAre("compute_exponent at its lower bound 0", "context_coefficient at its upper bound 100"));
}

TEST(ActiveBoundsTest, TheCeilingsBoundsAreThoseOfTheParameter) {
  LawOptions options;
  options.parameters[kHeadroom] = {Range{0.6, 0.9}, {}};
  Point point = kInside;
  point.at[kHeadroom] = MakeDomain(options).upper.at[kHeadroom];
  EXPECT_THAT(Descriptions(options, point), ElementsAre("ceiling at its lower bound 0.6"));
}

TEST(ActiveBoundsTest, AdviceDistinguishesChosenBoundsFromThoseOfTheLaw) {
  EXPECT_THAT(AdviceOn({kComputeExponent, true, 0}), HasSubstr("do not rise with training compute"));
  EXPECT_THAT(AdviceOn({kContextExponent, true, 0}), HasSubstr("do not rise with prompt length"));
  EXPECT_THAT(AdviceOn({kFloor, true, 0}), HasSubstr("no floor"));
  EXPECT_THAT(AdviceOn({kHeadroom, false, 1}), HasSubstr("no ceiling"));
  EXPECT_THAT(AdviceOn({kLogComputeCoefficient, false, 100}), HasSubstr("its factor is 1"));
  EXPECT_THAT(AdviceOn({kLogComputeCoefficient, true, 1e-6, true}), HasSubstr("may lie outside this default"));
  EXPECT_EQ(AdviceOn({kComputeExponent, false, 0.4}),
            "the optimum may lie outside; widen the bound or fix the parameter");
}

// The bounds of a fit of both floor and ceiling to scores of mean `mean`, where `choose` may bound or fix them.
template <class Choose>
Domain AsymptotesAt(double mean, const Choose& choose) {
  LawOptions options;
  options.parameters[kFloor].fixed.reset();
  options.parameters[kHeadroom].fixed.reset();
  choose(options.parameters[kFloor], options.parameters[kHeadroom]);
  return MakeDomain(WithAsymptoteBounds(options, mean));
}

// The advice on a floor at its upper bound.
std::string AdviceOnFloor(const Domain& domain) {
  Point point = kInside;
  point.at[kHeadroom] = 0.01;
  point.at[kFloor] = domain.upper.at[kFloor];
  const std::vector<ParameterBound> bounds = FindActiveBounds(domain, point, {});
  EXPECT_EQ(bounds.size(), 1u);
  return AdviceOn(bounds.at(0));
}

TEST(ActiveBoundsTest, WhereFloorAndCeilingMeetNeitherIsAdvisedToBeWidenedAlone) {
  const std::string both = "floor and ceiling meet there, so that widening one alone cuts the other";
  // The mean score, by default.
  EXPECT_THAT(AdviceOnFloor(AsymptotesAt(0.3, [](auto&, auto&) {})),
              AllOf(HasSubstr("outside this default; "), HasSubstr(both), Not(HasSubstr("widen the bound"))));
  // A bound on the ceiling bounds the floor, too.
  EXPECT_THAT(AdviceOnFloor(AsymptotesAt(0.3,
                                         [](auto&, auto& ceiling) {
                                           ceiling.bounds = {0.1, 1};
                                         })),
              AllOf(HasSubstr("outside this default; "), HasSubstr(both)));
  EXPECT_THAT(AdviceOnFloor(AsymptotesAt(0.3,
                                         [](auto& floor, auto& ceiling) {
                                           floor.bounds = {0, 0.4};
                                           ceiling.bounds = {0.4, 1};
                                         })),
              AllOf(HasSubstr("lie outside; "), HasSubstr(both)));
  EXPECT_THAT(AdviceOnFloor(AsymptotesAt(0.3, [](auto&, auto& ceiling) { ceiling.fixed = 0.4; })),
              HasSubstr("outside this default; the ceiling is fixed there"));
  EXPECT_EQ(AdviceOnFloor(AsymptotesAt(0.3,
                                       [](auto& floor, auto& ceiling) {
                                         floor.bounds = {0, 0.2};
                                         ceiling.bounds = {0.6, 1};
                                       })),
            "the optimum may lie outside; widen the bound or fix the parameter");
}

// An end that the mean score sets is a default, too.
TEST(ActiveBoundsTest, AnIntervalThatEndsWhereFloorAndCeilingMeetHasThatAdvice) {
  const Domain domain = AsymptotesAt(0.25, [](auto&, auto&) {});
  Point point = kInside;
  point.at[kHeadroom] = 0.5;
  std::vector<Point> replicates(100, point);
  replicates[0].at[kHeadroom] = 0.75;
  EXPECT_THAT(
      FindCutIntervals(domain, point, {{kHeadroom, {0.25, 0.9}}}, replicates, {}),
      ElementsAre("ceiling at its lower bound 0.25 by default cuts its interval (its expansion for few units "
                  "reaches there, and one replicate lies there): floor and ceiling meet there, so that widening "
                  "one alone cuts the other: bound both to meet elsewhere, or fix one that you know"));
}

TEST(ActiveBoundsTest, AnEndOfAnIntervalOnAChosenBoundIsReported) {
  const Domain domain = MakeDomain({});
  std::vector<Point> replicates(100, kInside);
  for (int b = 0; b < 3; ++b) {
    replicates[b].at[kLogComputeCoefficient] = domain.upper.at[kLogComputeCoefficient];
  }
  const auto find = [&](const ParameterInterval& interval) {
    return FindCutIntervals(domain, kInside, {interval}, replicates, {});
  };
  EXPECT_THAT(find({kLogComputeCoefficient, {0.5, 99}}), IsEmpty());
  EXPECT_THAT(find({kLogComputeCoefficient, {0.5, 100}}),
              ElementsAre("compute_coefficient at its upper bound 100 by default cuts its interval (3.0 % of the "
                          "replicates lie there): its factor is 1 there, and the data set no upper limit"));
  // A stretched end, with no replicate on it.
  EXPECT_THAT(find({kContextExponent, {0.2, 10}}),
              ElementsAre("context_exponent at its upper bound 10 by default cuts its interval (its expansion for few "
                          "units reaches there, and no replicate lies there): widen the bound"));
  // An exponent has no values below 0.
  EXPECT_THAT(find({kComputeExponent, {0, 0.5}}), IsEmpty());
}

}  // namespace
}  // namespace ctxfit

#include "kernels/statistics/active_bounds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "kernels/law/domain.h"
#include "kernels/law/options.h"
#include "kernels/law/penalty.h"

namespace ctxfit {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr Point kInside = {{0.1, 0.4, 0.2, 0.6}};

std::vector<std::string> Descriptions(const FitOptions& options, const Point& point) {
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
  FitOptions options;
  options.parameters[kHeadroom] = {Range{0.6, 0.9}, {}};
  Point point = kInside;
  point.at[kHeadroom] = MakeDomain(options).upper.at[kHeadroom];
  EXPECT_THAT(Descriptions(options, point), ElementsAre("ceiling at its lower bound 0.6"));
}

TEST(ActiveBoundsTest, AdviceDistinguishesChosenBoundsFromThoseOfTheLaw) {
  EXPECT_THAT(AdviceOn({kComputeExponent, true, 0}, {}), HasSubstr("do not rise with training compute"));
  EXPECT_THAT(AdviceOn({kContextExponent, true, 0}, {}), HasSubstr("do not rise with prompt length"));
  EXPECT_THAT(AdviceOn({kFloor, true, 0}, {}), HasSubstr("no floor"));
  EXPECT_THAT(AdviceOn({kHeadroom, false, 1}, {}), HasSubstr("no ceiling"));
  EXPECT_THAT(AdviceOn({kLogComputeCoefficient, false, 100}, {}), HasSubstr("its factor is 1"));
  EXPECT_THAT(AdviceOn({kLogComputeCoefficient, true, 1e-6}, {}), HasSubstr("may lie outside this default"));
  EXPECT_EQ(AdviceOn({kComputeExponent, false, 0.4}, {}),
            "the optimum may lie outside; widen the bound or fix the parameter");
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
              ElementsAre(HasSubstr("(0.0 % of the replicates lie there): widen")));
  // An exponent has no values below 0.
  EXPECT_THAT(find({kComputeExponent, {0, 0.5}}), IsEmpty());
}

}  // namespace
}  // namespace ctxfit

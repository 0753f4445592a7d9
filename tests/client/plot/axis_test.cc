#include "client/plot/axis.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ctxfit {
namespace {

using ::testing::DoubleEq;
using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::Pointwise;

TEST(AxisTest, MapsItsEndsAndItsMiddle) {
  const Axis linear = Axis::Linear(0, 0.5, 300, 100);
  EXPECT_DOUBLE_EQ(linear.At(0), 300);
  EXPECT_DOUBLE_EQ(linear.At(0.5), 100);
  EXPECT_DOUBLE_EQ(linear.At(0.25), 200);
  // Tolerance: the logarithms of 10 and 1000 are rounded, so the middle is exact to a few units of 200 * 2^-52.
  EXPECT_NEAR(Axis::Logarithmic(10, 1000, 100, 300).At(100), 200, 1e-12);
}

TEST(TokenTicksTest, ChoosesTheDensestPowersThatFit) {
  EXPECT_THAT(TokenTicks(100, 5000, 6), ElementsAre(128, 256, 512, 1024, 2048, 4096));
  EXPECT_THAT(TokenTicks(100, 5000, 5), ElementsAre(256, 1024, 4096));
  EXPECT_THAT(TokenTicks(10, 200000, 7), ElementsAre(16, 64, 256, 1024, 4096, 16384, 65536));
}

TEST(ScoreTicksTest, CoversTheScoresWithRoundNumbers) {
  EXPECT_THAT(ScoreTicks(1), Pointwise(DoubleNear(1e-15), {0.0, 0.2, 0.4, 0.6, 0.8, 1.0}));
  EXPECT_THAT(ScoreTicks(0.32), Pointwise(DoubleNear(1e-15), {0.0, 0.1, 0.2, 0.3, 0.4}));
  EXPECT_THAT(ScoreTicks(0), Pointwise(DoubleNear(1e-15), {0.0, 0.001, 0.002}));
}

TEST(DecimalTicksTest, TicksAreOneTwoAndFiveTimesPowersOfTenOrPowersOnlyWhereThoseAreTooMany) {
  using ::testing::DoubleEq;
  using ::testing::ElementsAre;
  EXPECT_THAT(DecimalTicks(1.5, 60, 6),
              ElementsAre(DoubleEq(2), DoubleEq(5), DoubleEq(10), DoubleEq(20), DoubleEq(50)));
  EXPECT_THAT(DecimalTicks(1.5, 600, 6), ElementsAre(DoubleEq(10), DoubleEq(100)));
}

}  // namespace
}  // namespace ctxfit

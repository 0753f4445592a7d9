#include "client/text/number_text.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "absl/time/time.h"

namespace ctxfit {
namespace {

TEST(NumberTextTest, KeepsSignificantDigits) {
  EXPECT_EQ(NumberText(0.1520001), "0.1520");
  EXPECT_EQ(NumberText(12.345), "12.35");
  EXPECT_EQ(NumberText(123456.7), "123457");
  EXPECT_EQ(NumberText(0.00012345), "0.0001234");
  EXPECT_EQ(NumberText(-1893.4, 6), "-1893.40");
}

TEST(NumberTextTest, UsesPowersOfTenForLargeAndSmallNumbers) {
  EXPECT_EQ(NumberText(7.7719e22), "7.772e22");
  EXPECT_EQ(NumberText(1.5e-9, 2), "1.5e-9");
  EXPECT_EQ(TypesetNumber(7.7719e22), "7.772×10²²");
  EXPECT_EQ(TypesetNumber(1.5e-9, 2), "1.5×10⁻⁹");
}

TEST(NumberTextTest, RoundsUpToTheNextPowerOfTen) {
  EXPECT_EQ(NumberText(9.99996), "10.00");
  EXPECT_EQ(NumberText(9.99996e22), "1.000e23");
}

TEST(NumberTextTest, WritesZeroInfinityAndNan) {
  EXPECT_EQ(NumberText(0), "0");
  EXPECT_EQ(NumberText(std::numeric_limits<double>::infinity()), "inf");
  EXPECT_EQ(NumberText(std::nan("")), "nan");
}

TEST(ChosenNumberTextTest, DropsTrailingZeros) {
  EXPECT_EQ(ChosenNumberText(1), "1");
  EXPECT_EQ(ChosenNumberText(0.1), "0.1");
  EXPECT_EQ(ChosenNumberText(2048), "2048");
  EXPECT_EQ(ChosenNumberText(1e23), "1e23");
  EXPECT_EQ(TypesetChosenNumber(1.5e23), "1.5×10²³");
}

TEST(TokenTextTest, AbbreviatesContextLimitsWithKAndM) {
  EXPECT_EQ(TokenText(16), "16");
  EXPECT_EQ(TokenText(4096), "4k");
  EXPECT_EQ(TokenText(131072), "128k");
  EXPECT_EQ(TokenText(1500), "1.5k");
  EXPECT_EQ(TokenText(80000), "80k");
  EXPECT_EQ(TokenText(1048576), "1M");
}

TEST(CountTextTest, SeparatesThousands) {
  EXPECT_EQ(CountText(0), "0");
  EXPECT_EQ(CountText(999), "999");
  EXPECT_EQ(CountText(65500), "65,500");
  EXPECT_EQ(CountText(-1234567), "-1,234,567");
}

TEST(PluralTest, UsesTheSingularForOneOnly) {
  EXPECT_EQ(Plural(1, "record"), "1 record");
  EXPECT_EQ(Plural(65500, "record"), "65,500 records");
}

TEST(DurationTextTest, ChoosesTheUnit) {
  EXPECT_EQ(DurationText(absl::Microseconds(12340)), "12.3 ms");
  EXPECT_EQ(DurationText(absl::Milliseconds(1240)), "1.24 s");
}

TEST(PercentTextTest, DropsTrailingZeros) {
  EXPECT_EQ(PercentText(0.95), "95 %");
  EXPECT_EQ(PercentText(0.995), "99.5 %");
}

}  // namespace
}  // namespace ctxfit

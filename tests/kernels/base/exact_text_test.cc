#include "kernels/base/exact_text.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace ctxfit {
namespace {

TEST(ExactTextTest, HasNoMoreDigitsThanTheNumberNeeds) {
  EXPECT_EQ(ExactText(1.2), "1.2");
  EXPECT_EQ(ExactText(-5), "-5");
  EXPECT_EQ(ExactText(1e22), "1e+22");
  EXPECT_EQ(ExactText(std::numeric_limits<double>::infinity()), "inf");
  EXPECT_EQ(ExactText(std::nan("")), "nan");
}

TEST(ExactTextTest, WritesIntegersAsIntegers) {
  EXPECT_EQ(ExactText(2147483647), "2147483647");
  EXPECT_EQ(ExactText(1e6), "1000000");
  EXPECT_EQ(ExactText(0), "0");
  EXPECT_EQ(ExactText(-1e6), "-1000000");
  EXPECT_EQ(ExactText(1e15), "1e+15");
}

TEST(ExactTextTest, ShowsThatANumberIsNotTheRoundOneBesideIt) {
  EXPECT_EQ(ExactText(std::nextafter(1.0, 2.0)), "1.0000000000000002");
  EXPECT_EQ(ExactText(1.0000001), "1.0000001000000001");
}

}  // namespace
}  // namespace ctxfit

#include "kernels/base/elementary.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>

namespace ctxfit {
namespace {

// |value - exact| in units in the last place of a T near `exact`.
template <class T>
double Ulps(T value, long double exact) {
  const long double unit = std::ldexp(1.0L, std::ilogb(exact) - std::numeric_limits<T>::digits + 1);
  return static_cast<double>(std::abs(static_cast<long double>(value) - exact) / unit);
}

// Calls call(x) for every 509th float x from 1e-30, with the sign of `end`, to `end`.
template <class Call>
void ForFloatsTo(float end, const Call& call) {
  const float first = std::copysign(1e-30f, end);
  for (auto bits = std::bit_cast<std::uint32_t>(first); bits <= std::bit_cast<std::uint32_t>(end); bits += 509) {
    call(std::bit_cast<float>(bits));
  }
}

TEST(ElementaryTest, ExpInSinglePrecisionIsWithinTwoUnits) {
  double worst = 0;
  const auto compare = [&](float x) { worst = std::fmax(worst, Ulps(Exp(x), std::exp(double{x}))); };
  ForFloatsTo(88.0f, compare);
  ForFloatsTo(-87.0f, compare);
  EXPECT_LE(worst, 2);
}

TEST(ElementaryTest, Expm1InSinglePrecisionIsWithinThreeUnits) {
  double worst = 0;
  ForFloatsTo(-87.0f, [&](float x) { worst = std::fmax(worst, Ulps(Expm1(x), std::expm1(double{x}))); });
  EXPECT_LE(worst, 3);
}

TEST(ElementaryTest, LogIsWithinThreeUnits) {
  double worst = 0;
  ForFloatsTo(3e38f, [&](float x) { worst = std::fmax(worst, Ulps(Log(x), std::log(static_cast<long double>(x)))); });
  EXPECT_LE(worst, 3);
  std::mt19937_64 random(3);
  std::uniform_real_distribution<double> log_size(-700, 700);
  worst = 0;
  for (int i = 0; i < 1'000'000; ++i) {
    const double wide = std::exp(log_size(random));
    const double near_one = std::exp(log_size(random) / 1024);
    worst = std::fmax(worst, Ulps(Log(wide), std::log(static_cast<long double>(wide))));
    worst = std::fmax(worst, Ulps(Log(near_one), std::log(static_cast<long double>(near_one))));
  }
  EXPECT_LE(worst, 3);
  EXPECT_TRUE(std::isnan(Log(std::nan(""))));
}

TEST(ElementaryTest, ExpInDoublePrecisionIsWithinTwoUnits) {
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> uniform(-708, 709);
  double worst = 0;
  for (int i = 0; i < 1'000'000; ++i) {
    const double wide = uniform(random);
    const double narrow = wide / 1024;
    worst = std::fmax(worst, Ulps(Exp(wide), std::exp(static_cast<long double>(wide))));
    worst = std::fmax(worst, Ulps(Exp(narrow), std::exp(static_cast<long double>(narrow))));
  }
  EXPECT_LE(worst, 2);
}

TEST(ElementaryTest, Expm1InDoublePrecisionIsWithinThreeUnits) {
  std::mt19937_64 random(2);
  std::uniform_real_distribution<double> log_size(std::log(1e-300), std::log(708.0));
  double worst = 0;
  for (int i = 0; i < 1'000'000; ++i) {
    const double x = -std::exp(log_size(random));
    const double near = -708 * std::exp(log_size(random) / 100);
    worst = std::fmax(worst, Ulps(Expm1(x), std::expm1(static_cast<long double>(x))));
    worst = std::fmax(worst, Ulps(Expm1(near / 8), std::expm1(static_cast<long double>(near / 8))));
  }
  EXPECT_LE(worst, 3);
}

template <class T>
void ExpectClampedEnds() {
  const T infinity = std::numeric_limits<T>::infinity();
  EXPECT_EQ(Exp(-infinity), Exp(ExpConstants<T>::kLowest));
  EXPECT_EQ(Exp(infinity), Exp(ExpConstants<T>::kHighest));
  EXPECT_TRUE(std::isnormal(Exp(-infinity)));
  EXPECT_TRUE(std::isnormal(Exp(infinity)));
  EXPECT_EQ(Expm1(-infinity), T(-1));
  EXPECT_EQ(Exp(T(0)), T(1));
  EXPECT_EQ(Expm1(T(0)), T(0));
}

TEST(ElementaryTest, ArgumentsOutOfRangeGiveTheResultAtTheNearestEnd) {
  ExpectClampedEnds<float>();
  ExpectClampedEnds<double>();
}

TEST(ElementaryTest, ExpAndExpm1OfNotANumberAreNotANumber) {
  EXPECT_TRUE(std::isnan(Exp(std::nanf(""))));
  EXPECT_TRUE(std::isnan(Expm1(std::nanf(""))));
  EXPECT_TRUE(std::isnan(Exp(std::nan(""))));
  EXPECT_TRUE(std::isnan(Expm1(std::nan(""))));
}

}  // namespace
}  // namespace ctxfit

#include "kernels/base/find_root.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <optional>

namespace ctxfit {
namespace {

double Cubic(double x) { return x * x * x - 2; }

TEST(FindRootTest, TheRootIsFoundToThePrecision) {
  EXPECT_NEAR(FindRoot(Cubic, 0, 5, Cubic(0), Cubic(5), 1e-12).value(), std::cbrt(2.0), 1e-12);
  const auto falling = [](double x) { return 2 - x; };
  EXPECT_NEAR(FindRoot(falling, 0, 5, 2, -3, 1e-12).value(), 2, 1e-12);
}

TEST(FindRootTest, AnEndThatIsTheRootIsReturned) {
  const auto identity = [](double x) { return x; };
  EXPECT_EQ(FindRoot(identity, 0, 1, 0, 1, 1e-9), 0.0);
  EXPECT_EQ(FindRoot(identity, -1, 0, -1, 0, 1e-9), 0.0);
}

TEST(FindRootTest, WithoutAChangeOfSignThereIsNoRoot) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_FALSE(FindRoot(Cubic, 2, 5, Cubic(2), Cubic(5), 1e-9).has_value());
  EXPECT_FALSE(FindRoot(Cubic, 0, 5, -1, kNan, 1e-9).has_value());
  EXPECT_FALSE(FindRoot(Cubic, 0, 5, kNan, 1, 1e-9).has_value());
}

TEST(FindRootTest, AFunctionThatContradictsItsEndsOrHasNoValueThrowsNothing) {
  const auto positive = [](double) { return 1.0; };
  const auto undefined = [](double) { return std::numeric_limits<double>::quiet_NaN(); };
  const std::optional<double> root = FindRoot(positive, 0, 1, -1, 1, 1e-9);
  EXPECT_TRUE(root >= 0 && root <= 1);
  EXPECT_FALSE(FindRoot(undefined, 0, 1, -1, 1, 1e-9).has_value());
}

}  // namespace
}  // namespace ctxfit

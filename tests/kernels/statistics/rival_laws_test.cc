#include "kernels/statistics/rival_laws.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <vector>

#include "kernels/law/coordinate.h"
#include "kernels/objective/normal_equations.h"
#include "kernels/statistics/diagnostics.h"
#include "kernels/statistics/sandwich.h"

namespace ctxfit {
namespace {

Diagnostics AllIdentified() {
  Diagnostics diagnostics;
  for (bool& identified : diagnostics.identified) identified = true;
  return diagnostics;
}

// Examines one rival of a law whose two exponents are fitted, at 1 and with a standard error of 0.1 each.
Diagnostics ExamineRival(double context_exponent, double deviance) {
  bool free_set[kCoordinateCount] = {};
  free_set[kComputeExponent] = free_set[kContextExponent] = true;
  NormalEquations curvature{};
  curvature.jtj[PackedIndex(kComputeExponent, kComputeExponent)] = 100;
  curvature.jtj[PackedIndex(kContextExponent, kContextExponent)] = 100;
  Point best = {};
  best.at[kComputeExponent] = best.at[kContextExponent] = 1;
  Rival rival = {best, 7 + deviance};
  rival.point.at[kContextExponent] = context_exponent;
  const std::optional<Sandwich> sandwich;
  Diagnostics diagnostics = AllIdentified();
  ExamineRivals({{best, 7}, rival}, {best, 7, curvature, free_set, 1, sandwich, {}}, diagnostics);
  return diagnostics;
}

TEST(RivalLawsTest, OnlyTheCoordinateThatARivalMovesFarIsNotIdentified) {
  const Diagnostics diagnostics = ExamineRival(1.55, 0.5);
  EXPECT_TRUE(diagnostics.identified[kComputeExponent]);
  EXPECT_FALSE(diagnostics.identified[kContextExponent]);
  EXPECT_EQ(diagnostics.reason[kContextExponent],
            "another law, 0.5 deviance units worse, has context_exponent at 1.55");
}

TEST(RivalLawsTest, ARivalWithinThreeStandardErrorsChangesNothing) {
  EXPECT_TRUE(ExamineRival(1.25, 0.5).identified[kContextExponent]);
}

TEST(RivalLawsTest, ARivalThatATestWouldRejectChangesNothing) {
  EXPECT_TRUE(ExamineRival(3, 3.9).identified[kContextExponent]);
}

}  // namespace
}  // namespace ctxfit

#include "kernels/statistics/identification/rival_laws.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <vector>

#include "kernels/law/coordinate.h"
#include "kernels/objective/normal_equations.h"
#include "kernels/statistics/errors/sandwich.h"
#include "kernels/statistics/identification/diagnostics.h"

namespace ctxfit {
namespace {

Diagnostics AllIdentified() {
  Diagnostics diagnostics;
  for (bool& identified : diagnostics.identified) identified = true;
  return diagnostics;
}

// Examines one rival of a law whose two exponents are fitted, at 1 and with a standard error of 0.1 each. The context
// exponents of 101 replicates, if there are any, reach from 1 to 1 + `reach`.
Diagnostics ExamineRival(double context_exponent, double deviance, std::optional<double> reach = {}) {
  bool free_set[kCoordinateCount] = {};
  free_set[kComputeExponent] = free_set[kContextExponent] = true;
  NormalEquations curvature{};
  curvature.jtj[PackedIndex(kComputeExponent, kComputeExponent)] = 100;
  curvature.jtj[PackedIndex(kContextExponent, kContextExponent)] = 100;
  Point best = {};
  best.at[kComputeExponent] = best.at[kContextExponent] = 1;
  Rival rival = {best, 7 + deviance};
  rival.point.at[kContextExponent] = context_exponent;
  std::vector<Point> replicates;
  for (int i = 0; i <= 100 && reach; ++i) {
    replicates.push_back(best);
    replicates.back().at[kContextExponent] += *reach * i / 100;
  }
  const std::optional<Sandwich> sandwich;
  Diagnostics diagnostics = AllIdentified();
  ExamineRivals({{best, 7}, rival}, {best, 7, curvature, free_set, 1, sandwich, {}}, replicates, diagnostics);
  return diagnostics;
}

TEST(RivalLawsTest, OnlyTheCoordinateThatARivalMovesFarIsNotIdentified) {
  const Diagnostics diagnostics = ExamineRival(1.55, 0.5);
  EXPECT_TRUE(diagnostics.identified[kComputeExponent]);
  EXPECT_FALSE(diagnostics.identified[kContextExponent]);
  EXPECT_EQ(diagnostics.reason[kContextExponent],
            "another law, 0.5 deviance units worse, has context_exponent at 1.55");
}

// A rival 2 deviance units worse at a distance of 0.5 implies a half-width of 0.5 sqrt(3.84 / 2) = 0.69, of which
// replicates must show 0.7 times: 0.485, by their 97.5 % quantile.
TEST(RivalLawsTest, ARivalThatReplicatesReachIsTheirIntervalsToTell) {
  EXPECT_FALSE(ExamineRival(1.5, 2).identified[kContextExponent]);
  EXPECT_FALSE(ExamineRival(1.5, 2, 0.48 / 0.975).identified[kContextExponent]);
  EXPECT_TRUE(ExamineRival(1.5, 2, 0.49 / 0.975).identified[kContextExponent]);
  EXPECT_FALSE(ExamineRival(0.5, 2, 0.49 / 0.975).identified[kContextExponent]) << "on the other side";
}

TEST(RivalLawsTest, ARivalWithinThreeStandardErrorsChangesNothing) {
  EXPECT_TRUE(ExamineRival(1.25, 0.5).identified[kContextExponent]);
}

TEST(RivalLawsTest, ARivalThatATestWouldRejectChangesNothing) {
  EXPECT_TRUE(ExamineRival(3, 3.9).identified[kContextExponent]);
}

}  // namespace
}  // namespace ctxfit

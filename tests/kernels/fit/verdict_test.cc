#include "kernels/fit/verdict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace ctxfit {
namespace {

// Errors of the law by fold, and of the lines: the log line's are 0.01 above the logit line's.
std::vector<FoldErrors> Folds(const std::vector<double>& law, const std::vector<double>& line) {
  std::vector<FoldErrors> folds;
  for (std::size_t i = 0; i < law.size(); ++i) folds.push_back({law[i], {1, line[i] + 0.01, line[i]}});
  return folds;
}

TEST(VerdictTest, TheStatisticIsThatOfAPairedTTest) {
  const std::vector<FoldErrors> folds = Folds({0.03, 0.05, 0.04, 0.06}, {0.02, 0.01, 0.02, 0.01});
  const Verdict verdict = Judge(folds).value();
  // Differences .01, .04, .02, .05: mean .03, standard deviation sqrt(.001 / 3).
  EXPECT_NEAR(verdict.statistic, 0.03 / (std::sqrt(0.001 / 3) / 2), 1e-12);
  EXPECT_NEAR(verdict.law_error, 0.045, 1e-15);
  EXPECT_NEAR(verdict.line_error, 0.015, 1e-15);
  EXPECT_EQ(verdict.line, BaselineForm::kLogitLine);
  // t = 3.286 with three degrees of freedom, of which the 97.5 % quantile is 3.182.
  EXPECT_EQ(verdict.kind, VerdictKind::kLine);
  EXPECT_EQ(Describe(verdict, "models"),
            "A straight line on the logit of the score predicts held-out models better than the law: mean absolute "
            "error 0.0150 against 0.0450.");
}

TEST(VerdictTest, TheLawMayWinOrNeither) {
  const Verdict law = Judge(Folds({0.02, 0.01, 0.02, 0.01}, {0.05, 0.04, 0.055, 0.043})).value();
  EXPECT_EQ(law.kind, VerdictKind::kLaw);
  EXPECT_EQ(Describe(law, "models"),
            "The law predicts held-out models better than a straight line: mean absolute error 0.0150 against 0.0470.");
  // One fold alone makes the mean difference.
  const Verdict neither = Judge(Folds({0.02, 0.02, 0.02, 0.2}, {0.02, 0.021, 0.019, 0.02})).value();
  EXPECT_EQ(neither.kind, VerdictKind::kUndecided);
  EXPECT_THAT(Describe(neither, "groups"), testing::HasSubstr("Held-out groups do not tell the law from"));
}

TEST(VerdictTest, TheLineIsTheOneWithTheLowerError) {
  std::vector<FoldErrors> folds = Folds({0.02, 0.01, 0.02}, {0.05, 0.04, 0.05});
  for (FoldErrors& fold : folds) fold.baseline[1] = 0.005;
  const Verdict verdict = Judge(folds).value();
  EXPECT_EQ(verdict.line, BaselineForm::kLogLine);
  EXPECT_DOUBLE_EQ(verdict.line_error, 0.005);
}

TEST(VerdictTest, FewFoldsAndEqualErrorsTellNothing) {
  EXPECT_FALSE(Judge(Folds({0.1, 0.1}, {0.2, 0.2})).has_value());
  const Verdict equal = Judge(Folds({0.1, 0.2, 0.3}, {0.1, 0.2, 0.3})).value();
  EXPECT_EQ(equal.kind, VerdictKind::kUndecided);
  EXPECT_EQ(equal.statistic, 0);
}

}  // namespace
}  // namespace ctxfit

#include "kernels/fit/replicate_warnings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "kernels/fit/fit.h"
#include "kernels/law/domain.h"
#include "kernels/statistics/errors/sandwich.h"
#include "tests/kernels/defaults.h"

namespace ctxfit {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

// A fit whose 101 replicates of ln A and of alpha spread evenly, by standard deviations of 0.029 and 0.0029.
TaskFit SomeFit() {
  TaskFit fit;
  fit.law = {{{0, 0.4, 0.2, 0.6}}, {1e22, 1000}, kStepPenalty};
  for (int b = 0; b <= 100; ++b) {
    Point point = fit.law.point;
    point.at[kLogComputeCoefficient] += 0.001 * (b - 50);
    point.at[kComputeExponent] += 0.0001 * (b - 50);
    fit.replicates.points.push_back(point);
    fit.replicates.converged.push_back(true);
  }
  fit.bootstrap.converged_count = 101;
  for (const char* name : {"compute_coefficient", "compute_exponent"}) {
    Estimate estimate;
    estimate.name = name;
    estimate.interval = {0.3, 0.5};
    fit.estimates.push_back(estimate);
  }
  for (bool& held : fit.diagnostics.held) held = false;
  return fit;
}

std::vector<std::string> Warnings(TaskFit fit, double error_of_log_a, double error_of_alpha) {
  Sandwich sandwich{};
  sandwich.covariance[kLogComputeCoefficient * kCoordinateCount + kLogComputeCoefficient] = std::pow(error_of_log_a, 2);
  sandwich.covariance[kComputeExponent * kCoordinateCount + kComputeExponent] = std::pow(error_of_alpha, 2);
  WarnOfReplicates(DefaultDomain(), DefaultDomain(), sandwich, fit);
  return fit.diagnostics.warnings;
}

TEST(ReplicateWarningsTest, ReplicatesThatSpreadFarLessThanTheSandwichSaysAreReported) {
  EXPECT_THAT(Warnings(SomeFit(), 0.05, 0.005), IsEmpty());
  EXPECT_THAT(
      Warnings(SomeFit(), 0.09, 0.005),
      ElementsAre(HasSubstr("standard errors of compute_coefficient (0.029 against 0.09 in its logarithm). A")));
  EXPECT_THAT(Warnings(SomeFit(), 0.05, 0.009), ElementsAre(HasSubstr("compute_exponent (0.0029 against 0.009). A")));
}

TEST(ReplicateWarningsTest, ParametersWithoutAnIntervalHaveNoWarning) {
  TaskFit fit = SomeFit();
  for (Estimate& estimate : fit.estimates) estimate.interval.reset();
  EXPECT_THAT(Warnings(fit, 1, 1), IsEmpty());
}

TEST(ReplicateWarningsTest, APenaltyThatIsFittedAndNotIdentifiedIsReported) {
  TaskFit fit = SomeFit();
  fit.diagnostics.coordinates = {kLogPenaltyWidth, kLogPenaltyOnset};
  for (bool& identified : fit.diagnostics.identified) identified = true;
  EXPECT_THAT(Warnings(fit, 0.05, 0.005), IsEmpty());
  fit.diagnostics.identified[kLogPenaltyOnset] = false;
  EXPECT_THAT(Warnings(fit, 0.05, 0.005),
              ElementsAre("the data do not determine penalty_onset_ratio: bands where the penalty matters may be too "
                          "narrow"));
}

TEST(ReplicateWarningsTest, AnEndOnADefaultBoundIsReported) {
  TaskFit fit = SomeFit();
  fit.estimates[1].interval->upper = 10;
  EXPECT_THAT(Warnings(fit, 0.05, 0.005),
              ElementsAre(StartsWith("compute_exponent at its upper bound 10 by default cuts its interval")));
}

TEST(ReplicateWarningsTest, ReplicatesThatDidNotConvergeAreSaidToLieOnABoundOrFarOut) {
  TaskFit fit = SomeFit();
  fit.bootstrap.converged_count = 98;
  for (int b = 0; b < 3; ++b) {
    fit.replicates.converged[b] = false;
    fit.replicates.points[b] = fit.law.point;
    fit.replicates.points[b].at[kComputeExponent] += 0.01;
  }
  EXPECT_THAT(Warnings(fit, 0.05, 0.005),
              ElementsAre(AllOf(HasSubstr("3 of 101 bootstrap replicates did not converge"),
                                HasSubstr("; they lie farthest out in compute_exponent, by 3.5 standard deviations"))));
  for (int b = 0; b < 2; ++b) fit.replicates.points[b].at[kContextExponent] = 0;
  EXPECT_THAT(Warnings(fit, 0.05, 0.005),
              ElementsAre(HasSubstr("; 67 % of them stopped with context_exponent at its lower bound 0")));
}

TEST(ReplicateWarningsTest, TheReasonWhyNothingSpreadsIsGiven) {
  TaskFit fit = SomeFit();
  fit.bootstrap.no_spread_reason = "because";
  EXPECT_THAT(Warnings(fit, 0.05, 0.005), ElementsAre("no intervals: because"));
}

}  // namespace
}  // namespace ctxfit

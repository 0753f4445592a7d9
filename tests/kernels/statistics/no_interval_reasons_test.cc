// Tests every reason why an estimate has no interval, on data that bring it about and on data that do not.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <ostream>
#include <string>

#include "kernels/law/coordinate.h"
#include "kernels/statistics/estimates.h"
#include "tests/kernels/simulated_data.h"
#include "tests/kernels/statistics/problems.h"

namespace ctxfit {
namespace {

using ::testing::HasSubstr;

struct ReasonCase {
  const char* name;
  const char* estimate;
  const char* text;
  MakeProblem has_it;
  MakeProblem does_not;
};

void PrintTo(const ReasonCase& reason, std::ostream* out) { *out << reason.text; }

// Prompts of equal length for all models.
MakeProblem OnePromptLength() {
  return Spoilt([](Problem& p) { SetAll(p.table.prompt_tokens, 500); });
}

MakeProblem EqualScoresWithinTheLimit(double score) {
  return Spoilt([=](Problem& p) {
    SetAll(p.table.score, score);
    SetAll(p.table.context_limit_tokens, 1e6);
  });
}

// One record, and one coefficient to fit to it.
MakeProblem OneRecord() {
  return [] {
    Problem problem;
    problem.table.training_compute_flops = {1e22};
    problem.table.prompt_tokens = {100};
    problem.table.context_limit_tokens = {4096};
    problem.table.score = {0.4};
    problem.options.parameters[kComputeExponent].fixed = 0.4;
    problem.options.parameters[kLogContextCoefficient].fixed = 1;
    problem.options.parameters[kContextExponent].fixed = 0.6;
    return problem;
  };
}

// Two coefficients that determine one level, with bounds that keep either factor from reaching 1.
MakeProblem OneLevelOfTwoCoefficients() {
  return Spoilt([](Problem& p) {
    SetAll(p.table.score, 0.5);
    SetAll(p.table.context_limit_tokens, 1e6);
    for (const Coordinate exponent : {kComputeExponent, kContextExponent}) p.options.parameters[exponent].fixed = 0;
    for (const Coordinate coefficient : {kLogComputeCoefficient, kLogContextCoefficient}) {
      p.options.parameters[coefficient].bounds = {0.1, 2};
    }
  });
}

const ReasonCase kReasons[] = {
    {"OneTrainingCompute", "compute_exponent", "all observations have one training compute", Banking(), Yarn()},
    {"OnePromptLength", "context_exponent", "all observations have one prompt length", OnePromptLength(), Yarn()},
    // Both factors are constant: only their product counts.
    {"ACombinationOnly", "compute_coefficient", "the observations determine only a combination of",
     OneLevelOfTwoCoefficients(), Yarn()},
    // Both factors are 1 everywhere.
    {"NothingDependsOnIt", "compute_coefficient", "no prediction at the observations depends on it",
     EqualScoresWithinTheLimit(1), Yarn()},
    // No record lies within a token of a limit.
    {"AsWideAsItsBounds", "penalty_width_ratio", "exceeds a quarter of the range", WithFittedPenalty(Simulated()),
     WithFittedPenalty(Yarn())},
    {"NoRecordBeyondItsLimit", "penalty_onset_ratio", "no record lies beyond its context limit",
     WithFittedPenalty(NaturalQuestions()), WithFittedPenalty(Yarn())},
    {"EveryRecordBeyondItsLimit", "penalty_onset_ratio", "every record lies beyond its limit",
     WithFittedPenalty(Spoilt([](Problem& p) { SetAll(p.table.context_limit_tokens, 1); })), WithFittedPenalty(Yarn())},
    {"NoReplicates", "compute_exponent", "no replicates were asked for",
     Spoilt([](Problem& p) { p.options.bootstrap.replicates = 0; }), Simulated()},
    {"OneCluster", "compute_exponent", "one cluster only", Simulated([](Simulation& s) { s.clusters = 1; }),
     Simulated([](Simulation& s) { s.clusters = 35; })},
    {"OneRecord", "compute_coefficient", "one record only", OneRecord(), Simulated()},
    {"FewerClustersThanParameters", "compute_exponent", "3 clusters cannot show the spread of 4 fitted parameters",
     Simulated([](Simulation& s) { s.clusters = 3; }), Simulated([](Simulation& s) { s.clusters = 35; })},
    // Noise takes alpha to 0 in some replicates, where C* overflows.
    {"ReachesZero", "characteristic_compute_flops", "of the replicates are 0",
     Simulated([](Simulation& s) { s.noise = 0.5, s.seed = 6; }), Yarn()},
};

class NoIntervalReasonsTest : public testing::TestWithParam<ReasonCase> {
 protected:
  static Estimate EstimateOf(const MakeProblem& make) {
    for (const Estimate& estimate : Fit(make()).estimates) {
      if (estimate.name == GetParam().estimate) return estimate;
    }
    ADD_FAILURE() << "no estimate " << GetParam().estimate;
    return {};
  }
};

INSTANTIATE_TEST_SUITE_P(Reasons, NoIntervalReasonsTest, testing::ValuesIn(kReasons),
                         [](const auto& test) { return std::string(test.param.name); });

TEST_P(NoIntervalReasonsTest, ReasonStandsInPlaceOfAnInterval) {
  const Estimate without = EstimateOf(GetParam().has_it);
  EXPECT_THAT(without.reason, HasSubstr(GetParam().text));
  // An interval with a reason has an end that is 0 or infinite.
  EXPECT_FALSE(without.interval.has_value() && without.interval->lower > 0 && std::isfinite(without.interval->upper));
  const Estimate with = EstimateOf(GetParam().does_not);
  EXPECT_EQ(with.reason, "");
  EXPECT_TRUE(with.interval.has_value());
}

}  // namespace
}  // namespace ctxfit

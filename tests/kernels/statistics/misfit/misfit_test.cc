// Tests that a fit warns of a misfit where there is one, by place and remedy, and not where there is none. How often it
// does so is in tests/bench/MISFIT.md.

#include "kernels/statistics/misfit/misfit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "kernels/data/split_tasks.h"
#include "kernels/fit/fit.h"
#include "kernels/fit/options.h"
#include "kernels/law/fitted_law.h"
#include "tests/kernels/simulated_data.h"

namespace ctxfit {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr double kFarLimit = 1e6;

std::vector<std::string> WarningsOf(const ObservationTable& table, FitOptions options = {}) {
  options.bootstrap.replicates = 0;
  return FitTask(*MakeCpuBackend(1), OnlyTask(table), options, StopSignal()).value().diagnostics.warnings;
}

// Scores of 30 runs of 5 models, with some noise, about `mean` of compute and prompt length.
ObservationTable Runs(const std::function<double(double, double)>& mean, double limit = kFarLimit) {
  Simulation simulation;
  simulation.clusters = 30;
  simulation.per_model = 60;
  simulation.law.penalty.form = Penalty::Form::kNone;
  ObservationTable table = Simulate(simulation);
  for (std::size_t row = 0; row < table.score.size(); ++row) {
    const double compute = table.training_compute_flops[row];
    const double prompt = table.prompt_tokens[row];
    const double noise = table.score[row] - Predict(simulation.law, compute, prompt, kFarLimit);
    table.context_limit_tokens[row] = limit;
    table.score[row] = std::clamp(mean(compute, prompt) + noise, 0.0, 1.0);
  }
  return table;
}

double LawOf(double compute, double prompt) { return Predict(Simulation().law, compute, prompt, kFarLimit); }

struct MisfitCase {
  const char* name;
  const char* place;
  const char* advice;
  std::function<double(double, double)> mean;
};

void PrintTo(const MisfitCase& misfit, std::ostream* out) { *out << misfit.name; }

const MisfitCase kCases[] = {
    {"FallsWithLength", "per tenfold prompt length (a trend fitted beside the law)", "options.penalty.fit_onset",
     [](double, double prompt) { return 0.8 - 0.1 * std::log10(prompt); }},
    {"UShapedInLength", "lowest at intermediate prompt lengths", "Do not extrapolate",
     [](double, double prompt) { return 0.4 + 0.1 * std::pow(std::log10(prompt / 800), 2); }},
    {"UShapedInCompute", "lowest at intermediate computes", "Do not extrapolate",
     [](double compute, double) { return 0.4 + 0.3 * std::pow(std::log10(compute / 9e21), 2); }},
    {"FallsWithCompute", "per tenfold compute", "Do not extrapolate",
     [](double compute, double) { return 0.5 - 0.2 * std::log10(compute / 9e21); }},
    {"OneLevelApart", "at 3e+21 FLOP", "Check the models there",
     [](double compute, double prompt) {
       return LawOf(compute, prompt) + (std::abs(compute / 3e21 - 1) < 0.1) * 0.15;
     }},
    {"ChanceFloor", "stay positive where the law approaches its floor", "(options.floor)",
     [](double compute, double prompt) { return 0.25 + 0.75 * LawOf(compute, prompt); }},
};

class MisfitTest : public testing::TestWithParam<MisfitCase> {};

INSTANTIATE_TEST_SUITE_P(Misfit, MisfitTest, testing::ValuesIn(kCases),
                         [](const auto& test) { return std::string(test.param.name); });

TEST_P(MisfitTest, AWarningOfMisfitNamesItsPlaceAndARemedy) {
  const std::vector<std::string> warnings = WarningsOf(Runs(GetParam().mean));
  EXPECT_THAT(warnings, Contains(AllOf(HasSubstr("the law does not fit these data"), HasSubstr(GetParam().place),
                                       HasSubstr(GetParam().advice))));
}

TEST(MisfitTest, ScoresOfTheLawHaveNoMisfit) {
  EXPECT_THAT(WarningsOf(Runs(LawOf)), Not(Contains(HasSubstr("does not fit"))));
}

// Some 25 terms are tested, so that at 1 % each about a sixth of the sets would have a finding. Holm's correction
// leaves 1 %: more than four of 100 sets have a probability of 0.3 %.
TEST(MisfitTest, ManyTermsHaveNoMoreFalseFindingsThanOne) {
  int findings = 0;
  for (unsigned seed = 1; seed <= 100; ++seed) {
    Simulation simulation;
    simulation.seed = seed;
    simulation.noise = 0.08;
    simulation.law.penalty.form = Penalty::Form::kNone;
    ObservationTable table = Simulate(simulation);
    table.context_limit_tokens.assign(table.score.size(), kFarLimit);
    const std::vector<std::string> warnings = WarningsOf(table);
    findings += std::any_of(warnings.begin(), warnings.end(),
                            [](const std::string& warning) { return absl::StrContains(warning, "does not fit"); });
  }
  EXPECT_LE(findings, 4);
}

TEST(MisfitTest, AFittedFloorIsNotAdvised) {
  FitOptions options;
  options.parameters[kFloor].fixed.reset();
  EXPECT_THAT(WarningsOf(Runs(kCases[5].mean), options), Not(Contains(HasSubstr("does not fit"))));
}

// Scores that go on beyond the limit, under the default penalty, a step there.
TEST(MisfitTest, ScoresThatGoOnBeyondTheLimitShareAWarningWithR2) {
  const ObservationTable table = Runs(LawOf, 1000);
  const std::vector<std::string> warnings = WarningsOf(table);
  EXPECT_THAT(warnings, Contains(AllOf(HasSubstr("rows beyond the context limit score"),
                                       HasSubstr("higher than the law predicts"), HasSubstr("R^2 is -"),
                                       HasSubstr("(options.penalty.fit_onset, options.penalty.fit_width)"))));
  EXPECT_THAT(warnings, Not(Contains(HasSubstr("the law does not fit these data"))));
  FitOptions without;
  without.penalty.form = Penalty::Form::kNone;
  EXPECT_THAT(WarningsOf(table, without), Not(Contains(HasSubstr("beyond the context limit score"))));
}

// Eight means of 500 scores from 0.5 down to 0.15 by 0.05: a flat law has P = 0.325 and the sum of squares
// 2 (0.025^2 + 0.075^2 + 0.125^2 + 0.175^2) = 0.105, chi-square 500 0.105 / (0.325 0.675) = 239.3, and 238.9 with
// Laplace's rule, P = 163.5 / 502.
ObservationTable EightMeans(double step, double weight) {
  ObservationTable table;
  for (int i = 0; i < 8; ++i) {
    table.training_compute_flops.push_back(1e22);
    table.prompt_tokens.push_back(1000 << i);
    table.context_limit_tokens.push_back(262144);
    table.score.push_back(0.5 - step * i);
    table.weight.push_back(weight);
  }
  return table;
}

TEST(MisfitTest, AMisfitOfEightMeansShowsAgainstTheirCounts) {
  EXPECT_THAT(WarningsOf(EightMeans(0.05, 500)),
              Contains(AllOf(HasSubstr("chi-square is 239 on 7 degrees of freedom"), HasSubstr("fall by"))));
  // Not whole numbers: no counts, and eight rows cannot show that 0.05 is not their noise.
  EXPECT_THAT(WarningsOf(EightMeans(0.05, 500.5)), Not(Contains(HasSubstr("chi-square"))));
  // 0.01 of scores known to 0.022 is within chance.
  EXPECT_THAT(WarningsOf(EightMeans(0.01, 500)), Not(Contains(HasSubstr("does not fit"))));
}

// Means of 1,000 scores, known to 0.016, that lie up to 0.04 off a right law without a pattern.
TEST(MisfitTest, ScatterBeyondTheCountsIsNoMisfit) {
  ObservationTable table;
  for (const double compute : {1e21, 1e22, 1e23, 1e24}) {
    for (const double prompt : {100.0, 300.0, 1000.0, 3000.0, 10000.0, 30000.0}) {
      table.training_compute_flops.push_back(compute);
      table.prompt_tokens.push_back(prompt);
      table.context_limit_tokens.push_back(kFarLimit);
      const double off = 0.04 * std::sin(37.0 * static_cast<double>(table.score.size()));
      table.score.push_back(std::clamp(LawOf(compute, prompt) + off, 0.0, 1.0));
      table.weight.push_back(1000);
    }
  }
  const std::vector<std::string> warnings = WarningsOf(table);
  EXPECT_THAT(warnings, Not(Contains(HasSubstr("does not fit"))));
  EXPECT_THAT(warnings, Contains(HasSubstr("rows scatter about the law more than their counts allow")));
}

TEST(MisfitTest, LongerPromptsAreNotAdvisedForAFlatContextFactor) {
  EXPECT_THAT(WarningsOf(EightMeans(0.05, 500)), Not(Contains(HasSubstr("Add longer prompts"))));
}

TEST(MisfitTest, ManyComputesArePooledToTwelveGroups) {
  Simulation simulation;
  simulation.models = 40;
  simulation.compute_step = 1.2;
  simulation.per_model = 20;
  ObservationTable table = Simulate(simulation);
  for (std::size_t row = 0; row < table.score.size(); ++row) {
    if (row < 60) table.score[row] += 0.2;  // the three smallest computes, 1e21 to 1.44e21
  }
  EXPECT_THAT(WarningsOf(table), Contains(HasSubstr("from 1e+21 to 1.")));
}

}  // namespace
}  // namespace ctxfit

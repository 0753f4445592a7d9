#include "kernels/warnings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "kernels/fit.h"
#include "tests/kernels/simulated_data.h"

namespace ctxfit {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

std::vector<std::string> WarningsOf(const ObservationTable& table, FitOptions options = {}) {
  options.bootstrap.replicates = 0;
  const std::unique_ptr<Backend> backend = MakeCpuBackend(1);
  return FitTasks(*backend, {OnlyTask(table)}, options, StopSignal(), [](const FitProgress&) {})
      .value()
      .at(0)
      .diagnostics.warnings;
}

// Every warning fires on the data that `spoil` makes of a good design, and not on the good design.
void ExpectFires(const std::string& text, const std::function<void(Simulation&)>& spoil) {
  EXPECT_THAT(WarningsOf(Simulate({})), Not(Contains(HasSubstr(text))));
  Simulation simulation;
  spoil(simulation);
  EXPECT_THAT(WarningsOf(Simulate(simulation)), Contains(HasSubstr(text)));
}

TEST(WarningsTest, OneComputeLevel) {
  ExpectFires("one compute level only", [](Simulation& s) { s.models = 1; });
}

TEST(WarningsTest, TwoComputeLevels) {
  ExpectFires("two compute levels only", [](Simulation& s) { s.models = 2; });
}

TEST(WarningsTest, UnsaturatedContext) {
  ExpectFires("the context factor does not saturate in range",
              [](Simulation& s) { s.law.point.at[kLogContextCoefficient] = std::log(0.2); });
}

TEST(WarningsTest, TradedLevel) {
  ExpectFires("level is traded between the factors", [](Simulation& s) {
    s.law.point.at[kLogComputeCoefficient] = std::log(0.05);
    s.law.point.at[kLogContextCoefficient] = std::log(0.05);
  });
}

TEST(WarningsTest, FewClusters) {
  ExpectFires("12 clusters only", [](Simulation& s) { s.clusters = 12; });
}

TEST(WarningsTest, NoRecordBeyondItsLimit) {
  ObservationTable table = Simulate({});
  EXPECT_THAT(WarningsOf(table), Not(Contains(HasSubstr("no record lies beyond its context limit"))));
  table.context_limit_tokens.assign(table.score.size(), 1e6);
  EXPECT_THAT(WarningsOf(table), Contains(HasSubstr("no record lies beyond its context limit")));
}

TEST(WarningsTest, ALawThatDoesNotFit) {
  ObservationTable table = Simulate({});
  const std::string text = "the law does not fit these data";
  EXPECT_THAT(WarningsOf(table), Not(Contains(HasSubstr(text))));
  // Scores that fall with length within the limit, which the law cannot do.
  for (std::size_t row = 0; row < table.score.size(); ++row) {
    table.context_limit_tokens[row] = 1e6;
    table.score[row] = 0.9 - 0.06 * std::log(table.prompt_tokens[row] / 20);
  }
  EXPECT_THAT(WarningsOf(table), Contains(HasSubstr(text)));
}

TEST(WarningsTest, AnOnsetThatIsWrong) {
  ObservationTable table = Simulate({});
  for (std::size_t row = 0; row < table.score.size(); row += 10) table.prompt_tokens[row] = 4096;
  table.context_limit_tokens.assign(table.score.size(), 4096);
  const auto score_with = [&](const Penalty& penalty) {
    Law law = Simulation().law;
    law.penalty = penalty;
    for (std::size_t row = 0; row < table.score.size(); ++row) {
      table.score[row] = Predict(law, table.training_compute_flops[row], table.prompt_tokens[row], 4096);
    }
  };
  const std::string text = "rows at the context limit score";
  score_with({});
  EXPECT_THAT(WarningsOf(table), Not(Contains(HasSubstr(text))));
  score_with({Penalty::Form::kRatio, 0.1, 1.3});
  EXPECT_THAT(WarningsOf(table), Contains(HasSubstr(text)));
}

TEST(WarningsTest, AllScoresEqual) {
  ObservationTable table = Simulate({});
  EXPECT_THAT(WarningsOf(table), Not(Contains(HasSubstr("all scores are equal"))));
  table.score.assign(table.score.size(), 0.5);
  EXPECT_THAT(WarningsOf(table), Contains(HasSubstr("all scores are equal")));
}

TEST(WarningsTest, ActiveBounds) {
  FitOptions options;
  EXPECT_THAT(WarningsOf(Simulate({}), options), Not(Contains(HasSubstr("at its upper bound"))));
  options.parameters[kComputeExponent].bounds = {0, 0.2};
  EXPECT_THAT(WarningsOf(Simulate({}), options), Contains(HasSubstr("compute_exponent at its upper bound 0.2")));
}

TEST(WarningsTest, ARefinementThatDidNotConverge) {
  const Observations observations = OnlyTask(Simulate({}));
  const Law law = Simulation().law;
  const Cells cells = Collapse(observations, law.references, law.penalty, Units::kMerge);
  const std::vector<double> residuals = Residuals(observations, law);
  const Goodness goodness = MeasureGoodness(observations, residuals, 4);
  const Diagnostics diagnostics = ExamineIdentification(cells, MakeDomain({}), law.point, 4e-4);
  Refinement refinement;
  refinement.converged = true;
  refinement.distinct_optimum_count = 1;
  EXPECT_THAT(FindWarnings({observations, cells, law, residuals, goodness, diagnostics, refinement}),
              Not(Contains(HasSubstr("refinement"))));
  refinement.converged = false;
  refinement.distinct_optimum_count = 3;
  const auto warnings = FindWarnings({observations, cells, law, residuals, goodness, diagnostics, refinement});
  EXPECT_THAT(warnings, Contains(HasSubstr("the refinement did not converge")));
  EXPECT_THAT(warnings, Contains(HasSubstr("3 distinct optima")));
}

}  // namespace
}  // namespace ctxfit

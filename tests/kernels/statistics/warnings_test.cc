// Tests every warning of a fit on data that bring it about and on data that do not.

#include "kernels/statistics/warnings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "kernels/data/split_tasks.h"
#include "kernels/fit/fit.h"
#include "kernels/fit/options.h"
#include "kernels/law/fitted_law.h"
#include "kernels/law/law_options.h"
#include "kernels/law/loss_rule.h"
#include "kernels/statistics/identification/active_bounds.h"
#include "kernels/statistics/intervals/effective_units.h"
#include "kernels/statistics/misfit/misfit.h"
#include "tests/kernels/simulated_data.h"
#include "tests/kernels/statistics/problems.h"

namespace ctxfit {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

// Scores of a law with `penalty`. Every tenth is at its limit, and has `dent` added.
MakeProblem WithRowsAtTheLimit(const Penalty& penalty, double dent) {
  return Spoilt([=](Problem& problem) {
    ObservationTable& table = problem.table;
    Law law = Simulation().law;
    law.penalty = penalty;
    for (std::size_t row = 0; row < table.score.size(); ++row) {
      const bool at_limit = row % 10 == 0;
      if (at_limit) table.prompt_tokens[row] = table.context_limit_tokens[row];
      table.score[row] =
          Predict(law, table.training_compute_flops[row], table.prompt_tokens[row], table.context_limit_tokens[row]) +
          (at_limit ? dent : 0);
    }
  });
}

const Penalty kGradual = {Penalty::Form::kRatio, 0.15, 1};
const Penalty kLateAndGradual = {Penalty::Form::kRatio, 0.1, 1.3};

// The data of `make`, to be fitted with another penalty than the default.
MakeProblem WithPenalty(const MakeProblem& make, const Penalty& penalty) {
  return [=] {
    Problem problem = make();
    problem.options.penalty = penalty;
    return problem;
  };
}

// Scores of a law whose context factor rises slowly. The largest model has 10 times the longest prompt as its limit,
// all others `times` the longest prompt.
MakeProblem SlowContext(double times) {
  return Spoilt([=](Problem& problem) {
    ObservationTable& table = problem.table;
    Law law = Simulation().law;
    law.point.at[kContextExponent] = 0.1;
    const double longest = *std::max_element(table.prompt_tokens.begin(), table.prompt_tokens.end());
    const std::vector<double>& computes = table.training_compute_flops;
    const double largest = *std::max_element(computes.begin(), computes.end());
    for (std::size_t row = 0; row < table.score.size(); ++row) {
      table.context_limit_tokens[row] = longest * (computes[row] == largest ? 10 : times);
      table.score[row] = Predict(law, computes[row], table.prompt_tokens[row], table.context_limit_tokens[row]);
    }
  });
}

// Scores of a law within its limits, with small errors, in whose table `column` has one value.
MakeProblem WithOneLevel(std::vector<double> ObservationTable::*column) {
  return Spoilt([=](Problem& problem) {
    ObservationTable& table = problem.table;
    const std::vector<double> chosen(table.score.size(), (table.*column)[0]);
    table.*column = chosen;
    SetAll(table.context_limit_tokens, 1e9);
    for (std::size_t row = 0; row < table.score.size(); ++row) {
      const double expected =
          Predict(Simulation().law, table.training_compute_flops[row], table.prompt_tokens[row], 1e9);
      table.score[row] = expected + 0.01 * std::sin(static_cast<double>(row));
    }
  });
}

struct WarningCase {
  const char* name;
  const char* text;
  MakeProblem fires;
  MakeProblem does_not;
};

void PrintTo(const WarningCase& warning, std::ostream* out) { *out << warning.text; }

const WarningCase kWarnings[] = {
    {"AllScoresEqual", "all scores are equal", Spoilt([](Problem& p) { SetAll(p.table.score, 0.5); }), Simulated()},
    // The two computes of Banking() differ by 0.25 %.
    {"HeldInReplicates", "the data are flat along", Banking(), Yarn()},
    {"OneComputeLevel", "one compute level only", Banking(), Yarn()},
    {"TwoComputeLevels", "two compute levels only", Simulated([](Simulation& s) { s.models = 2; }), Yarn()},
    // The scores of Ruler() fall with length, where the law can only rise.
    {"LackOfFit", "the law does not fit these data", Ruler(), NaturalQuestions()},
    {"WrongOnset", "higher than the law predicts. The penalty's onset or width is wrong for these data: fit both",
     WithPenalty(WithRowsAtTheLimit(kStepPenalty, 0), kGradual), WithRowsAtTheLimit(kStepPenalty, 0)},
    {"WrongOnsetTheOtherWay",
     "lower than the law predicts. The penalty's onset or width is wrong for these data: fit both",
     WithRowsAtTheLimit(kStepPenalty, -0.1), WithRowsAtTheLimit(kLateAndGradual, 0)},
    {"WrongShapeAtTheLimit", "A logistic may not be the shape of their decline",
     WithFittedPenalty(WithRowsAtTheLimit(kGradual, 0.2)), WithFittedPenalty(WithRowsAtTheLimit(kGradual, 0))},
    {"FewClustersBeyondTheLimit", "beyond the context limit the law misses scores by", Spoilt([](Problem& p) {
       for (std::size_t row = 0; row < p.table.score.size(); ++row) {
         const bool beyond = row < 4;
         p.table.cluster.push_back(beyond ? "a" : std::to_string(row % 20));
         p.table.context_limit_tokens[row] = beyond ? p.table.prompt_tokens[row] / 2 : 1e6;
         p.table.score[row] =
             Predict(Simulation().law, p.table.training_compute_flops[row], p.table.prompt_tokens[row], 1e6);
       }
     }),
     WithRowsAtTheLimit(kLateAndGradual, 0)},
    {"UnsaturatedContext", "the context factor does not saturate in range", Yarn(), NaturalQuestions()},
    {"UnsaturatedContextBelowTheLimit", "Add longer prompts", SlowContext(2), SlowContext(1)},
    {"UnsaturatedContextAtTheLimit", "No longer prompt is within the context limit of most models", SlowContext(1),
     SlowContext(2)},
    {"TradedLevel", "level is traded between the factors", Yarn(), NaturalQuestions()},
    {"TradedLevelNearlyPerfectly", "correlate nearly perfectly (-0.99", WithPenalty(Yarn(), kLateAndGradual), Yarn()},
    {"NoRecordBeyondItsLimit", "no record lies beyond its context limit", NaturalQuestions(), Yarn()},
    {"FewClusters", "12 clusters: with fewer than 30", Simulated([](Simulation& s) { s.clusters = 12; }), Banking()},
    {"UnequalClusters",
     ", effectively 7.8: with fewer than 10, intervals are widened for so few, and cover rather too often",
     Spoilt([](Problem& p) {
       p.table.weight.assign(p.table.score.size(), 1);
       for (std::size_t row = 0; row < p.table.score.size(); ++row) p.table.weight[row] = row < 8 ? 100 : 1;
     }),
     Spoilt([](Problem& p) { p.table.weight.assign(p.table.score.size(), 7); })},
    {"FewUnitsBehindAParameter", "few of the 200 records determine penalty_width_ratio (effectively",
     WithFittedPenalty(Spoilt([](Problem& p) {
       for (std::size_t row = 0; row < p.table.score.size(); ++row) {
         const double prompt = p.table.prompt_tokens[row];
         p.table.context_limit_tokens[row] = row % 50 == 0 ? prompt / (0.9 + 0.002 * static_cast<double>(row)) : 1e6;
         Law law = Simulation().law;
         law.penalty = kGradual;
         const double expected =
             Predict(law, p.table.training_compute_flops[row], prompt, p.table.context_limit_tokens[row]);
         p.table.score[row] = std::max(0.0, expected + 0.01 * std::sin(static_cast<double>(row)));
       }
     })),
     WithFittedPenalty(WithRowsAtTheLimit(kGradual, 0))},
    {"FewRecords", "25 records, of which 20 have scores between floor and ceiling: with fewer",
     Simulated([](Simulation& s) { s.per_model = 5; }), NaturalQuestions()},
    {"EveryRecordBeyondItsLimit", "every record lies beyond its context limit",
     Spoilt([](Problem& p) { SetAll(p.table.context_limit_tokens, 1); }), Yarn()},
    // Ruler() has a basin without dependence on length, and one with a saturated context factor (README.md of
    // tests/data).
    {"SeveralBasins", "several basins fit these data nearly as well", Ruler(), Yarn()},
    {"SeveralBasinsWithoutNoise", "several basins fit these data nearly as well", Ruler(),
     Simulated([](Simulation& s) { s.noise = 0; })},
    {"LowerBound", "context_exponent at its lower bound 0", Ruler(), NaturalQuestions()},
    {"UpperBound", "compute_exponent at its upper bound 0.2", Spoilt([](Problem& p) {
       p.options.parameters[kComputeExponent].bounds = {0, 0.2};
     }),
     Simulated()},
    // By the published formula, which halves the scores of Ruler() at the limit.
    {"ReplicatesNotConverged", "of 1000 bootstrap replicates did not converge", WithPenalty(Ruler(), {}), Ruler()},
};

class WarningsTest : public testing::TestWithParam<WarningCase> {};

INSTANTIATE_TEST_SUITE_P(Warnings, WarningsTest, testing::ValuesIn(kWarnings),
                         [](const auto& test) { return std::string(test.param.name); });

TEST_P(WarningsTest, WarningFiresOnlyOnDataThatBringItAbout) {
  EXPECT_THAT(Fit(GetParam().fires()).diagnostics.warnings, Contains(HasSubstr(GetParam().text)));
  EXPECT_THAT(Fit(GetParam().does_not()).diagnostics.warnings, Not(Contains(HasSubstr(GetParam().text))));
}

// The references lie at the one level, where all exponents predict the same: a fit may end at any, a bound too.
TEST(WarningsTest, ABoundOfAnExponentWithOneLevelIsNotWarnedOf) {
  const std::pair<std::vector<double> ObservationTable::*, Coordinate> cases[] = {
      {&ObservationTable::training_compute_flops, kComputeExponent},
      {&ObservationTable::prompt_tokens, kContextExponent}};
  for (const auto& [column, exponent] : cases) {
    const Problem problem = WithOneLevel(column)();
    const Observations observations = OnlyTask(problem.table);
    TaskFit fit = Fit(problem);
    const Misfit misfit;
    for (const ParameterBound& bound : {ParameterBound{exponent, true, 0}, ParameterBound{exponent, false, 10, true}}) {
      fit.diagnostics.active_bounds = {bound};
      const auto find = [&] {
        return FindWarnings({observations,
                             1,
                             "",
                             Loss::kSquared,
                             fit.law,
                             200,
                             {200, 3},
                             misfit,
                             fit.goodness,
                             fit.diagnostics,
                             fit.refinement})
            .texts;
      };
      EXPECT_THAT(find(), Not(Contains(HasSubstr(Describe(bound, fit.law.penalty)))));
    }
  }
}

// No data at hand keep a refinement from converging: the test alters the outcome of one that did.
TEST(WarningsTest, ARefinementThatDidNotConvergeIsWarnedOf) {
  const Problem problem = Simulated()();
  const Observations observations = OnlyTask(problem.table);
  const TaskFit fit = Fit(problem);
  Refinement refinement = fit.refinement;
  refinement.converged = false;
  refinement.termination_message = "1 of 8 starts agree";
  const Misfit misfit;
  EXPECT_THAT(FindWarnings({observations,
                            3,
                            "",
                            Loss::kSquared,
                            fit.law,
                            200,
                            {200, 4},
                            misfit,
                            fit.goodness,
                            fit.diagnostics,
                            refinement})
                  .texts,
              Contains(HasSubstr("the refinement did not converge: 1 of 8 starts agree")));
}

// Predictions repeat it, and so does whoever reads a saved fit.
TEST(WarningsTest, AMisfitStandsByItselfBesideTheWarnings) {
  const TaskFit fit = Fit(Spoilt([](Problem& p) { SetAll(p.table.context_limit_tokens, 1000); })());
  EXPECT_NE(fit.diagnostics.misfit, "");
  EXPECT_THAT(fit.diagnostics.warnings, Contains(fit.diagnostics.misfit));
  EXPECT_EQ(Fit(Simulated()()).diagnostics.misfit, "");
}

TEST(WarningsTest, AGoodDesignHasNoWarnings) {
  EXPECT_THAT(Fit(Simulated()()).diagnostics.warnings, testing::IsEmpty());
}

}  // namespace
}  // namespace ctxfit

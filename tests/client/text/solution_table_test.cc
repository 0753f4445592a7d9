#include "client/text/solution_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "google/protobuf/text_format.h"

namespace ctxfit {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

v1::SolveResponse Response(const std::string& text) {
  v1::SolveResponse response;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &response));
  return response;
}

TEST(SolutionTableTest, ShowsEveryOutcomeOfAQuestionForCompute) {
  const std::string text = SolutionTable("arithmetic", Response(R"pb(
                                           solutions {
                                             target_score: 0.5
                                             prompt_tokens: 2000
                                             context_limit_tokens: 4096
                                             outcome: SOLVE_OUTCOME_REACHED
                                             least { value: 1e23 lower: 9e22 upper_unbounded: true }
                                             never_reached_share: 0.04
                                             budget: 1e24
                                             budget_probability: 0.96
                                             extrapolated: true
                                           }
                                           solutions {
                                             target_score: 0.8
                                             prompt_tokens: 2000
                                             context_limit_tokens: 4096
                                             outcome: SOLVE_OUTCOME_NOT_REACHABLE
                                             highest_score { value: 0.71 lower: 0.68 upper: 0.74 }
                                             never_reached_share: 1
                                           }
                                           solutions {
                                             target_score: 0.9
                                             prompt_tokens: 2000
                                             context_limit_tokens: 4096
                                             outcome: SOLVE_OUTCOME_NOT_DETERMINED
                                           }
                                           confidence: 0.9
                                           warnings: "compute is extrapolated"
                                         )pb"));
  EXPECT_THAT(text, HasSubstr("arithmetic: training compute that reaches the target\n\n  ! compute is extrapolated\n"));
  EXPECT_THAT(text, HasSubstr("90 % from"));
  EXPECT_THAT(text, HasSubstr("reached with 1.000e24"));
  EXPECT_THAT(text,
              ContainsRegex("0\\.5 +2000 +4096 +1\\.000e23 +9\\.000e22 +unbounded +96\\.0 %  4 % of replicates never "
                            "reach it, extrapolated\n"));
  EXPECT_THAT(text, ContainsRegex("0\\.8 .*-  +not reachable: at most 0\\.710 \\[0\\.680, 0\\.740\\]"));
  EXPECT_THAT(text, ContainsRegex("0\\.9 .*-  +not determined by the observations\n"));
}

// One solution whose target of 0.5 is reached, and its row in the table.
struct RowCase {
  const char* name;
  const char* solution;  // fields of the message
  const char* row;       // a regular expression
};

constexpr RowCase kRows[] = {
    {"WithheldInterval", "prompt_tokens: 2000 least { value: 1e26 } extrapolated: true interval_withheld: true",
     "1\\.000e26 .*extrapolated, no interval\n"},
    {"ShortestAndLongestPrompt",
     "training_compute_flops: 1e23 least { value: 850.4 lower: 800 upper: 900 }"
     "most { value: 4090 lower: 4000 upper: 4100 } never_reached_share: 0",
     "0\\.5 +1\\.000e23 +4096 +850 +800 +900 +4090 +4000 +4100\n"},
    {"UndeterminedLongestPrompt",
     "training_compute_flops: 1e23 least { value: 850.4 lower: 800 upper: 900 }"
     "never_reached_share: 0 most_undetermined: true",
     "850 +800 +900 +- .*longest not determined by the observations\n"},
};

class SolutionTableRowTest : public testing::TestWithParam<RowCase> {};

INSTANTIATE_TEST_SUITE_P(Rows, SolutionTableRowTest, testing::ValuesIn(kRows),
                         [](const auto& test) { return std::string(test.param.name); });

v1::SolveResponse Reached(const std::string& solution) {
  return Response(
      absl::StrCat("solutions { target_score: 0.5 context_limit_tokens: 4096 outcome: SOLVE_OUTCOME_REACHED ", solution,
                   " } confidence: 0.95"));
}

TEST_P(SolutionTableRowTest, RowShowsTheSolution) {
  EXPECT_THAT(SolutionTable("", Reached(GetParam().solution)), ContainsRegex(GetParam().row));
}

TEST(SolutionTableTest, HeadingNamesTheSolvedQuantity) {
  EXPECT_THAT(SolutionTable("", Reached("prompt_tokens: 2000 least { value: 1e23 }")),
              HasSubstr("training compute that reaches the target"));
  EXPECT_THAT(SolutionTable("", Reached("training_compute_flops: 1e23 least { value: 850 }")),
              HasSubstr("prompt lengths that reach the target"));
}

TEST(SolutionTableTest, OmitsIntervalsWithoutReplicates) {
  EXPECT_THAT(SolutionTable("", Reached("prompt_tokens: 2000 least { value: 1e23 }")), Not(HasSubstr("95 %")));
}

TEST(SolutionTableTest, OmitsVariablesThatTheLawDoesNotUse) {
  const std::string without_limit = SolutionTable("", Response(R"pb(
                                                    solutions {
                                                      target_score: 0.5
                                                      training_compute_flops: 1e23
                                                      outcome: SOLVE_OUTCOME_REACHED
                                                      least { value: 850 }
                                                    }
                                                  )pb"));
  EXPECT_THAT(without_limit, ContainsRegex("target +compute +shortest +longest\n +score +FLOP +tokens +tokens\n"));
  EXPECT_THAT(without_limit, ContainsRegex("0\\.5 +1\\.000e23 +850 +-\n"));
  const std::string without_prompt = SolutionTable("", Response(R"pb(
                                                     solutions {
                                                       target_score: 0.5
                                                       outcome: SOLVE_OUTCOME_REACHED
                                                       least { value: 1e23 }
                                                     }
                                                   )pb"));
  EXPECT_THAT(without_prompt, ContainsRegex("^training compute that reaches the target\n\n +target +compute\n +score "
                                            "+FLOP\n +0\\.5 +1\\.000e23\n$"));
}

}  // namespace
}  // namespace ctxfit

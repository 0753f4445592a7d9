#include "client/text/solution_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "google/protobuf/text_format.h"

namespace ctxfit {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

v1::SolveResponse Response(const char* text) {
  v1::SolveResponse response;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &response));
  return response;
}

TEST(SolutionTable, ShowsEveryOutcomeOfAQuestionForCompute) {
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
  EXPECT_THAT(text, ContainsRegex("0\\.5 +2000 +4096 +1\\.000e23 +9\\.000e22 +unbounded +96 %  4 % of replicates never "
                                  "reach it, extrapolated\n"));
  EXPECT_THAT(text, ContainsRegex("0\\.8 .*-  +not reachable: at most 0\\.710 \\[0\\.680, 0\\.740\\]"));
  EXPECT_THAT(text, ContainsRegex("0\\.9 .*-  +not determined by the observations\n"));
}

TEST(SolutionTable, TellsOfAWithheldInterval) {
  const std::string text = SolutionTable("", Response(R"pb(
                                           solutions {
                                             target_score: 0.5
                                             prompt_tokens: 2000
                                             context_limit_tokens: 4096
                                             outcome: SOLVE_OUTCOME_REACHED
                                             least { value: 1e26 }
                                             extrapolated: true
                                             interval_withheld: true
                                           }
                                           confidence: 0.9
                                         )pb"));
  EXPECT_THAT(text, ContainsRegex("1\\.000e26 .*extrapolated, no interval\n"));
}

TEST(SolutionTable, ShowsTheShortestAndTheLongestPrompt) {
  const std::string text = SolutionTable("", Response(R"pb(
                                           solutions {
                                             target_score: 0.5
                                             training_compute_flops: 1e23
                                             context_limit_tokens: 4096
                                             outcome: SOLVE_OUTCOME_REACHED
                                             least { value: 850.4 lower: 800 upper: 900 }
                                             most { value: 4090 lower: 4000 upper: 4100 }
                                             never_reached_share: 0
                                           }
                                           confidence: 0.95
                                         )pb"));
  EXPECT_THAT(text, HasSubstr("prompt lengths that reach the target"));
  EXPECT_THAT(text, ContainsRegex("0\\.5 +1\\.000e23 +4096 +850 +800 +900 +4090 +4000 +4100\n"));
}

TEST(SolutionTable, SaysThatTheLongestPromptIsNotDetermined) {
  const std::string text = SolutionTable("", Response(R"pb(
                                           solutions {
                                             target_score: 0.5
                                             training_compute_flops: 1e23
                                             context_limit_tokens: 4096
                                             outcome: SOLVE_OUTCOME_REACHED
                                             least { value: 850.4 lower: 800 upper: 900 }
                                             never_reached_share: 0
                                             most_undetermined: true
                                           }
                                         )pb"));
  EXPECT_THAT(text, ContainsRegex("850 +800 +900 +- .*longest not determined by the observations\n"));
}

TEST(SolutionTable, OmitsIntervalsWithoutReplicates) {
  const std::string text = SolutionTable("", Response(R"pb(
                                           solutions {
                                             target_score: 0.5
                                             prompt_tokens: 2000
                                             context_limit_tokens: 4096
                                             outcome: SOLVE_OUTCOME_REACHED
                                             least { value: 1e23 }
                                           }
                                           confidence: 0.95
                                         )pb"));
  EXPECT_THAT(text, Not(HasSubstr("95 %")));
}

TEST(SolutionTable, OmitsVariablesThatTheLawDoesNotUse) {
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

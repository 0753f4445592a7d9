#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/client/command/ctxfit_fixture.h"
#include "tests/client/command/run_command.h"
#include "tests/client/well_formed.h"

namespace ctxfit {
namespace {

using nlohmann::json;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class SolveCommandTest : public CtxfitTest {
 protected:
  SolveCommandTest() {
    EXPECT_EQ(Run({"fit", Data("yarn_inverse_perplexity.csv"), "--penalty-onset", "1.3", "--penalty-width", "10%",
                   "--out", Path("fit.json")})
                  .exit_code,
              0);
  }

  std::vector<std::string> Solve(const std::vector<std::string>& more) const {
    std::vector<std::string> command = {"solve", Path("fit.json"), "--context", "65536"};
    command.insert(command.end(), more.begin(), more.end());
    return command;
  }

  double Predict(double compute, double prompt) const {
    const json response = RunForJson({"predict", Path("fit.json"), "--compute", json(compute).dump(), "--prompt",
                                      json(prompt).dump(), "--context", "65536", "--format", "json"});
    return response["predictions"]["score"][0];
  }
};

TEST_F(SolveCommandTest, PredictReachesTheTargetAtTheSolvedCompute) {
  const json response = RunForJson(Solve({"--target", "0.35", "--prompt", "20000", "--format", "json"}));
  const json& solution = response["solutions"][0];
  EXPECT_EQ(solution["outcome"], "SOLVE_OUTCOME_REACHED");
  // Tolerance: C is found to a relative 1e-14, and the score is rounded.
  EXPECT_NEAR(Predict(solution["least"]["value"], 20000), 0.35, 1e-13);
}

TEST_F(SolveCommandTest, PredictReachesTheTargetAtTheShortestAndLongestPrompt) {
  const json response = RunForJson(Solve({"--target", "0.35", "--compute", "1e23", "--format", "json"}));
  const json& solution = response["solutions"][0];
  EXPECT_LT(solution["least"]["value"], 65536);
  EXPECT_GT(solution["most"]["value"], 65536);
  // Tolerance: lengths are found to 1e-12, and the score changes by at most n / (4 w) = 4 per ln n.
  EXPECT_NEAR(Predict(1e23, solution["least"]["value"]), 0.35, 1e-11);
  EXPECT_NEAR(Predict(1e23, solution["most"]["value"]), 0.35, 1e-11);
}

TEST_F(SolveCommandTest, SolvesAnIsoScoreLineOverAGridOfPrompts) {
  const json response = RunForJson(Solve({"--target", "0.3", "--prompt", "2000:32000:5", "--format", "json"}));
  ASSERT_EQ(response["solutions"].size(), 5u);
  for (int i = 0; i < 5; ++i) {
    EXPECT_NEAR(response["solutions"][i]["prompt_tokens"].get<double>(), 2000 * (1 << i), 1e-8);
    if (i == 0) continue;
    EXPECT_LT(response["solutions"][i]["least"]["value"], response["solutions"][i - 1]["least"]["value"])
        << "a longer prompt needs less compute";
  }
}

// The context exponent of these data drifts with compute: answers beyond the observed computes have no interval.
TEST_F(SolveCommandTest, PrintsReachableAndUnreachableTargets) {
  const CommandResult result =
      Run(Solve({"--target", "0.4,0.5,0.6", "--prompt", "16000", "--budget", "8e23", "--confidence", "0.9"}));
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("proofpile_inv_ppl: training compute that reaches the target\n"));
  EXPECT_THAT(result.out, HasSubstr("90 % from"));
  EXPECT_THAT(result.out, HasSubstr("reached with 8.000e23"));
  EXPECT_THAT(result.out, ContainsRegex("0\\.4 +16000 +65536 +[0-9.]+e23 +[0-9.]+e23 +[0-9.]+e23 +> 99\\.9 %"));
  EXPECT_THAT(result.out, ContainsRegex("0\\.5 +16000 +65536 +[0-9.]+e25 +< 0\\.1 %  extrapolated, no interval"));
  EXPECT_THAT(result.out, ContainsRegex("0\\.6 .*not reachable: at most 0\\.[0-9]+, no interval"));
  EXPECT_THAT(result.out, HasSubstr("2 of 3 answers have no interval: the context exponent drifts with compute"));
}

TEST_F(SolveCommandTest, MarksQuestionsThatTheObservationsDoNotDetermine) {
  // Fit one compute level: alpha is not identified, but prompt lengths at that compute are.
  EXPECT_EQ(Run({"fit", Data("manyshot_banking77_runs.csv"), "--out", Path("fit.json")}).exit_code, 0);
  const CommandResult compute = Run(Solve({"--target", "0.7", "--prompt", "20000"}));
  EXPECT_EQ(compute.exit_code, 0) << compute.err;
  EXPECT_THAT(compute.out, ContainsRegex("0\\.7 +20000 +65536 +-  not determined by the observations\n"));
  const CommandResult prompt = Run(Solve({"--target", "0.7", "--compute", "7.78e22"}));
  EXPECT_EQ(prompt.exit_code, 0) << prompt.err;
  EXPECT_THAT(prompt.out, ContainsRegex("0\\.7 +7\\.780e22 +65536 +[0-9]+ +[0-9]+ +[0-9]+ "));
}

TEST_F(SolveCommandTest, RefusesUnusableSolveArguments) {
  const auto error = [](const std::vector<std::string>& arguments) {
    const CommandResult result = Run(arguments);
    EXPECT_EQ(result.exit_code, 2) << result.err;
    EXPECT_THAT(result.out, IsEmpty());
    return result.err;
  };
  EXPECT_THAT(error(Solve({"--target", "0.3"})), HasSubstr("--prompt or --compute"));
  EXPECT_THAT(error(Solve({"--target", "0.3", "--prompt", "1", "--compute", "1"})), HasSubstr("--compute"));
  EXPECT_THAT(error(Solve({"--target", "1.3", "--prompt", "1000"})), HasSubstr("must be in (0, 1)"));
  EXPECT_THAT(error(Solve({"--target", "0.3", "--prompt", "9:1:5"})), HasSubstr("LOW:HIGH:COUNT"));
  EXPECT_THAT(error(Solve({"--target", "0.3", "--prompt", "1000", "--budget", "-1"})), HasSubstr("-1"));
  EXPECT_THAT(error(Solve({"--target", "0.3", "--prompt", "1000", "--task", "other"})), HasSubstr("no such task"));
}

TEST_F(SolveCommandTest, FitAndPredictDrawContours) {
  const CommandResult fit = Run({"fit", Data("yarn_inverse_perplexity.csv"), "--plot-contours", Path("fit.svg")});
  EXPECT_EQ(fit.exit_code, 0) << fit.err;
  EXPECT_TRUE(IsWellFormed(Read(Path("fit.svg"))));
  EXPECT_THAT(Read(Path("fit.svg")), HasSubstr("score at a context limit of 128k tokens"));
  EXPECT_THAT(Read(Path("fit.svg")), HasSubstr(">0.3</text>"));
  const std::vector<std::string> predict = {"predict", Path("fit.json"),  "--compute",         "1e23,1e25", "--prompt",
                                            "9000",    "--plot-contours", Path("predict.svg"), "--context"};
  std::vector<std::string> one = predict;
  one.emplace_back("32768");
  EXPECT_EQ(Run(one).exit_code, 0);
  EXPECT_TRUE(IsWellFormed(Read(Path("predict.svg"))));
  EXPECT_THAT(Read(Path("predict.svg")), HasSubstr(">predicted</text>"));
  std::vector<std::string> two = predict;
  two.emplace_back("32768,65536");
  const CommandResult refused = Run(two);
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, HasSubstr("--context must be a single one"));
}

TEST_F(SolveCommandTest, NeedsOnlyWhatTheLawUses) {
  EXPECT_THAT(Run({"solve", Path("fit.json"), "--target", "0.3", "--prompt", "8000"}).err,
              HasSubstr("--context is required: the law of the fit uses it"));
  const auto fit = [this](const std::vector<std::string>& options) {
    std::vector<std::string> command = {
        "fit", Data("yarn_inverse_perplexity.csv"), "--quiet", "--replicates", "50", "--out", Path("less.json")};
    command.insert(command.end(), options.begin(), options.end());
    EXPECT_EQ(Run(command).exit_code, 0);
  };
  const std::vector<std::string> solve = {"solve", Path("less.json"), "--target", "0.3"};
  const auto with = [&solve](const std::vector<std::string>& more) {
    std::vector<std::string> command = solve;
    command.insert(command.end(), more.begin(), more.end());
    return command;
  };
  fit({"--no-penalty"});
  const json given = RunForJson(with({"--prompt", "8000", "--context", "65536", "--format", "json"}))["solutions"][0];
  json solution = RunForJson(with({"--prompt", "8000", "--format", "json"}))["solutions"][0];
  EXPECT_FALSE(solution.contains("context_limit_tokens")) << "none was given";
  EXPECT_EQ(solution["least"], given["least"]);
  EXPECT_THAT(Run(with({"--compute", "1e23"})).out, ContainsRegex("target +compute +shortest "));
  fit({"--no-penalty", "--no-context-factor"});
  EXPECT_THAT(Run(solve).out, ContainsRegex("target +compute +95 % from +to\n"));
  EXPECT_THAT(Run(with({"--compute", "1e23"})).err, HasSubstr("--compute: solves for prompt lengths, which the law"));
}

}  // namespace
}  // namespace ctxfit

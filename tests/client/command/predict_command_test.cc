#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/client/command/ctxfit_fixture.h"
#include "tests/client/command/run_command.h"

namespace ctxfit {
namespace {

using nlohmann::json;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class PredictCommandTest : public CtxfitTest {
 protected:
  PredictCommandTest() {
    EXPECT_EQ(Run({"fit", Data("natural_questions_shots.csv"), Data("ruler.csv"), "--out", Path("two.json")}).exit_code,
              0);
    EXPECT_EQ(Run({"fit", Data("natural_questions_shots.csv"), "--out", Path("one.json")}).exit_code, 0);
  }

  static std::vector<std::string> Grid(const std::string& fit) {
    return {"predict", fit, "--compute", "1e23,5e23", "--prompt", "100,1000,3000", "--context", "2048"};
  }

  static std::vector<std::string> With(std::vector<std::string> command, const std::vector<std::string>& more) {
    command.insert(command.end(), more.begin(), more.end());
    return command;
  }
};

TEST_F(PredictCommandTest, NamesTheFlagOfAVariableThatTheLawUses) {
  const CommandResult no_prompt = Run({"predict", Path("one.json"), "--compute", "1e23", "--context", "2048"});
  EXPECT_EQ(no_prompt.exit_code, 2);
  EXPECT_THAT(no_prompt.err, HasSubstr("--prompt is required: the law of the fit uses it"));
  EXPECT_THAT(Run({"predict", Path("one.json"), "--compute", "1e23", "--prompt", "100"}).err,
              HasSubstr("--context is required: the law of the fit uses it"));
}

TEST_F(PredictCommandTest, PredictsTheLawOverTheGrid) {
  const json response = RunForJson(With(Grid(Path("one.json")), {"--format", "json"}));
  const json parameters = json::parse(Read(Path("one.json")))["fits"][0]["parameters"];
  const auto factor = [&](const char* coefficient, const char* exponent, const char* reference, double value) {
    const double ratio = value / parameters[reference].get<double>();
    return -std::expm1(-parameters[coefficient].get<double>() * std::pow(ratio, parameters[exponent].get<double>()));
  };
  const json& predictions = response["predictions"];
  ASSERT_EQ(predictions["score"].size(), 6u);
  for (int i = 0; i < 6; ++i) {
    const double prompt = predictions["prompt_tokens"][i];
    const double expected = factor("compute_coefficient", "compute_exponent", "compute_reference_flops",
                                   predictions["training_compute_flops"][i]) *
                            factor("context_coefficient", "context_exponent", "prompt_reference_tokens", prompt) /
                            (1 + std::exp(prompt - 2048));
    // Rounding: each side takes a few operations on doubles, each exact to 1.1e-16, and a power to about 1e-15.
    EXPECT_NEAR(predictions["score"][i], expected, 1e-13);
    EXPECT_LE(predictions["mean_lower"][i], predictions["score"][i]);
    EXPECT_GE(predictions["mean_upper"][i], predictions["score"][i]);
    EXPECT_EQ(predictions["extrapolated"][i], prompt == 3000);
  }
}

TEST_F(PredictCommandTest, PrintsAPredictionTablePerTask) {
  const CommandResult result = Run(Grid(Path("two.json")));
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, ContainsRegex("naturalquestions_em\n(.|\n)*1\\.000e23 +100 +2048 +0\\.[0-9]+"));
  EXPECT_THAT(result.out, HasSubstr("\nruler_avg13\n"));
  EXPECT_THAT(result.out, HasSubstr("extrapolated"));
}

TEST_F(PredictCommandTest, TaskFlagSelectsTheFitOfOneTask) {
  const CommandResult result = Run(With(Grid(Path("two.json")), {"--task", "ruler_avg13", "--format", "json"}));
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(json::parse(result.out)["predictions"]["score"].size(), 6u);
  const CommandResult unknown = Run(With(Grid(Path("two.json")), {"--task", "other"}));
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_THAT(unknown.err, HasSubstr("has \"naturalquestions_em\", \"ruler_avg13\""));
  const CommandResult several = Run(With(Grid(Path("two.json")), {"--format", "json"}));
  EXPECT_EQ(several.exit_code, 2);
  EXPECT_THAT(several.err, HasSubstr("choose it with --task"));
}

TEST_F(PredictCommandTest, LowerConfidenceNarrowsTheBands) {
  const json wide = RunForJson(With(Grid(Path("one.json")), {"--format", "json", "--confidence", "0.99"}));
  const json narrow = RunForJson(With(Grid(Path("one.json")), {"--format", "json", "--confidence", "0.5"}));
  EXPECT_EQ(wide["confidence"], 0.99);
  EXPECT_LT(wide["predictions"]["mean_lower"][0], narrow["predictions"]["mean_lower"][0]);
  EXPECT_GT(wide["predictions"]["mean_upper"][0], narrow["predictions"]["mean_upper"][0]);
}

TEST_F(PredictCommandTest, RefusesUnusablePredictArguments) {
  const auto error = [](const std::vector<std::string>& arguments) {
    const CommandResult result = Run(arguments);
    EXPECT_EQ(result.exit_code, 2) << result.err;
    EXPECT_THAT(result.out, IsEmpty());
    return result.err;
  };
  const std::string fit = Path("one.json");
  EXPECT_THAT(error({"predict", fit, "--compute", "1e23", "--prompt", "100"}), HasSubstr("--context"));
  EXPECT_THAT(error({"predict", fit, "--compute", "much", "--prompt", "1", "--context", "1"}), HasSubstr("much"));
  EXPECT_THAT(error({"predict", fit, "--compute", "1e23", "--prompt", "-5", "--context", "1"}), HasSubstr("-5"));
  EXPECT_THAT(error(With(Grid(fit), {"--confidence", "2"})), HasSubstr("2"));
  EXPECT_THAT(error(Grid(Path("nothing.json"))), HasSubstr("cannot be read"));
  EXPECT_THAT(error(Grid(Data("ruler.csv"))), HasSubstr("not the JSON that `ctxfit fit --out` writes"));
}

TEST_F(PredictCommandTest, AddsSimultaneousAndNewMeanBandsOnRequest) {
  const std::vector<std::string> command =
      With(Grid(Path("one.json")), {"--simultaneous", "--new-mean", "100", "--confidence", "0.9"});
  EXPECT_THAT(Run(command).out, ContainsRegex("90 % from +to +90 % of all from +to +90 % of a new mean from +to"));
  const json response = RunForJson(With(command, {"--format", "json"}));
  EXPECT_GT(response["simultaneous_critical_value"], 1);
  const json& predictions = response["predictions"];
  ASSERT_EQ(predictions["simultaneous_lower"].size(), 6u);
  for (int i = 0; i < 6; ++i) {
    EXPECT_LE(predictions["simultaneous_lower"][i], predictions["score"][i]);
    EXPECT_GE(predictions["simultaneous_upper"][i], predictions["score"][i]);
    EXPECT_LE(predictions["new_mean_lower"][i], predictions["mean_lower"][i]);
    EXPECT_GE(predictions["new_mean_upper"][i], predictions["mean_upper"][i]);
  }
}

TEST_F(PredictCommandTest, RefusesANewMeanOfNoWholeNumberOfItems) {
  for (const char* items : {"2.5", "many", "0"}) {
    const CommandResult result = Run(With(Grid(Path("one.json")), {"--new-mean", items}));
    EXPECT_EQ(result.exit_code, 2) << items;
    EXPECT_THAT(result.err, HasSubstr(items));
  }
}

}  // namespace
}  // namespace ctxfit

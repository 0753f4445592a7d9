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
using ::testing::StartsWith;

class SimulateCommandTest : public CtxfitTest {};

TEST_F(SimulateCommandTest, WritesRecordsToAFileAndPrintsTheLaw) {
  const CommandResult result = Run({"simulate", "--records", "100", "--seed", "3", "--out", Path("records.csv")});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, IsEmpty());
  EXPECT_THAT(result.out, ContainsRegex("compute_exponent +0\\.5"));
  EXPECT_THAT(Read(Path("records.csv")),
              StartsWith("training_compute_flops,prompt_tokens,context_limit_tokens,score,cluster,model,task\n"));
}

TEST_F(SimulateCommandTest, PrintsTheLawToStandardErrorIfRecordsGoToStandardOutput) {
  const CommandResult result = Run({"simulate", "--records", "100", "--seed", "3", "--format", "json"});
  EXPECT_THAT(result.out, StartsWith("training_compute_flops,"));
  EXPECT_EQ(json::parse(result.err)["compute_exponent"], 0.5);
  ASSERT_EQ(Run({"simulate", "--records", "100", "--seed", "3", "--out", Path("records.csv")}).exit_code, 0);
  EXPECT_EQ(Read(Path("records.csv")), result.out);
}

TEST_F(SimulateCommandTest, DrawsFromTheRequestedLaw) {
  const json law = [] {
    const CommandResult result = Run({"simulate", "--records",
                                      "1",        "--format",
                                      "json",     "--compute-coefficient",
                                      "2",        "--compute-exponent",
                                      "0.1",      "--reference-compute",
                                      "5e22",     "--context-coefficient",
                                      "3",        "--context-exponent",
                                      "0.2",      "--reference-prompt",
                                      "100",      "--penalty-width",
                                      "10%",      "--penalty-onset",
                                      "1.3"});
    return json::parse(result.err);
  }();
  EXPECT_EQ(law, json::parse(R"({"compute_coefficient": 2, "compute_exponent": 0.1, "compute_reference_flops": 5e22,
                                 "context_coefficient": 3, "context_exponent": 0.2, "prompt_reference_tokens": 100,
                                 "penalty_width_ratio": 0.1, "penalty_onset_ratio": 1.3})"));
}

TEST_F(SimulateCommandTest, FitOfSimulatedRecordsRecoversTheLaw) {
  ASSERT_EQ(Run({"simulate", "--seed", "11", "--out", Path("records.csv")}).exit_code, 0);
  const json response = RunForJson(
      {"fit", Path("records.csv"), "--format", "json", "--reference-compute", "1e23", "--reference-prompt", "2048"});
  const std::vector<std::pair<std::string, double>> truth = {
      {"compute_coefficient", 0.8}, {"compute_exponent", 0.5}, {"context_coefficient", 1.2}, {"context_exponent", 0.4}};
  for (const auto& [name, value] : truth) {
    const json estimate = EstimateOf(response, name);
    // Tolerance: four standard errors, which one seed in 16,000 exceeds per parameter; this seed is fixed.
    EXPECT_NEAR(estimate["value"], value, 4 * estimate["standard_error"].get<double>()) << name;
  }
}

TEST_F(SimulateCommandTest, RefusesUnusableSimulateArguments) {
  const auto error = [](const std::vector<std::string>& arguments) {
    const CommandResult result = Run(arguments);
    EXPECT_EQ(result.exit_code, 2) << result.err;
    EXPECT_THAT(result.out, IsEmpty());
    return result.err;
  };
  EXPECT_THAT(error({"simulate", "--records", "0"}), HasSubstr("--records"));
  EXPECT_THAT(error({"simulate", "--compute-exponent", "-1"}), HasSubstr("compute_exponent = -1: must be"));
  EXPECT_THAT(error({"simulate", "--noise", "gaussian"}), HasSubstr("gaussian"));
  EXPECT_EQ(Run({"simulate", "--records", "1", "--out", Path("no/folder/x.csv")}).exit_code, 1);
}

TEST_F(SimulateCommandTest, HelpAndVersionArePrinted) {
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"--help"}, {"fit", "--help"}, {"predict", "--help"}, {"simulate", "--help"}}) {
    const CommandResult result = Run(command);
    EXPECT_EQ(result.exit_code, 0);
    EXPECT_THAT(result.out, HasSubstr("Usage: ctxfit"));
  }
  EXPECT_THAT(Run({"--version"}).out, ContainsRegex("^ctxfit [0-9]+\\.[0-9]+\\.[0-9]+\n$"));
  EXPECT_EQ(Run({}).exit_code, 2);
  EXPECT_EQ(Run({"evaluate"}).exit_code, 2);
}

}  // namespace
}  // namespace ctxfit

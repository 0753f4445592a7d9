// The real command line on real data, against what SciPy finds on them (README.md of tests/data). Tolerances are half a
// unit of the last printed digit.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/client/command/ctxfit_fixture.h"

namespace ctxfit {
namespace {

constexpr double kThirdDigit = 0.0005;
constexpr double kFourthDigit = 0.00005;

class RealDataTest : public CtxfitTest {
 protected:
  static nlohmann::json Fit(const std::string& file, std::vector<std::string> options = {}) {
    options.insert(options.begin(), {"fit", Data(file), "--format", "json", "--backend", "cpu", "--quiet"});
    const nlohmann::json response = RunForJson(options);
    EXPECT_EQ(response["fits"].size(), 1);
    EXPECT_EQ(response["fits"][0]["refinement"]["converged"], true);
    return response;
  }

  static double Exponent(const nlohmann::json& response, const std::string& name) {
    return response["fits"][0]["parameters"].value(name, 0.0);
  }

  static double Mae(const nlohmann::json& response) { return response["fits"][0]["goodness"]["mae"]; }

  static std::string Warnings(const nlohmann::json& response) {
    return response["fits"][0]["diagnostics"]["warnings"].dump();
  }
};

TEST_F(RealDataTest, YarnWithinTheLimitHasScipysExponents) {
  const auto fit = Fit("yarn_inverse_perplexity.csv", {"--where", "prompt_tokens < context_limit_tokens"});
  EXPECT_NEAR(Exponent(fit, "compute_exponent"), 0.143, kThirdDigit);
  EXPECT_NEAR(Exponent(fit, "context_exponent"), 0.234, kThirdDigit);
  EXPECT_NEAR(Mae(fit), 0.0061, kFourthDigit);
}

TEST_F(RealDataTest, YarnWithAllRowsHasScipysExponents) {
  const auto fit = Fit("yarn_inverse_perplexity.csv");
  EXPECT_NEAR(Exponent(fit, "compute_exponent"), 0.142, kThirdDigit);
  EXPECT_NEAR(Exponent(fit, "context_exponent"), 0.237, kThirdDigit);
  EXPECT_NEAR(Mae(fit), 0.0320, kFourthDigit);
}

TEST_F(RealDataTest, YarnWithALateAndGradualPenaltyFitsThreeTimesBetter) {
  const auto fit = Fit("yarn_inverse_perplexity.csv", {"--penalty-onset", "1.3", "--penalty-width", "10%"});
  EXPECT_NEAR(Mae(fit), 0.0110, kFourthDigit);
}

TEST_F(RealDataTest, YarnDeterminesItsOnsetAndWidth) {
  const auto fit = Fit("yarn_inverse_perplexity.csv", {"--penalty-onset", "fit", "--penalty-width", "fit"});
  const auto& parameters = fit["fits"][0]["parameters"];
  EXPECT_NEAR(double{parameters["penalty_onset_ratio"]}, 1.267, kThirdDigit);
  EXPECT_NEAR(double{parameters["penalty_width_ratio"]}, 0.0972, kFourthDigit);
  EXPECT_NEAR(Mae(fit), 0.0104, kFourthDigit);
}

// A local optimum with a mean absolute error of .1319 lies beside the best one.
TEST_F(RealDataTest, YarnWithoutPenaltyEndsAtTheBestOfItsOptima) {
  const auto fit = Fit("yarn_inverse_perplexity.csv", {"--no-penalty"});
  EXPECT_NEAR(Mae(fit), 0.1295, kFourthDigit);
  EXPECT_NEAR(double{fit["fits"][0]["goodness"]["sse"]}, 91.91, 0.005);
}

TEST_F(RealDataTest, NaturalQuestionsHasScipysExponents) {
  const auto fit = Fit("natural_questions_shots.csv");
  EXPECT_NEAR(Exponent(fit, "compute_exponent"), 0.238, kThirdDigit);
  EXPECT_NEAR(Exponent(fit, "context_exponent"), 0.498, kThirdDigit);
  EXPECT_NEAR(Mae(fit), 0.0193, kFourthDigit);
  EXPECT_THAT(Warnings(fit), testing::HasSubstr("no record lies beyond its context limit"));
}

// Its scores fall with length, where the law can only rise: the best it can do is not to depend on length.
TEST_F(RealDataTest, RulerIsWarnedNotToFollowTheLaw) {
  const auto fit = Fit("ruler.csv");
  EXPECT_NEAR(Mae(fit), 0.0733, kFourthDigit);
  EXPECT_NEAR(Exponent(fit, "context_exponent"), 0, kThirdDigit);
  EXPECT_THAT(Warnings(fit), testing::HasSubstr("the law does not fit these data"));
}

TEST_F(RealDataTest, OneComputeLevelLeavesTheComputeExponentUnidentified) {
  for (const char* file : {"manyshot_banking77_runs.csv", "manyshot_banking77_instances.csv.gz"}) {
    SCOPED_TRACE(file);
    const auto fit = Fit(file);
    const auto exponent = EstimateOf(fit, "compute_exponent");
    EXPECT_EQ(exponent["identified"], false);
    EXPECT_THAT(std::string(exponent["reason"]), testing::HasSubstr("one training compute"));
    EXPECT_FALSE(exponent.contains("lower"));
    EXPECT_THAT(Warnings(fit), testing::HasSubstr("one compute level only"));
  }
}

// The runs are the means of these very instances, so clusters, weights and the context factor are the same. Only the
// prompt lengths of a run's instances scatter about the run's, by 17 % at most, which changes the law's mean over a run
// by its curvature: far less than a tenth of a standard error.
TEST_F(RealDataTest, RunsAndTheirInstancesGiveTheSameContextFactor) {
  const auto runs = Fit("manyshot_banking77_runs.csv");
  const auto instances = Fit("manyshot_banking77_instances.csv.gz");
  EXPECT_EQ(instances["fits"][0]["goodness"]["record_count"], "120000");
  for (const auto& response : {runs, instances}) {
    EXPECT_EQ(response["fits"][0]["bootstrap"]["unit_count"], "480");
    EXPECT_EQ(response["fits"][0]["bootstrap"]["converged_count"], 1000);
  }
  for (const char* name : {"context_exponent", "characteristic_prompt_tokens"}) {
    const auto of_runs = EstimateOf(runs, name);
    const auto of_instances = EstimateOf(instances, name);
    const double error = of_runs["standard_error"];
    EXPECT_NEAR(double{of_instances["value"]}, double{of_runs["value"]}, 0.1 * error) << name;
    // Replicates draw the same weights for clusters of the same labels.
    EXPECT_NEAR(double{of_instances["standard_error"]}, error, 0.1 * error) << name;
    EXPECT_NEAR(double{of_instances["lower"]}, double{of_runs["lower"]}, 0.1 * error) << name;
    EXPECT_NEAR(double{of_instances["upper"]}, double{of_runs["upper"]}, 0.1 * error) << name;
  }
}

TEST_F(RealDataTest, YarnFittedToShortPromptsMissesLongOnesAsScipySays) {
  const auto fit = Fit("yarn_inverse_perplexity.csv",
                       {"--where", "prompt_tokens < context_limit_tokens", "--hold-out", "prompt_tokens >= 10000"});
  EXPECT_NEAR(Mae(fit), 0.005, kThirdDigit);
  const nlohmann::json& evaluation = fit["fits"][0]["evaluation"];
  EXPECT_NEAR(evaluation["all"]["mae"], 0.097, kThirdDigit);
  EXPECT_EQ(evaluation["extrapolated_count"], evaluation["all"]["record_count"]);
}

}  // namespace
}  // namespace ctxfit

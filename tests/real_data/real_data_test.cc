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

// The errors that issue 13 measured with a program of its own; BACKTEST.md of tests/bench has them all.
class RealBacktestTest : public RealDataTest {
 protected:
  // Mean absolute errors on held-out rows.
  struct Errors {
    double law;
    double log_line;
    double logit_line;
    int record_count;
  };

  static nlohmann::json Backtest(const std::string& file, const std::string& rows, std::vector<std::string> options) {
    options.insert(options.begin(), {"backtest", Data(file), "--where", rows, "--format", "json", "--backend", "cpu",
                                     "--quiet", "--replicates", "0"});
    return RunForJson(options)["backtests"][0];
  }

  static Errors ErrorsOf(const nlohmann::json& backtest) {
    const auto mae = [](const nlohmann::json& errors) { return double{errors["rows"]["mae"]}; };
    return {mae(backtest["law"]), mae(backtest["baselines"][1]["errors"]), mae(backtest["baselines"][2]["errors"]),
            std::stoi(std::string(backtest["law"]["rows"]["record_count"]))};
  }

  static constexpr const char* kWithin = "prompt_tokens <= context_limit_tokens";
};

TEST_F(RealBacktestTest, AStraightLinePredictsAYarnModelBetterThanTheLaw) {
  const Errors errors = ErrorsOf(Backtest("yarn_inverse_perplexity.csv", kWithin, {}));
  EXPECT_EQ(errors.record_count, 266);
  EXPECT_NEAR(errors.law, 0.0088, kFourthDigit);
  EXPECT_NEAR(errors.log_line, 0.0083, kFourthDigit);
  EXPECT_NEAR(errors.logit_line, 0.0072, kFourthDigit);
}

TEST_F(RealBacktestTest, AStraightLinePredictsTheLargestYarnModelBetterThanTheLaw) {
  const Errors errors =
      ErrorsOf(Backtest("yarn_inverse_perplexity.csv", kWithin, {"--frontier", "compute", "--cut", "5e23"}));
  EXPECT_EQ(errors.record_count, 46);
  EXPECT_NEAR(errors.law, 0.0121, kFourthDigit);
  // 0.00665: rows that share their covariates are averaged before the line is fitted, which that program did not do.
  EXPECT_NEAR(errors.log_line, 0.0067, 2 * kFourthDigit);
  EXPECT_NEAR(errors.logit_line, 0.0097, kFourthDigit);
}

TEST_F(RealBacktestTest, AStraightLinePredictsLongYarnPromptsBetterThanTheLaw) {
  const Errors errors = ErrorsOf(Backtest("yarn_inverse_perplexity.csv", "prompt_tokens < context_limit_tokens",
                                          {"--frontier", "prompt", "--cut", "10000"}));
  EXPECT_EQ(errors.record_count, 205);
  EXPECT_NEAR(errors.law, 0.0970, kFourthDigit);
  EXPECT_NEAR(errors.log_line, 0.0361, kFourthDigit);
  EXPECT_NEAR(errors.logit_line, 0.0395, kFourthDigit);
}

TEST_F(RealBacktestTest, TheLawPredictsTheLargestModelOfNaturalQuestionsBetterThanALine) {
  const Errors errors =
      ErrorsOf(Backtest("natural_questions_shots.csv", kWithin, {"--frontier", "compute", "--cut", "8e23"}));
  EXPECT_EQ(errors.record_count, 4);
  EXPECT_NEAR(errors.law, 0.008, kThirdDigit);
  EXPECT_NEAR(errors.logit_line, 0.023, kThirdDigit);
}

TEST_F(RealBacktestTest, ALinePredictsTheLargestModelOfRulerBetterThanTheLaw) {
  const Errors errors = ErrorsOf(Backtest("ruler.csv", kWithin, {"--frontier", "compute", "--cut", "6e24"}));
  EXPECT_EQ(errors.record_count, 12);
  EXPECT_NEAR(errors.law, 0.073, kThirdDigit);
  EXPECT_NEAR(errors.logit_line, 0.065, kThirdDigit);
}

TEST_F(RealBacktestTest, BothFailOnLongerPromptsOfRulerAndBanking) {
  const Errors ruler = ErrorsOf(Backtest("ruler.csv", kWithin, {"--frontier", "prompt", "--cut", "32768"}));
  EXPECT_NEAR(ruler.law, 0.115, kThirdDigit);
  EXPECT_NEAR(ruler.logit_line, 0.084, kThirdDigit);
  const Errors banking =
      ErrorsOf(Backtest("manyshot_banking77_runs.csv", kWithin, {"--frontier", "prompt", "--cut", "1345"}));
  EXPECT_EQ(banking.record_count, 240);
  EXPECT_NEAR(banking.law, 0.236, kThirdDigit);
  EXPECT_NEAR(banking.logit_line, 0.140, kThirdDigit);
}

// Runs have prompt lengths of their own; three of the four models of Banking77 have one compute.
TEST_F(RealBacktestTest, ModelsOfOneComputeAreHeldOutByName) {
  const auto backtest = Backtest("manyshot_banking77_runs.csv", kWithin, {"--by", "model"});
  EXPECT_EQ(backtest["folds"].size(), 4);
  EXPECT_EQ(backtest["fitted_count"], 4);
  // The issue has 0.044, by a program of its own that is not reproduced here.
  EXPECT_NEAR(ErrorsOf(backtest).law, 0.0455, kFourthDigit);
}

}  // namespace
}  // namespace ctxfit

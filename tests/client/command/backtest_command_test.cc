#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "tests/client/command/ctxfit_fixture.h"
#include "tests/client/command/run_command.h"

namespace ctxfit {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

class BacktestCommandTest : public CtxfitTest {
 protected:
  CommandResult Backtest(std::vector<std::string> options) const {
    options.insert(options.begin(), {"backtest", ruler_, "--quiet", "--replicates", "20"});
    return Run(options);
  }

  const std::string ruler_ = Data("ruler.csv");
};

TEST_F(BacktestCommandTest, PrintsWritesAndDrawsHeldOutErrors) {
  const CommandResult result = Backtest({"--out", Path("backtest.json"), "--plot", Path("backtest.svg")});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("ruler_avg13: each model level held out, 11 of 11 folds fitted"));
  EXPECT_THAT(result.out, HasSubstr("eld-out models"));
  EXPECT_THAT(result.out, ContainsRegex("  the law +0\\.[0-9]+ +0\\."));
  EXPECT_THAT(result.out, ContainsRegex("  line on the logit +0\\.[0-9]+ +0\\."));
  EXPECT_THAT(result.out, HasSubstr("within the fitted range"));
  const auto backtest = nlohmann::json::parse(Read(Path("backtest.json")))["backtests"][0];
  EXPECT_EQ(backtest["folds"].size(), 11);
  const std::string svg = Read(Path("backtest.svg"));
  EXPECT_THAT(svg, HasSubstr("ruler_avg13: predictions of held-out rows"));
  EXPECT_THAT(svg, HasSubstr("predicted by the law, with its band"));
}

TEST_F(BacktestCommandTest, HoldsOutTheRowsOfAColumn) {
  const CommandResult result = Backtest({"--by", "model"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("each group of rows held out, 12 of 12 folds fitted"));
  EXPECT_THAT(result.out, HasSubstr("Llama-2-7b-chat-hf"));
}

TEST_F(BacktestCommandTest, FollowsAFrontier) {
  const CommandResult result = Backtest({"--frontier", "prompt", "--cut", "16384,65536"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("longer prompts held out, 2 of 2 folds fitted"));
  EXPECT_THAT(result.out, HasSubstr("from 16384 tokens on"));
  EXPECT_THAT(result.out, Not(HasSubstr("eld-out models")));
}

TEST_F(BacktestCommandTest, RefusesWhatDoesNotGoTogether) {
  EXPECT_THAT(Backtest({"--by", "model", "--frontier", "prompt"}).err, HasSubstr("--by: excludes --frontier"));
  EXPECT_THAT(Backtest({"--cut", "1000"}).err, HasSubstr("--cut: must be given with --frontier only"));
  const CommandResult no_column = Backtest({"--by", "family"});
  EXPECT_EQ(no_column.exit_code, 2);
  EXPECT_THAT(no_column.err, HasSubstr("--by \"family\": must be a column, which are task, model"));
  EXPECT_THAT(Backtest({"--frontier", "prompt", "--cut", "0"}).err, HasSubstr("--cut = 0: must be finite and > 0"));
}

TEST_F(BacktestCommandTest, AFitSaysFirstHowHeldOutModelsArePredicted) {
  const CommandResult result = Run({"fit", ruler_, "--quiet", "--replicates", "20"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, ContainsRegex("^[^\n]*model levels, converged\n\n  [^\n]*eld-out models"));
  EXPECT_THAT(result.out, HasSubstr("line on the logit"));
  const CommandResult off = Run({"fit", ruler_, "--quiet", "--replicates", "20", "--backtest", "off"});
  EXPECT_THAT(off.out, Not(HasSubstr("eld-out models")));
}

TEST_F(BacktestCommandTest, AnAblationHasBaselines) {
  const CommandResult result = Run({"ablate", ruler_, "--quiet", "--folds", "3"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, ContainsRegex("  line on the logit +3 +0\\.[0-9]+"));
  EXPECT_THAT(result.out, ContainsRegex("  constant +1 +0\\.[0-9]+"));
}

}  // namespace
}  // namespace ctxfit

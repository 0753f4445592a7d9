#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

class EvaluateCommandTest : public CtxfitTest {
 protected:
  const std::string yarn_ = Data("yarn_inverse_perplexity.csv");
};

TEST_F(EvaluateCommandTest, HoldOutEqualsFitToTheRestFollowedByEvaluate) {
  const json held =
      RunForJson({"fit", yarn_, "--hold-out", "prompt_tokens >= 10000", "--format", "json", "--quiet"})["fits"][0];
  const json fitted = RunForJson({"fit", yarn_, "--where", "prompt_tokens < 10000", "--format", "json", "--quiet",
                                  "--out", Path("fit.json")})["fits"][0];
  EXPECT_EQ(held["parameters"], fitted["parameters"]);
  EXPECT_EQ(held["goodness"], fitted["goodness"]);
  const json evaluated =
      RunForJson({"evaluate", Path("fit.json"), yarn_, "--where", "prompt_tokens >= 10000", "--format", "json"});
  EXPECT_EQ(held["evaluation"], evaluated["evaluations"][0]);
  EXPECT_EQ(evaluated["all"], evaluated["evaluations"][0]["all"]);
}

TEST_F(EvaluateCommandTest, PrintsErrorsByLimitAndModel) {
  const CommandResult result = Run({"fit", yarn_, "--hold-out", "model == \"NousResearch/Yarn-Llama-2-13b-64k\""});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("\n  Held out\n"));
  EXPECT_THAT(result.out, ContainsRegex("records +MAE +RMSE +bias\n  all +[0-9]+ +0\\.[0-9]+ +0\\.[0-9]+ +[+-]0\\."));
  EXPECT_THAT(result.out, ContainsRegex("NousResearch/Yarn-Llama-2-13b-64k +[0-9]+ +0\\."));
  EXPECT_THAT(result.out, ContainsRegex("band +[0-9]+ of [0-9]+ group means inside the 95 % band"));
}

TEST_F(EvaluateCommandTest, EvaluatesRowsAgainstTheFitOfTheirTask) {
  const std::string shots = Data("natural_questions_shots.csv");
  EXPECT_EQ(Run({"fit", shots, Data("ruler.csv"), "--out", Path("two.json")}).exit_code, 0);
  const CommandResult both = Run({"evaluate", Path("two.json"), shots, Data("ruler.csv")});
  EXPECT_EQ(both.exit_code, 0) << both.err;
  EXPECT_THAT(both.out, HasSubstr("naturalquestions_em: predicted against observed\n"));
  EXPECT_THAT(both.out, HasSubstr("\nruler_avg13: predicted against observed\n"));
  EXPECT_THAT(both.out, ContainsRegex("\nAll tasks\n(.|\n)*  all +115 "));
  const CommandResult other = Run({"evaluate", Path("two.json"), yarn_});
  EXPECT_EQ(other.exit_code, 2);
  EXPECT_THAT(other.err, ContainsRegex("yarn_inverse_perplexity.csv:2: task = \"proofpile_inv_ppl\": must be the task "
                                       "of a fit, which are \"naturalquestions_em\", \"ruler_avg13\""));
}

TEST_F(EvaluateCommandTest, RefusesAHoldOutOfNoneOrAllRows) {
  const auto error = [](const std::vector<std::string>& arguments) {
    const CommandResult result = Run(arguments);
    EXPECT_EQ(result.exit_code, 2) << result.err;
    EXPECT_THAT(result.out, IsEmpty());
    return result.err;
  };
  EXPECT_THAT(error({"fit", yarn_, "--hold-out", "prompt_tokens > 1e9"}), HasSubstr("none of the 393 rows meets it"));
  EXPECT_THAT(error({"fit", yarn_, "--hold-out", "prompt_tokens > 1"}), HasSubstr("each of the 393 rows meets it"));
  EXPECT_THAT(error({"fit", yarn_, "--hold-out", "nothing > 1"}), HasSubstr("nothing"));
  EXPECT_THAT(error({"fit", yarn_, Data("ruler.csv"), "--hold-out", "task == \"ruler_avg13\""}),
              HasSubstr("--hold-out is true in all 67 rows of task \"ruler_avg13\""));
}

}  // namespace
}  // namespace ctxfit

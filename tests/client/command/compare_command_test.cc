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

class CompareCommandTest : public CtxfitTest {
 protected:
  static std::vector<std::string> Arguments(std::vector<std::string> more) {
    const std::vector<std::string> common = {
        "compare", Data("yarn_inverse_perplexity.csv"), "--quiet", "--penalty-onset", "1.3", "--penalty-width", "10%"};
    more.insert(more.begin(), common.begin(), common.end());
    return more;
  }

  static std::string Refusal(const std::vector<std::string>& more) {
    const CommandResult result = Run(Arguments(more));
    EXPECT_EQ(result.exit_code, 2) << result.err;
    EXPECT_THAT(result.out, IsEmpty());
    return result.err;
  }
};

TEST_F(CompareCommandTest, PrintsAndWritesDifferencesOfTwoGroups) {
  const CommandResult result = Run(Arguments({"--a", "context_limit_tokens <= 65536", "--compute", "1e23", "--prompt",
                                              "2000,8000", "--context", "32768", "--out", Path("comparison.json")}));
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, ContainsRegex("  a  context_limit_tokens <= 65536: 265 records"));
  EXPECT_THAT(result.out, ContainsRegex("  b  all other rows: 128 records"));
  EXPECT_THAT(result.out, ContainsRegex("compute_exponent +[0-9.]+ +[0-9.]+ "));
  EXPECT_THAT(result.out, ContainsRegex("1\\.000e23 +8000 +32768 +0\\."));
  EXPECT_THAT(result.out, ContainsRegex("Wald, by the replicates +[0-9.e]+ +4, [0-9.]+ +"));
  const json response = json::parse(Read(Path("comparison.json")));
  EXPECT_EQ(response["first_group"], "a");
  EXPECT_EQ(response["comparisons"][0]["predictions"].size(), 2);
  EXPECT_EQ(response["comparisons"][0]["second_fit"]["goodness"]["record_count"], "128");
}

TEST_F(CompareCommandTest, RowsOfNeitherGroupAreLeftOut) {
  const json response = RunForJson(
      Arguments({"--a", "context_limit_tokens == 65536", "--b", "context_limit_tokens == 131072", "--format", "json"}));
  EXPECT_EQ(response["comparisons"][0]["pooled_fit"]["goodness"]["record_count"], "251");
}

TEST_F(CompareCommandTest, RefusesEmptyGroupsAndIncompletePoints) {
  EXPECT_THAT(Refusal({}), HasSubstr("--a is required"));
  EXPECT_THAT(Refusal({"--a", "score > 2"}), HasSubstr("--a 'score > 2': none of the 393 rows is in this group"));
  EXPECT_THAT(
      Refusal({"--a", "score >= 0"}),
      HasSubstr("--a 'score >= 0': each of the 393 rows is in this group, which leaves none for the other one"));
  EXPECT_THAT(Refusal({"--a", "score > 0.1", "--b", "score > 0.2"}),
              ContainsRegex("yarn_inverse_perplexity.csv:2: the row meets both --a and --b"));
  EXPECT_THAT(Refusal({"--a", "score > 0.3", "--prompt", "100"}),
              HasSubstr("--compute, --prompt, --context: must be given together, or none of them; the law uses these"));
}

TEST_F(CompareCommandTest, PointsNeedNotHaveWhatTheLawDoesNotUse) {
  const std::vector<std::string> no_penalty = {
      "compare", Data("yarn_inverse_perplexity.csv"), "--quiet",   "--no-penalty",
      "--a",     "context_limit_tokens <= 65536",     "--compute", "1e23"};
  std::vector<std::string> command = no_penalty;
  EXPECT_THAT(Run(command).err, HasSubstr("--compute, --prompt: must be given together"));
  command.insert(command.end(), {"--prompt", "8000"});
  EXPECT_THAT(Run(command).out, ContainsRegex("1\\.000e23 +8000 +0\\."));
  command.insert(command.end(), {"--format", "json"});
  const json point = RunForJson(command)["comparisons"][0]["predictions"][0];
  EXPECT_EQ(point["prompt_tokens"], 8000);
  EXPECT_FALSE(point.contains("context_limit_tokens")) << "none was given";
  std::vector<std::string> alone = no_penalty;
  alone.insert(alone.end(), {"--no-context-factor"});
  EXPECT_THAT(Run(alone).out, ContainsRegex("\n +FLOP\n +1\\.000e23 +0\\."));
}

}  // namespace
}  // namespace ctxfit

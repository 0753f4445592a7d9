#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "tests/client/command/ctxfit_fixture.h"
#include "tests/client/command/run_command.h"

namespace ctxfit {
namespace {

using nlohmann::json;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class AblateCommandTest : public CtxfitTest {
 protected:
  const std::string yarn_ = Data("yarn_inverse_perplexity.csv");
};

TEST_F(AblateCommandTest, PrintsAndWritesErrorsOfEveryVariantOfTheLaw) {
  const CommandResult result = Run({"ablate", yarn_, "--penalty-onset", "1.3", "--penalty-width", "10%", "--folds", "3",
                                    "--quiet", "--out", Path("ablation.json")});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, ContainsRegex("the full law +4 +0\\.0110 +0\\.0064 +0\\.0207"));
  EXPECT_THAT(result.out, ContainsRegex("without penalty +4 +0\\.129"));
  EXPECT_THAT(result.out, ContainsRegex("without context factor +2 +"));
  EXPECT_THAT(result.out, ContainsRegex("without both +2 +"));
  EXPECT_THAT(result.out, HasSubstr("each of 3 folds of 393 records"));
  const json ablation = json::parse(Read(Path("ablation.json")))["ablations"][0];
  EXPECT_EQ(ablation["fold_count"], 3);
  EXPECT_EQ(ablation["variants"].size(), 4);
  // Tolerance: with four parameters and at least 262 records, held-out errors are a few percent larger.
  const double mae = ablation["variants"][0]["fit"]["goodness"]["mae"];
  EXPECT_NEAR(double{ablation["variants"][0]["cross_validation"]["all"]["mae"]}, mae, 0.1 * mae);
}

TEST_F(AblateCommandTest, RefusesASingleFold) {
  const CommandResult result = Run({"ablate", yarn_, "--folds", "1", "--quiet"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.out, IsEmpty());
  EXPECT_THAT(result.err, HasSubstr("folds = 1: must be 0 or in [2, 393], the records of task \"proofpile_inv_ppl\""));
}

}  // namespace
}  // namespace ctxfit

#include "client/convert/name_choices.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "client/convert/conversion.h"
#include "client/convert/lm_eval.h"
#include "tests/client/convert/convert_fixture.h"

namespace ctxfit {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;

TEST(NameChoicesTest, AChoiceForOneTaskGoesBeforeThoseForAll) {
  EXPECT_EQ(ChooseName({"a", "t=b"}, "t", {"a", "b"}), "b");
  EXPECT_EQ(ChooseName({"a", "t=b"}, "u", {"a", "b"}), "a");
  EXPECT_EQ(ChooseName({"x", "b", "a"}, "u", {"a", "b"}), "b");
  EXPECT_EQ(ChooseName({"a", "t=x"}, "t", {"a", "b"}), std::nullopt) << "the task has no x";
  EXPECT_EQ(ChooseName({"t=pass@k=1"}, "t", {"pass@k=1"}), "pass@k=1");
}

TEST(NameChoicesTest, AChoiceForOneTaskLeavesTheDefaultsOfOthers) {
  EXPECT_TRUE(IsChosen({"t=b"}, "t"));
  EXPECT_FALSE(IsChosen({"t=b"}, "u"));
  EXPECT_TRUE(IsChosen({"t=b", "a"}, "u"));
  EXPECT_TRUE(IsChosenForTask({"t=b", "a"}, "t"));
  EXPECT_FALSE(IsChosenForTask({"t=b", "a"}, "u"));
}

TEST(NameChoicesTest, ATaskThatIsNotThereIsRefused) {
  EXPECT_TRUE(CheckTasks("--filter", {"strict", "math=strict"}, {"math", "mc"}).ok());
  EXPECT_EQ(CheckTasks("--filter", {"maths=strict"}, {"math", "mc"}).message(),
            "--filter maths=strict: no task is named \"maths\"; there are math, mc");
}

constexpr char kTime[] = "2024-05-29T14-33-44.123456";

// Samples of math, with two filters, of qa, with one metric, and of mc, with two.
class NameChoicesInConversionTest : public ConvertTest {
 protected:
  void WriteSamples() const {
    const auto math = [](const std::string& filter, int score) {
      return R"({"doc_id": 0, "prompt_tokens": 9, "metrics": ["exact_match"], "filter": ")" + filter +
             R"(", "exact_match": )" + std::to_string(score) + "}\n";
    };
    Write(Name("math"), math("strict", 0) + math("flexible", 1));
    Write(Name("qa"), R"({"doc_id": 0, "prompt_tokens": 8, "metrics": ["f1"], "filter": "none", "f1": 0.5})");
    Write(Name("mc"), R"({"doc_id": 0, "prompt_tokens": 7, "metrics": ["acc", "acc_norm"], "filter": "none", )"
                      R"("acc": 0.25, "acc_norm": 0.75})");
  }

  static std::string Name(const std::string& task) { return "a__one/samples_" + task + "_" + kTime + ".jsonl"; }

  absl::StatusOr<Conversion> Convert() const { return ConvertLmEval(source_, options_); }

  LmEvalOptions options_;
};

TEST_F(NameChoicesInConversionTest, SamplesOfOtherTasksKeepTheirDefaults) {
  WriteSamples();
  options_ = {{"mc=acc"}, {"math=strict"}, {}};
  const absl::StatusOr<Conversion> conversion = Convert();
  ASSERT_TRUE(conversion.ok()) << conversion.status();
  EXPECT_THAT(Rows(*conversion),
              ElementsAre(HasSubstr("+22,9,4096,0,"), HasSubstr("+22,7,4096,0.25,"), HasSubstr("+22,8,4096,0.5,")));
  options_.metrics = {"acc"};
  EXPECT_THAT(ErrorOf(Convert()),
              EndsWith("--metric acc: the sample has exact_match; choose one for its task alone with "
                       "--metric math=NAME"));
  options_.metrics = {"mmlu=acc"};
  EXPECT_EQ(ErrorOf(Convert()), "--metric mmlu=acc: no task is named \"mmlu\"; there are math, mc, qa");
}

TEST_F(NameChoicesInConversionTest, AMetricForAllTasksLeavesThatOfRuler) {
  Write(Name("niah"), R"({"doc_id": 0, "doc": {"length": 900, "max_length": 1024}, "metrics": ["4096", "1024"], )"
                      R"("4096": -1, "1024": 0.5})");
  Write(Name("mc"), R"({"doc_id": 0, "prompt_tokens": 7, "metrics": ["acc", "acc_norm"], "acc": 0.25, "acc_norm": 0})");
  options_.metrics = {"acc"};
  const absl::StatusOr<Conversion> conversion = Convert();
  ASSERT_TRUE(conversion.ok()) << conversion.status();
  EXPECT_THAT(Rows(*conversion), ElementsAre(HasSubstr("+22,7,4096,0.25,"), HasSubstr("+22,900,4096,0.5,")));
  options_.metrics = {"acc", "niah=em"};
  EXPECT_THAT(ErrorOf(Convert()), HasSubstr("the sample has 4096, 1024")) << "the choice for niah is binding";
}

TEST_F(NameChoicesInConversionTest, MeansOfOtherTasksKeepTheirDefaults) {
  Write(std::string("a__one/results_") + kTime + ".json",
        R"({"model_name": "a/one", "group_subtasks": {"all": ["math", "mc"]}, "results": {
              "all": {"acc,none": 0.5},
              "math": {"exact_match,strict": 0.0, "exact_match,flexible": 0.5, "sample_len": 12},
              "mc": {"acc,none": 0.25, "acc_norm,none": 0.75, "sample_len": 12}}})");
  options_ = {{"mc=acc"}, {"math=flexible"}, {}};
  const absl::StatusOr<Conversion> conversion = Convert();
  ASSERT_TRUE(conversion.ok()) << conversion.status();
  EXPECT_THAT(Rows(*conversion), ElementsAre(HasSubstr(",4096,0.5,12,"), HasSubstr(",4096,0.25,12,")));
  options_.filters = {"all=none"};
  EXPECT_EQ(ErrorOf(Convert()), "--filter all=none: no task is named \"all\"; there are math, mc");
}

}  // namespace
}  // namespace ctxfit

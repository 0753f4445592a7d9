#include "client/input/observation_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tests/client/input/temporary_file.h"

namespace ctxfit {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kHeader[] = "training_compute_flops,prompt_tokens,context_limit_tokens,score";

absl::StatusOr<ObservationInput> Read(const std::string& content, const std::string& where = "") {
  const TemporaryFile file(content);
  return ReadObservations({{file.path()}, InputFormat::kAuto, where, ""});
}

std::string ErrorOf(const std::string& content, const std::string& where = "") {
  const absl::Status status = Read(content, where).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  return std::string(status.message());
}

TEST(ReadObservationsTest, FindsColumnsByNameInAnyOrder) {
  const auto input = Read(
      "task,score,model,prompt_tokens,cluster_2,context_limit_tokens,weight,training_compute_flops,cluster\n"
      "t,0.5,m,10.5,i,4096,3,1e22,r\n");
  ASSERT_TRUE(input.ok()) << input.status();
  const v1::Observations& observations = input->observations;
  EXPECT_THAT(observations.training_compute_flops(), ElementsAre(1e22));
  EXPECT_THAT(observations.prompt_tokens(), ElementsAre(10.5));
  EXPECT_THAT(observations.context_limit_tokens(), ElementsAre(4096));
  EXPECT_THAT(observations.score(), ElementsAre(0.5));
  EXPECT_THAT(observations.weight(), ElementsAre(3));
  EXPECT_THAT(observations.cluster(), ElementsAre("r"));
  EXPECT_THAT(observations.cluster_2(), ElementsAre("i"));
  EXPECT_THAT(observations.task(), ElementsAre("t"));
  EXPECT_THAT(observations.model(), ElementsAre("m"));
  EXPECT_THAT(input->warnings, IsEmpty());
}

TEST(ReadObservationsTest, ReadsTheSameFromJsonLines) {
  const auto input =
      Read(R"({"training_compute_flops": 1e22, "prompt_tokens": 10, "context_limit_tokens": 4096, "score": 1})");
  ASSERT_TRUE(input.ok()) << input.status();
  EXPECT_THAT(input->observations.prompt_tokens(), ElementsAre(10));
  EXPECT_THAT(input->observations.score(), ElementsAre(1));
}

TEST(ReadObservationsTest, GroupsAreTheTextsOfAColumn) {
  const TemporaryFile file(std::string(kHeader) + ",family,shots\n1e22,10,4096,0.5,a b,1\n1e22,20,4096,0.5,,1\n");
  ObservationSource source;
  source.files = {file.path()};
  source.by = "family";
  const auto input = ReadObservations(source);
  ASSERT_TRUE(input.ok()) << input.status();
  EXPECT_THAT(input->group, ElementsAre("a b", ""));
  EXPECT_THAT(input->warnings, ElementsAre(AllOf(HasSubstr("\"shots\""), Not(HasSubstr("family")))));
  source.by = "Prompt Tokens";
  EXPECT_THAT(ReadObservations(source)->group, ElementsAre("10", "20"));
  source.by = "vendor";
  EXPECT_THAT(std::string(ReadObservations(source).status().message()),
              HasSubstr(":1: --by \"vendor\": must be a column, which are training_compute_flops, "));
}

TEST(ReadObservationsTest, LeavesAbsentOptionalColumnsEmpty) {
  const auto input = Read(std::string(kHeader) + "\n1e22,10,4096,0\n");
  ASSERT_TRUE(input.ok());
  EXPECT_THAT(input->observations.weight(), IsEmpty());
  EXPECT_THAT(input->observations.task(), IsEmpty());
}

TEST(ReadObservationsTest, FillsOptionalColumnsThatOnlySomeFilesHave) {
  const std::string header = kHeader;
  const TemporaryFile plain(header + "\n1e22,10,4096,0\n", "plain");
  const TemporaryFile full(header + ",weight,model\n1e22,20,4096,0,5,m\n1e22,30,4096,0,6,m\n", "full");
  for (const auto& files : {std::vector{plain.path(), full.path()}, std::vector{full.path(), plain.path()}}) {
    const auto input = ReadObservations({files, InputFormat::kAuto, "", ""});
    ASSERT_TRUE(input.ok()) << input.status();
    for (int row = 0; row < 3; ++row) {
      const double prompt = input->observations.prompt_tokens(row);
      EXPECT_EQ(input->observations.weight(row), prompt == 10 ? 1 : prompt == 20 ? 5 : 6);
      EXPECT_EQ(input->observations.model(row), prompt == 10 ? "" : "m");
    }
    EXPECT_THAT(input->warnings,
                ElementsAre(plain.path() + ": weight has no value in 1 row, but in another file: the weight there is 1",
                            HasSubstr(": model has no value in 1 row, but in another file")));
  }
}

TEST(ReadObservationsTest, NamesUnknownColumnsInAWarning) {
  const auto input = Read(std::string(kHeader) + ",shots,note\n1e22,10,4096,0,3,x\n");
  ASSERT_TRUE(input.ok());
  EXPECT_THAT(input->warnings, ElementsAre(HasSubstr("columns \"shots\", \"note\"")));
}

// Returns a file of three rows, with this optional column.
std::string ThreeRowsWith(const std::string& column, const std::string& first, const std::string& second,
                          const std::string& third) {
  return std::string(kHeader) + "," + column + "\n1e22,10,4096,0," + first + "\n1e22,20,4096,0," + second +
         "\n1e22,30,4096,0," + third + "\n";
}

TEST(ReadObservationsTest, RefusesClustersAndOptionalNumbersThatOnlySomeRowsHave) {
  for (const std::string spelling :
       {"", " ", "NA", "nan", "NaN", "<NA>", "NULL", "None", "null", "N/A", "n/a", "#N/A"}) {
    for (const std::string column : {"cluster", "cluster_2", "weight", "score_variance"}) {
      EXPECT_THAT(
          ErrorOf(ThreeRowsWith(column, "0", spelling, spelling)),
          HasSubstr(absl::StrCat(":3: ", column,
                                 " has no value, the first of 2 of 3 rows: must have one in every row or in none")));
    }
  }
  EXPECT_THAT(ErrorOf(ThreeRowsWith("cluster", "a", "NA", "b")),
              HasSubstr("give every row that stands alone a label of its own"));
  EXPECT_TRUE(Read(ThreeRowsWith("cluster", "na", "Nan", "none")).ok());
}

TEST(ReadObservationsTest, TellsHowManyTasksAndModelsAreMissing) {
  const auto input = Read(ThreeRowsWith("task", "NA", "t", "None"));
  ASSERT_TRUE(input.ok()) << input.status();
  EXPECT_THAT(input->observations.task(), ElementsAre("", "t", ""));
  EXPECT_THAT(input->warnings, ElementsAre(HasSubstr(":2: task has no value, the first of 2 of 3 rows: fitted "
                                                     "there as a task without a name")));
  EXPECT_THAT(Read(ThreeRowsWith("model", "m", "m", "nan"))->warnings,
              ElementsAre(HasSubstr(":4: model has no value")));
}

TEST(ReadObservationsTest, LeavesColumnsWithoutAnyValueEmptyAndSaysSo) {
  for (const std::string column : {"cluster", "task", "weight", "score_variance"}) {
    const auto input = Read(ThreeRowsWith(column, "NaN", "", "NaN"));
    ASSERT_TRUE(input.ok()) << input.status();
    EXPECT_THAT(input->observations.cluster(), IsEmpty());
    EXPECT_THAT(input->observations.task(), IsEmpty());
    EXPECT_THAT(input->observations.weight(), IsEmpty());
    EXPECT_THAT(input->observations.score_variance(), IsEmpty());
    EXPECT_THAT(input->warnings,
                ElementsAre(HasSubstr(absl::StrCat(": ", column, " has no value in any row: not used"))));
  }
}

TEST(ReadObservationsTest, RefusesClustersThatOnlySomeFilesHave) {
  const TemporaryFile plain(std::string(kHeader) + "\n1e22,10,4096,0\n", "plain");
  const TemporaryFile clustered(ThreeRowsWith("cluster", "a", "b", "b"), "clustered");
  EXPECT_EQ(ReadObservations({{clustered.path(), plain.path()}, InputFormat::kAuto, "", ""}).status().message(),
            plain.path() +
                ": cluster has no value in 1 row, but in another file: must have one in every row or in "
                "none; give every row that stands alone a label of its own");
}

TEST(ReadObservationsTest, CountsOnlyRowsThatAreTaken) {
  EXPECT_TRUE(Read(ThreeRowsWith("weight", "2", "", "3"), "prompt_tokens != 20").ok());
}

TEST(ReadObservationsTest, TreatsAMemberThatTheFirstObjectLacksAsMissingThere) {
  const std::string row =
      R"({"training_compute_flops": 1e22, "prompt_tokens": 10, "context_limit_tokens": 4096, "score": 1)";
  const auto input = Read(row + "}\n" + row + R"(, "model": "m", "meta": {"score": [1]}})");
  ASSERT_TRUE(input.ok()) << input.status();
  EXPECT_THAT(input->observations.model(), ElementsAre("", "m"));
  EXPECT_THAT(input->warnings, ElementsAre(HasSubstr("not used, for --where only: column \"meta\""),
                                           HasSubstr(":1: model has no value, the only one of 2 rows")));
  EXPECT_THAT(ErrorOf(row + "}\n" + row + R"(, "weight": 3})"),
              HasSubstr(":1: weight has no value, the only one of 2"));
  EXPECT_THAT(ErrorOf(row + R"(, "weight": 3})" + "\n" + row + R"(, "weight": null})"), HasSubstr(":2: weight has no"));
  EXPECT_THAT(ErrorOf(row + R"(, "Weight": [3]})"), HasSubstr("holds neither a number nor text"));
}

TEST(ReadObservationsTest, ReadsNamesThatDifferByCapitalsSpacesOrHyphens) {
  const auto input = Read("Training_Compute_Flops,Prompt Tokens,context-limit-tokens,SCORE\n1e22,10,4096,0.5\n",
                          "prompt_tokens == 10");
  ASSERT_TRUE(input.ok()) << input.status();
  EXPECT_THAT(input->observations.prompt_tokens(), ElementsAre(10));
  EXPECT_THAT(input->warnings, ElementsAre(HasSubstr("read by another name: columns \"Training_Compute_Flops\" as "
                                                     "training_compute_flops, \"Prompt Tokens\" as prompt_tokens")));
  const auto exact = Read(std::string(kHeader) + ",Score\n1e22,10,4096,0.5,7\n");
  ASSERT_TRUE(exact.ok());
  EXPECT_THAT(exact->observations.score(), ElementsAre(0.5));
  EXPECT_THAT(exact->warnings, ElementsAre(HasSubstr("column \"Score\"")));
  EXPECT_THAT(ErrorOf("training_compute_flops,prompt_tokens,context_limit_tokens,Score,SCORE\n1e22,10,4096,0.5,0.6\n"),
              HasSubstr(":1: columns \"Score\" and \"SCORE\" both stand for score"));
}

TEST(ReadObservationsTest, IgnoresAnIndexWithoutAName) {
  const auto input = Read(absl::StrCat(",", kHeader, "\n0,1e22,10,4096,0.5\n"));
  ASSERT_TRUE(input.ok()) << input.status();
  EXPECT_THAT(input->observations.score(), ElementsAre(0.5));
  EXPECT_THAT(input->warnings, IsEmpty());
}

TEST(ReadObservationsTest, NamesTheRemedyForNumbersInAnotherNotation) {
  const auto error_of_prompt = [](const std::string& prompt) {
    return ErrorOf(absl::StrCat(kHeader, "\n1e22,\"", prompt, "\",4096,0\n"));
  };
  EXPECT_THAT(error_of_prompt("2,048"), HasSubstr("; the decimal mark is a point, and thousands have no separator"));
  EXPECT_THAT(error_of_prompt("16k"), HasSubstr("; write it in full, without a unit"));
  EXPECT_THAT(error_of_prompt("38.1 %"), HasSubstr("; write percentages without the sign, as shares"));
  EXPECT_THAT(error_of_prompt("ten"), Not(HasSubstr(";")));
}

TEST(ReadObservationsTest, DividesScoresByTheirScale) {
  const TemporaryFile file(std::string(kHeader) + ",score_variance\n1e22,10,4096,38.11,1000\n");
  ObservationSource source = {{file.path()}, InputFormat::kAuto, "", ""};
  source.score_scale = 100;
  const auto input = ReadObservations(source);
  ASSERT_TRUE(input.ok()) << input.status();
  EXPECT_THAT(input->observations.score(), ElementsAre(0.3811));
  EXPECT_THAT(input->observations.score_variance(), ElementsAre(0.1));
}

TEST(ReadObservationsTest, RefusesMissingColumns) {
  EXPECT_THAT(ErrorOf("prompt_tokens,score\n1,1\n"),
              HasSubstr(":1: required columns missing: training_compute_flops, context_limit_tokens"));
  EXPECT_THAT(ErrorOf("training_compute_flops,score\n1e22,1\n"),
              HasSubstr("a law with --no-context-factor --no-penalty does without prompts and limits"));
  EXPECT_THAT(ErrorOf("training_compute_flops,prompt_tokens,score\n1e22,10,1\n"),
              HasSubstr("missing: context_limit_tokens; there are \"training_compute_flops, prompt_tokens, score\"; a "
                        "law with --no-penalty does without limits"));
}

TEST(ReadObservationsTest, DoesWithoutColumnsThatAreNotNeeded) {
  const TemporaryFile bare("training_compute_flops,score\n1e22,1\n", "bare");
  const TemporaryFile full(std::string(kHeader) + "\n1e22,10,4096,0\n", "full");
  ObservationSource source = {{bare.path()}, InputFormat::kAuto, "", ""};
  source.needs_prompts = source.needs_limits = false;
  const auto input = ReadObservations(source);
  ASSERT_TRUE(input.ok()) << input.status();
  EXPECT_THAT(input->observations.score(), ElementsAre(1));
  EXPECT_THAT(input->observations.prompt_tokens(), IsEmpty());
  EXPECT_THAT(input->observations.context_limit_tokens(), IsEmpty());
  source.files = {full.path(), bare.path()};
  EXPECT_THAT(
      std::string(ReadObservations(source).status().message()),
      HasSubstr(":1: column prompt_tokens is missing, and in the files before: must be in all files or in none"));
  source.files = {bare.path(), full.path()};
  EXPECT_THAT(
      std::string(ReadObservations(source).status().message()),
      HasSubstr(":1: column prompt_tokens is here and not in the files before: must be in all files or in none"));
}

TEST(ReadObservationsTest, RefusesTextInANumericColumn) {
  EXPECT_THAT(ErrorOf(std::string(kHeader) + "\n1e22,10,4096,0\n1e22,ten,4096,0\n"),
              HasSubstr(":3: prompt_tokens = \"ten\": must be a number, finite and > 0"));
  EXPECT_THAT(ErrorOf(std::string(kHeader) + "\n1e22,10,4096,\n"), HasSubstr(":2: score = \"\": must be a number"));
}

TEST(ReadObservationsTest, RefusesAFileWithoutRows) {
  EXPECT_THAT(ErrorOf(""), HasSubstr("the file is empty"));
  EXPECT_THAT(ErrorOf(std::string(kHeader) + "\n"), HasSubstr("no rows after the header"));
}

TEST(ReadObservationsTest, KeepsRowsThatMeetTheWhereCondition) {
  const std::string content = std::string(kHeader) + ",shots\n1e22,10,4096,0,1\n1e22,20,4096,0,2\n1e22,30,4096,0,3\n";
  const auto input = Read(content, "shots >= 2 and prompt_tokens < 30");
  ASSERT_TRUE(input.ok()) << input.status();
  EXPECT_THAT(input->observations.prompt_tokens(), ElementsAre(20));
  EXPECT_THAT(ErrorOf(content, "shots > 9"), HasSubstr("none of the 3 rows"));
  EXPECT_THAT(ErrorOf(content, "shot > 9"), HasSubstr("there is no column \"shot\""));
  EXPECT_THAT(ErrorOf(std::string(kHeader) + ",shots\n1e22,10,4096,0,many\n", "shots > 9"),
              HasSubstr(":2: shots = \"many\": must be a number where --where compares it"));
}

TEST(ReadObservationsTest, MarksRowsThatMeetTheHoldOutCondition) {
  const TemporaryFile file(
      "training_compute_flops,prompt_tokens,context_limit_tokens,score,shots\n1e22,10,4096,0.5,0\n"
      "1e22,20,4096,0.5,1\n1e22,30,4096,0.5,2\n");
  const auto read = [&file](const std::string& where, const std::string& hold_out) {
    return ReadObservations({{file.path()}, InputFormat::kAuto, where, hold_out});
  };
  EXPECT_THAT(read("", "shots > 0")->observations.held_out(), ElementsAre(false, true, true));
  EXPECT_THAT(read("shots != 1", "shots > 0")->observations.held_out(), ElementsAre(false, true));
  EXPECT_THAT(read("", "")->observations.held_out(), IsEmpty());
  EXPECT_THAT(std::string(read("", "shots > 2").status().message()), HasSubstr("none of the 3 rows meets it"));
  EXPECT_THAT(std::string(read("shots == 2", "shots > 0").status().message()), HasSubstr("the only row meets it"));
}

TEST(ReadObservationsTest, GroupsRowsAndLeavesOutRowsOfNeitherGroup) {
  const TemporaryFile file(
      "training_compute_flops,prompt_tokens,context_limit_tokens,score,shots\n1e22,10,4096,0.5,0\n"
      "1e22,20,4096,0.5,1\n1e22,30,4096,0.5,2\n");
  const auto read = [&file](const std::string& a, const std::string& b) {
    return ReadObservations({{file.path()}, InputFormat::kAuto, "", "", a, b});
  };
  EXPECT_THAT(read("shots > 0", "")->group, ElementsAre("b", "a", "a"));
  EXPECT_THAT(read("shots == 2", "shots == 0")->group, ElementsAre("b", "a"));
  EXPECT_THAT(read("shots == 2", "shots == 0")->observations.prompt_tokens(), ElementsAre(10, 30));
  EXPECT_THAT(read("", "")->group, IsEmpty());
  EXPECT_THAT(std::string(read("shots > 2", "").status().message()),
              HasSubstr("--a 'shots > 2': none of the 3 rows is in this group"));
  EXPECT_EQ(read("shots > 0", "shots > 1").status().message(),
            file.path() + ":4: the row meets both --a and --b: must be in one group at most");
}

TEST(RowOriginsTest, TranslatesRowNumbersIntoFilesAndLines) {
  const TemporaryFile first(std::string(kHeader) + "\n1e22,10,4096,0\n\n1e22,20,4096,0\n", "first");
  const TemporaryFile second(std::string(kHeader) + "\n1e22,30,4096,0\n", "second");
  const auto input = ReadObservations({{first.path(), second.path()}, InputFormat::kAuto, "", ""});
  ASSERT_TRUE(input.ok());
  const auto translated = [&](const std::string& message) {
    return std::string(input->origins.Translate(absl::InvalidArgumentError(message)).message());
  };
  EXPECT_EQ(translated("observations.score[1] = 1.2: must be in [0, 1]"),
            first.path() + ":4: score = 1.2: must be in [0, 1]");
  EXPECT_EQ(translated("observations.score[2] = 1.2: must be in [0, 1]"),
            second.path() + ":2: score = 1.2: must be in [0, 1]");
  EXPECT_EQ(translated("options.seed = 1: no"), "options.seed = 1: no");
  EXPECT_EQ(translated("observations.score[3] = 1: no"), "observations.score[3] = 1: no");
}

}  // namespace
}  // namespace ctxfit

#include "client/input/observation_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "tests/client/input/temporary_file.h"

namespace ctxfit {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

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

TEST(ReadObservations, FindsColumnsByNameInAnyOrder) {
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

TEST(ReadObservations, ReadsTheSameFromJsonLines) {
  const auto input =
      Read(R"({"training_compute_flops": 1e22, "prompt_tokens": 10, "context_limit_tokens": 4096, "score": 1})");
  ASSERT_TRUE(input.ok()) << input.status();
  EXPECT_THAT(input->observations.prompt_tokens(), ElementsAre(10));
  EXPECT_THAT(input->observations.score(), ElementsAre(1));
}

TEST(ReadObservations, LeavesAbsentOptionalColumnsEmpty) {
  const auto input = Read(std::string(kHeader) + "\n1e22,10,4096,0\n");
  ASSERT_TRUE(input.ok());
  EXPECT_THAT(input->observations.weight(), IsEmpty());
  EXPECT_THAT(input->observations.task(), IsEmpty());
}

TEST(ReadObservations, FillsOptionalColumnsThatOnlySomeFilesHave) {
  const std::string header = kHeader;
  const TemporaryFile plain(header + "\n1e22,10,4096,0\n", "plain");
  const TemporaryFile full(header + ",weight,model\n1e22,20,4096,0,5,m\n1e22,30,4096,0,,m\n", "full");
  for (const auto& files : {std::vector{plain.path(), full.path()}, std::vector{full.path(), plain.path()}}) {
    const auto input = ReadObservations({files, InputFormat::kAuto, "", ""});
    ASSERT_TRUE(input.ok()) << input.status();
    for (int row = 0; row < 3; ++row) {
      const double prompt = input->observations.prompt_tokens(row);
      EXPECT_EQ(input->observations.weight(row), prompt == 20 ? 5 : 1);
      EXPECT_EQ(input->observations.model(row), prompt == 10 ? "" : "m");
    }
  }
}

TEST(ReadObservations, NamesUnknownColumnsInAWarning) {
  const auto input = Read(std::string(kHeader) + ",shots,note\n1e22,10,4096,0,3,x\n");
  ASSERT_TRUE(input.ok());
  EXPECT_THAT(input->warnings, ElementsAre(HasSubstr("columns \"shots\", \"note\"")));
}

TEST(ReadObservations, RefusesMissingColumns) {
  EXPECT_THAT(ErrorOf("prompt_tokens,score\n1,1\n"),
              HasSubstr(":1: required columns missing: training_compute_flops, context_limit_tokens"));
}

TEST(ReadObservations, RefusesTextInANumericColumn) {
  EXPECT_THAT(ErrorOf(std::string(kHeader) + "\n1e22,10,4096,0\n1e22,ten,4096,0\n"),
              HasSubstr(":3: prompt_tokens = \"ten\": must be a number, finite and > 0"));
  EXPECT_THAT(ErrorOf(std::string(kHeader) + "\n1e22,10,4096,\n"), HasSubstr(":2: score = \"\": must be a number"));
}

TEST(ReadObservations, RefusesAFileWithoutRows) {
  EXPECT_THAT(ErrorOf(""), HasSubstr("the file is empty"));
  EXPECT_THAT(ErrorOf(std::string(kHeader) + "\n"), HasSubstr("no rows behind the header"));
}

TEST(ReadObservations, KeepsRowsThatMeetTheWhereCondition) {
  const std::string content = std::string(kHeader) + ",shots\n1e22,10,4096,0,1\n1e22,20,4096,0,2\n1e22,30,4096,0,3\n";
  const auto input = Read(content, "shots >= 2 and prompt_tokens < 30");
  ASSERT_TRUE(input.ok()) << input.status();
  EXPECT_THAT(input->observations.prompt_tokens(), ElementsAre(20));
  EXPECT_THAT(ErrorOf(content, "shots > 9"), HasSubstr("none of the 3 rows"));
  EXPECT_THAT(ErrorOf(content, "shot > 9"), HasSubstr("there is no column \"shot\""));
  EXPECT_THAT(ErrorOf(std::string(kHeader) + ",shots\n1e22,10,4096,0,many\n", "shots > 9"),
              HasSubstr(":2: shots = \"many\": must be a number where --where compares it"));
}

TEST(ReadObservations, MarksRowsThatMeetTheHoldOutCondition) {
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
  EXPECT_THAT(std::string(read("shots == 2", "shots > 0").status().message()), HasSubstr("all of the 1 rows meet it"));
}

TEST(ReadObservations, GroupsRowsAndLeavesOutRowsOfNeitherGroup) {
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

TEST(RowOrigins, TranslatesRowNumbersIntoFilesAndLines) {
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

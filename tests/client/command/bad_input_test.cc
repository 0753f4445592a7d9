#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/client/command/ctxfit_fixture.h"
#include "tests/client/command/run_command.h"

namespace ctxfit {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kHeader[] = "training_compute_flops,prompt_tokens,context_limit_tokens,score";

// Runs the whole program on unusable and on degenerate files.
class BadInputTest : public CtxfitTest {
 protected:
  // Returns the error of `ctxfit fit` for a file that it must refuse.
  std::string ErrorOf(const std::string& content) const {
    const std::string path = Write("bad.csv", content);
    const CommandResult result = Run({"fit", path});
    EXPECT_EQ(result.exit_code, 2) << result.err;
    EXPECT_THAT(result.out, IsEmpty());
    EXPECT_THAT(result.err, HasSubstr(path));
    return result.err;
  }

  // Returns the fit of a degenerate but usable file; every number in it must be finite.
  json FitOf(const std::string& content) const {
    const json response = RunForJson({"fit", Write("poor.csv", content), "--format", "json"});
    EXPECT_THAT(response.dump(), Not(HasSubstr("NaN")));
    EXPECT_THAT(response.dump(), Not(HasSubstr("Infinity")));
    EXPECT_EQ(Run({"fit", Path("poor.csv"), "--plot", Path("poor.svg")}).exit_code, 0);
    EXPECT_THAT(Read(Path("poor.svg")), Not(HasSubstr("nan")));
    return response["fits"][0];
  }

  // Returns a file with this row in line 3, between two good ones.
  static std::string WithRow(const std::string& row) {
    return std::string(kHeader) + "\n1e22,10,4096,0.1\n" + row + "\n1e23,20,4096,0.2\n";
  }
};

TEST_F(BadInputTest, RefusesAnEmptyFileAndAHeaderAlone) {
  EXPECT_THAT(ErrorOf(""), HasSubstr("the file is empty"));
  EXPECT_THAT(ErrorOf(std::string(kHeader) + "\n"), HasSubstr("no rows after the header"));
}

TEST_F(BadInputTest, RefusesAMissingColumn) {
  EXPECT_THAT(ErrorOf("training_compute_flops,prompt_tokens,score\n1e22,10,0\n"),
              HasSubstr(":1: required column missing: context_limit_tokens"));
}

TEST_F(BadInputTest, NamesLineColumnValueAndRuleOfANumberOutOfRange) {
  EXPECT_THAT(ErrorOf(WithRow("1e22,10,4096,1.2")), HasSubstr(":3: score = 1.2: must be"));
  EXPECT_THAT(ErrorOf(WithRow("1e22,10,4096,-0.1")), HasSubstr(":3: score = -0.1: must be"));
  EXPECT_THAT(ErrorOf(WithRow("1e22,10,4096,nan")), HasSubstr(":3: score = nan: must be"));
  EXPECT_THAT(ErrorOf(WithRow("inf,10,4096,0.1")), HasSubstr(":3: training_compute_flops = inf: must be"));
  EXPECT_THAT(ErrorOf(WithRow("1e22,-5,4096,0.1")), HasSubstr(":3: prompt_tokens = -5: must be"));
  EXPECT_THAT(ErrorOf(WithRow("1e22,10,0,0.1")), HasSubstr(":3: context_limit_tokens = 0: must be"));
  EXPECT_THAT(ErrorOf(WithRow("1e999,10,4096,0.1")), HasSubstr(":3: training_compute_flops = inf: must be"));
}

TEST_F(BadInputTest, NamesLineColumnValueAndRuleOfTextInANumber) {
  EXPECT_THAT(ErrorOf(WithRow("1e22,ten,4096,0.1")), HasSubstr(":3: prompt_tokens = \"ten\": must be a number"));
  EXPECT_THAT(ErrorOf(WithRow("1e22,10,4096,")), HasSubstr(":3: score = \"\": must be a number"));
}

TEST_F(BadInputTest, RefusesWeightsOfZeroAndEmptyClusters) {
  EXPECT_THAT(ErrorOf(std::string(kHeader) + ",weight\n1e22,10,4096,0.1,0\n"), HasSubstr(":2: weight = 0: must be"));
  EXPECT_THAT(ErrorOf(std::string(kHeader) + ",cluster\n1e22,10,4096,0.1,a\n1e22,10,4096,0.1,\n"),
              HasSubstr(":3: cluster has no value"));
}

TEST_F(BadInputTest, RefusesScoresJustAboveOneAndPercentagesWithoutTheirScale) {
  EXPECT_THAT(ErrorOf(WithRow("1e22,10,4096,1.0000000000000002")),
              HasSubstr(":3: score = 1.0000000000000002: must be"));
  const std::string percentages = std::string(kHeader) + "\n1e22,10,4096,60.6\n1e23,20,4096,84.2\n";
  EXPECT_THAT(ErrorOf(percentages), HasSubstr("--score-scale 100"));
  EXPECT_EQ(Run({"fit", Write("percent.csv", percentages), "--score-scale", "100"}).exit_code, 0);
  EXPECT_EQ(Run({"fit", Path("percent.csv"), "--score-scale", "0"}).exit_code, 2);
}

TEST_F(BadInputTest, RefusesAFloorOfATaskThatIsNotThere) {
  const std::string path = Write("tasks.csv", std::string(kHeader) + ",task\n1e22,10,4096,0.1,qa\n");
  const CommandResult result = Run({"fit", path, "--floor", "q=0.25"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("--floor q: must name a task of the observations, which are \"qa\""));
}

TEST_F(BadInputTest, WarnsOfImplausibleComputes) {
  const json fit = FitOf(std::string(kHeader) + "\n22,10,4096,0.1\n23,20,4096,0.2\n24,30,4096,0.3\n");
  EXPECT_THAT(fit["diagnostics"]["warnings"][0].get<std::string>(), HasSubstr("look like log10 of FLOP"));
}

TEST_F(BadInputTest, RefusesRaggedRowsAndBrokenQuotes) {
  EXPECT_THAT(ErrorOf(WithRow("1e22,10,4096")), HasSubstr(":3: the row has 3 fields, the header 4"));
  EXPECT_THAT(ErrorOf(WithRow("1e22,10,4096,\"0.1")), HasSubstr(":3: the record that begins here does not end"));
}

TEST_F(BadInputTest, RefusesALineOfTenMegabytesAndTruncatedUtf8) {
  EXPECT_THAT(ErrorOf(WithRow(std::string(10 << 20, '1'))), HasSubstr(":3: the line is longer than"));
  EXPECT_THAT(ErrorOf(std::string(kHeader) + ",model\n1e22,10,4096,0.1,caf\xC3\n"), HasSubstr("is not UTF-8"));
}

TEST_F(BadInputTest, RefusesFilesOfOtherKinds) {
  EXPECT_THAT(ErrorOf("\x7F"
                      "ELF\x02\x01\x01\xFF\xFE"),
              HasSubstr("is not UTF-8"));
  EXPECT_THAT(ErrorOf("{\"score\": [1]}\n"), HasSubstr("holds neither a number nor text"));
  EXPECT_EQ(Run({"fit", folder_}).exit_code, 2);
  EXPECT_EQ(Run({"fit", Path("nothing.csv")}).exit_code, 2);
}

TEST_F(BadInputTest, FitsASingleRecordAndWarns) {
  const json fit = FitOf(std::string(kHeader) + "\n1e22,10,4096,0.5\n");
  EXPECT_EQ(fit["goodness"]["record_count"], "1");
  EXPECT_FALSE(fit["diagnostics"]["warnings"].empty());
}

TEST_F(BadInputTest, FitsOneComputeLevelAndReportsThatAlphaIsNotIdentified) {
  const json fit = FitOf(std::string(kHeader) +
                         "\n1e22,10,4096,0.1\n1e22,100,4096,0.3\n1e22,1000,4096,0.45\n1e22,3000,4096,0.5\n"
                         "1e22,50,4096,0.25\n1e22,500,4096,0.4\n");
  for (const auto& estimate : fit["estimates"]) {
    if (estimate["name"] != "compute_exponent") continue;
    EXPECT_EQ(estimate["identified"], false);
    EXPECT_FALSE(estimate["reason"].get<std::string>().empty());
    EXPECT_FALSE(estimate.contains("lower"));
  }
  EXPECT_FALSE(fit["diagnostics"]["warnings"].empty());
}

TEST_F(BadInputTest, FitsScoresThatAreAllEqualAndWarns) {
  for (const std::string score : {"0", "0.5", "1"}) {
    std::string content = std::string(kHeader) + "\n";
    for (const char* compute : {"1e22", "1e23"}) {
      for (const char* prompt : {"10", "100", "1000"}) {
        content += std::string(compute) + "," + prompt + ",4096," + score + "\n";
      }
    }
    const json fit = FitOf(content);
    EXPECT_FALSE(fit["goodness"].contains("r_squared")) << score;
    EXPECT_FALSE(fit["diagnostics"]["warnings"].empty()) << score;
  }
}

TEST_F(BadInputTest, FitsClustersOfOneRow) {
  std::string content = std::string(kHeader) + ",cluster\n";
  int row = 0;
  for (const char* compute : {"1e22", "3e22", "1e23"}) {
    for (const char* prompt : {"10", "100", "1000"}) {
      content += std::string(compute) + "," + prompt + ",4096,0." + std::to_string(1 + row % 7) + ",c" +
                 std::to_string(row) + "\n";
      ++row;
    }
  }
  const json fit = FitOf(content);
  EXPECT_EQ(fit["bootstrap"]["unit"], "RESAMPLING_UNIT_CLUSTER");
  EXPECT_EQ(fit["bootstrap"]["unit_count"], "9");
}

TEST_F(BadInputTest, SaysWhereVariancesChangeNoInterval) {
  const std::string rows =
      "training_compute_flops,prompt_tokens,context_limit_tokens,score,weight,score_variance,cluster\n"
      "1e22,100,4096,0.2,50,0.1,a\n1e22,400,4096,0.3,50,0.1,b\n2e22,200,4096,0.3,50,0.1,c\n3e22,900,4096,0.5,50,0.1,d\n"
      "4e22,300,4096,0.4,50,0.1,e\n8e22,800,4096,0.6,50,0.1,f\n";
  const std::string path = Write("means.csv", rows);
  const auto note = [&path](const std::vector<std::string>& more) {
    std::vector<std::string> command = {"fit", path};
    command.insert(command.end(), more.begin(), more.end());
    return Run(command).err;
  };
  EXPECT_THAT(note({}), Not(HasSubstr("score_variance"))) << "there are clusters";
  EXPECT_THAT(note({"--resample", "record"}), HasSubstr("score_variance changes no interval here"));
  EXPECT_THAT(note({"--resample", "record", "--replicates", "0"}), Not(HasSubstr("score_variance")));
  EXPECT_THAT(note({"--resample", "record", "--quiet"}), Not(HasSubstr("score_variance")));
}

}  // namespace
}  // namespace ctxfit

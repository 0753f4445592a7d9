#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "tests/client/command/ctxfit_fixture.h"
#include "tests/client/command/run_command.h"
#include "tests/client/well_formed.h"

namespace ctxfit {
namespace {

using nlohmann::json;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class FitCommandTest : public CtxfitTest {
 protected:
  static std::string NaturalQuestions() { return Data("natural_questions_shots.csv"); }

  // Converts rows to JSON Lines. `csv` has no quotes and no empty fields.
  static std::string ToJsonLines(const std::string& csv) {
    std::istringstream lines(csv);
    std::string line;
    std::getline(lines, line);
    const std::vector<std::string> columns = Fields(line);
    std::string text;
    while (std::getline(lines, line)) {
      json row;
      const std::vector<std::string> fields = Fields(line);
      for (std::size_t i = 0; i < columns.size(); ++i) {
        const bool is_text = columns[i] == "task" || columns[i] == "model";
        row[columns[i]] = is_text ? json(fields[i]) : json(std::stod(fields[i]));
      }
      text += row.dump() + "\n";
    }
    return text;
  }

  static std::vector<std::string> Fields(const std::string& line) {
    std::istringstream stream(line);
    std::vector<std::string> fields;
    for (std::string field; std::getline(stream, field, ',');) fields.push_back(field);
    return fields;
  }
};

TEST_F(FitCommandTest, DoesWithoutColumnsThatTheLawDoesNotUse) {
  const std::string full = "training_compute_flops,prompt_tokens,context_limit_tokens,score\n";
  std::string rows;
  std::string bare_rows;
  for (int i = 0; i < 24; ++i) {
    const int model = i / 4;
    const std::string compute = std::to_string(model + 1) + "e22";
    const std::string score = std::to_string(0.3 + 0.02 * model + 0.01 * (i % 4));
    rows += compute + "," + std::to_string(100 * (i % 4 + 1)) + ",4096," + score + "\n";
    bare_rows += compute + "," + score + "\n";
  }
  const std::string with = Write("with.csv", full + rows);
  const std::string without = Write("without.csv", "training_compute_flops,score\n" + bare_rows);
  const std::vector<std::string> options = {"--no-context-factor", "--no-penalty", "--format", "json"};
  std::vector<std::string> fit = {"fit", with, "--out", Path("with.json")};
  fit.insert(fit.end(), options.begin(), options.end());
  const json expected = RunForJson(fit);
  fit[1] = without;
  fit[3] = Path("without.json");
  const json actual = RunForJson(fit);
  for (const char* name : {"compute_coefficient", "compute_exponent"}) {
    // Sums over cells in another order, through a search.
    EXPECT_NEAR(EstimateOf(actual, name)["value"], EstimateOf(expected, name)["value"], 1e-6) << name;
  }
  const CommandResult predicted = Run({"predict", Path("without.json"), "--compute", "3e22"});
  EXPECT_EQ(predicted.exit_code, 0) << predicted.err;
  EXPECT_THAT(predicted.out, testing::Not(HasSubstr("prompt")));
  EXPECT_EQ(Run({"evaluate", Path("without.json"), without}).exit_code, 0);
  EXPECT_THAT(Run({"fit", without, "--no-context-factor", "--no-penalty", "--plot", Path("a.svg")}).err,
              HasSubstr("required column missing: prompt_tokens; "));
  EXPECT_EQ(Run({"fit", without}).exit_code, 2);
}

TEST_F(FitCommandTest, PrintsATableAndNamesUnknownColumnsInAWarning) {
  const CommandResult result = Run({"fit", NaturalQuestions()});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.out, HasSubstr("naturalquestions_em: 48 records, 12 model levels, converged"));
  EXPECT_THAT(result.out, ContainsRegex("compute_exponent +0\\.2376"));
  EXPECT_THAT(result.err, HasSubstr("column \"shots\""));
  EXPECT_THAT(Run({"fit", NaturalQuestions(), "--quiet"}).err, IsEmpty());
}

TEST_F(FitCommandTest, AgreesWithScipyOnRealData) {
  // Tolerance: half a unit of the last of three decimals to which tests/data/README.md states SciPy's optima.
  const json questions = RunForJson({"fit", NaturalQuestions(), "--format", "json"});
  EXPECT_NEAR(EstimateOf(questions, "compute_exponent")["value"], 0.238, 0.0005);
  EXPECT_NEAR(EstimateOf(questions, "context_exponent")["value"], 0.498, 0.0005);
  const json yarn = RunForJson({"fit", Data("yarn_inverse_perplexity.csv"), "--format", "json", "--where",
                                "prompt_tokens < context_limit_tokens"});
  EXPECT_NEAR(EstimateOf(yarn, "compute_exponent")["value"], 0.143, 0.0005);
  EXPECT_NEAR(EstimateOf(yarn, "context_exponent")["value"], 0.234, 0.0005);
  EXPECT_NEAR(yarn["fits"][0]["goodness"]["mae"], 0.0061, 0.00005);
}

TEST_F(FitCommandTest, WritesThePrintedJsonToTheOutFile) {
  const CommandResult result = Run({"fit", NaturalQuestions(), "--format", "json", "--out", Path("fit.json")});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(Read(Path("fit.json")), result.out);
}

TEST_F(FitCommandTest, RepeatedFitGivesTheSameJson) {
  const std::vector<std::string> command = {"fit", NaturalQuestions(), "--format", "json", "--seed", "5"};
  EXPECT_EQ(WithoutDurations(RunForJson(command)), WithoutDurations(RunForJson(command)));
}

TEST_F(FitCommandTest, ReadsJsonLinesAndStandardInputLikeAFile) {
  const json expected = WithoutDurations(RunForJson({"fit", NaturalQuestions(), "--format", "json"}));
  const std::string csv = Read(NaturalQuestions());
  const std::string lines = ToJsonLines(csv);
  EXPECT_EQ(WithoutDurations(RunForJson({"fit", "-", "--format", "json"}, csv)), expected);
  EXPECT_EQ(WithoutDurations(RunForJson({"fit", "-", "--format", "json"}, lines)), expected);
  EXPECT_EQ(WithoutDurations(RunForJson({"fit", Write("rows.jsonl", lines), "--format", "json"})), expected);
}

TEST_F(FitCommandTest, ReadsALargeGzipFileOfInstances) {
  const json response = RunForJson(
      {"fit", Data("manyshot_banking77_instances.csv.gz"), "--format", "json", "--replicates", "20", "--quiet"});
  EXPECT_EQ(response["fits"][0]["goodness"]["record_count"], "120000");
  EXPECT_EQ(response["fits"][0]["bootstrap"]["unit_count"], "480");
}

TEST_F(FitCommandTest, FitsOneLawPerTaskOfSeveralFiles) {
  const json response = RunForJson({"fit", NaturalQuestions(), Data("ruler.csv"), "--format", "json"});
  ASSERT_EQ(response["fits"].size(), 2u);
  EXPECT_EQ(response["fits"][0]["task"], "naturalquestions_em");
  EXPECT_EQ(response["fits"][1]["task"], "ruler_avg13");
  EXPECT_EQ(response["fits"][1]["goodness"]["record_count"], "67");
}

TEST_F(FitCommandTest, PlotDrawsAPicturePerTask) {
  ASSERT_EQ(Run({"fit", NaturalQuestions(), "--plot", Path("one.svg")}).exit_code, 0);
  const std::string one = Read(Path("one.svg"));
  EXPECT_TRUE(IsWellFormed(one));
  EXPECT_THAT(one, HasSubstr("naturalquestions_em: score against prompt length"));
  ASSERT_EQ(Run({"fit", NaturalQuestions(), Data("ruler.csv"), "--plot", Path("two.svg")}).exit_code, 0);
  EXPECT_TRUE(IsWellFormed(Read(Path("two-naturalquestions_em.svg"))));
  EXPECT_TRUE(IsWellFormed(Read(Path("two-ruler_avg13.svg"))));
  EXPECT_FALSE(std::filesystem::exists(Path("two.svg")));
}

TEST_F(FitCommandTest, FlagsSetTheOptionsOfTheRequest) {
  const json response = RunForJson({"fit",
                                    NaturalQuestions(),
                                    "--format",
                                    "json",
                                    "--seed",
                                    "7",
                                    "--candidates",
                                    "100",
                                    "--replicates",
                                    "50",
                                    "--confidence",
                                    "0.9",
                                    "--backend",
                                    "cpu",
                                    "--penalty-width",
                                    "10%",
                                    "--penalty-onset",
                                    "1.3",
                                    "--fix",
                                    "compute_exponent=0.25",
                                    "--bound",
                                    "context_exponent=0.1:2",
                                    "--reference-compute",
                                    "1e23",
                                    "--reference-prompt",
                                    "100",
                                    "--loss",
                                    "squared",
                                    "--timeout",
                                    "100"});
  const json& fit = response["fits"][0];
  EXPECT_EQ(fit["provenance"]["seed"], "7");
  EXPECT_EQ(fit["provenance"]["backend"], "cpu");
  EXPECT_EQ(fit["search"]["candidate_count"], 100);
  EXPECT_EQ(fit["bootstrap"]["replicate_count"], 50);
  EXPECT_EQ(fit["bootstrap"]["confidence"], 0.9);
  EXPECT_EQ(fit["parameters"]["penalty_width_ratio"], 0.1);
  EXPECT_EQ(fit["parameters"]["penalty_onset_ratio"], 1.3);
  EXPECT_EQ(fit["parameters"]["compute_reference_flops"], 1e23);
  EXPECT_EQ(fit["parameters"]["prompt_reference_tokens"], 100);
  EXPECT_EQ(EstimateOf(response, "compute_exponent")["value"], 0.25);
  EXPECT_EQ(EstimateOf(response, "compute_exponent")["fixed"], true);
  const json without = RunForJson({"fit", NaturalQuestions(), "--format", "json", "--no-penalty", "--replicates", "0"});
  EXPECT_FALSE(without["fits"][0]["parameters"].contains("penalty_onset_ratio"));
  EXPECT_FALSE(EstimateOf(without, "compute_exponent").contains("lower"));
}

// Returns the default that --help states for `flag`.
std::string DefaultInHelp(const std::string& help, const std::string& flag) {
  const std::string mark = "(default: ";
  const std::size_t start = help.find(mark, help.find("\n  " + flag + " ")) + mark.size();
  return help.substr(start, help.find(")\n", start) - start);
}

TEST_F(FitCommandTest, HelpStatesTheDefaultsThatAFitUses) {
  const json response = RunForJson({"fit", NaturalQuestions(), "--format", "json", "--quiet"});
  const json& options = response["fits"][0]["provenance"]["options"];
  const std::string help = Run({"fit", "--help"}).out;
  EXPECT_EQ(DefaultInHelp(help, "--replicates"), options["bootstrap"]["replicates"].dump());
  EXPECT_EQ(DefaultInHelp(help, "--confidence"), options["bootstrap"]["confidence"].dump());
  EXPECT_EQ(DefaultInHelp(help, "--penalty-width"), options["penalty"]["width_tokens"].dump());
  EXPECT_EQ(DefaultInHelp(help, "--floor"), options["floor"]["value"].dump());
  EXPECT_EQ(DefaultInHelp(help, "--ceiling"), options["ceiling"]["value"].dump());
  EXPECT_EQ(DefaultInHelp(help, "--seed"), "0");
  EXPECT_EQ(DefaultInHelp(help, "--huber-threshold"), "0.05");
  EXPECT_EQ(DefaultInHelp(help, "--candidates"), "the backend's");
  EXPECT_EQ(DefaultInHelp(help, "--loss"), "squared");
  EXPECT_EQ(options["loss"], "LOSS_SQUARED");
  EXPECT_EQ(DefaultInHelp(help, "--weights"), "exponential");
  EXPECT_EQ(options["bootstrap"]["weights"], "WEIGHT_KIND_EXPONENTIAL");
}

TEST_F(FitCommandTest, ReportsAParameterThatEndsOnItsBound) {
  const json response =
      RunForJson({"fit", NaturalQuestions(), "--format", "json", "--bound", "context_exponent=0:0.3"});
  EXPECT_THAT(response["fits"][0]["diagnostics"]["active_bounds"].dump(),
              HasSubstr("context_exponent at its upper bound 0.3"));
}

TEST_F(FitCommandTest, RefusesUnusableFitArguments) {
  const auto error = [](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"fit", NaturalQuestions()});
    const CommandResult result = Run(arguments);
    EXPECT_EQ(result.exit_code, 2) << result.err;
    EXPECT_THAT(result.out, IsEmpty());
    return result.err;
  };
  EXPECT_THAT(error({"--nonsense"}), HasSubstr("--nonsense"));
  EXPECT_THAT(error({"--format", "xml"}), HasSubstr("--format: xml not in {json,table}"));
  EXPECT_THAT(error({"--loss", "cauchy"}), HasSubstr("--loss: cauchy not in {"));
  EXPECT_THAT(error({"--penalty-width", "wide"}), HasSubstr("--penalty-width \"wide\""));
  EXPECT_THAT(error({"--floor", "high"}), HasSubstr("--floor \"high\""));
  EXPECT_THAT(error({"--penalty-onset", "late"}), HasSubstr("--penalty-onset \"late\""));
  EXPECT_THAT(error({"--penalty-width", "-1"}), HasSubstr("-1"));
  EXPECT_THAT(error({"--no-penalty", "--penalty-onset", "1"}), HasSubstr("--no-penalty"));
  EXPECT_THAT(error({"--confidence", "1.5"}), HasSubstr("1.5"));
  EXPECT_THAT(error({"--replicates", "5"}), HasSubstr("5"));
  EXPECT_THAT(error({"--fix", "nonsense=1"}), HasSubstr("nonsense"));
  EXPECT_THAT(error({"--bound", "compute_exponent=2:1"}), HasSubstr("compute_exponent"));
  EXPECT_THAT(error({"--timeout", "0"}), HasSubstr("--timeout"));
  EXPECT_THAT(error({"--where", "score >"}), HasSubstr("position 8"));
  EXPECT_THAT(error({"--where", "score > 1"}), HasSubstr("none of the 48 rows"));
}

TEST_F(FitCommandTest, NamesAnUnwritableOutFile) {
  const CommandResult result = Run({"fit", NaturalQuestions(), "--out", Path("no/such/folder/fit.json")});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("No such file or directory"));
  EXPECT_THAT(result.out, IsEmpty());
}

TEST_F(FitCommandTest, NamesAnUnreachableServer) {
  const CommandResult result = Run({"fit", NaturalQuestions(), "--server", "127.0.0.1:1", "--quiet"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("no service at 127.0.0.1:1"));
}

TEST_F(FitCommandTest, TracesItsStepsOnStandardErrorOnlyIfAskedTo) {
  const std::vector<std::string> fit = Command({"fit", Data("ruler.csv"), "--format", "json"});
  std::vector<std::string> traced = fit;
  traced.insert(traced.begin(), {"/usr/bin/env", "CTXFIT_TRACE=1"});
  const CommandResult without = RunCommand(fit);
  const CommandResult with = RunCommand(traced);
  EXPECT_EQ(without.err, "");
  EXPECT_THAT(with.err, HasSubstr("level=trace event=basin task=\"ruler_avg13\" deviance=0 ends="));
  EXPECT_EQ(WithoutDurations(json::parse(with.out)), WithoutDurations(json::parse(without.out)));
}

// Fixture with a fit that takes minutes.
class LongFitTest : public CtxfitTest {
 protected:
  LongFitTest() {
    EXPECT_EQ(Run({"simulate", "--records", "20000", "--crossed", "--out", Path("long.csv")}).exit_code, 0);
  }
  std::vector<std::string> LongFit() const {
    return {"fit", Path("long.csv"), "--resample", "record", "--replicates", "100000"};
  }
};

TEST_F(LongFitTest, FitEndsAtTheTimeout) {
  std::vector<std::string> command = LongFit();
  command.insert(command.end(), {"--timeout", "0.5", "--out", Path("fit.json")});
  const CommandResult result = Run(command);  // which kills what takes minutes
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("no answer within the 0.5 s of --timeout"));
  EXPECT_FALSE(std::filesystem::exists(Path("fit.json")));
}

TEST_F(LongFitTest, FitEndsAtAnInterrupt) {
  std::vector<std::string> traced = Command(LongFit());
  traced.insert(traced.begin(), {"/usr/bin/env", "CTXFIT_TRACE=1"});
  RunningCommand command(traced);
  ASSERT_TRUE(command.AwaitErr("event=refinement ")) << command.Err();
  command.Signal(SIGINT);
  const CommandResult result = command.Wait();
  EXPECT_EQ(result.exit_code, 130);
  EXPECT_THAT(result.err, HasSubstr("ctxfit: interrupted"));
}

}  // namespace
}  // namespace ctxfit

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
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
using ::testing::StartsWith;

constexpr char kHeader[] =
    "training_compute_flops,prompt_tokens,context_limit_tokens,score,cluster,cluster_2,task,model,shots\n";

class ConvertCommandTest : public CtxfitTest {
 protected:
  ConvertCommandTest() { std::filesystem::create_directories(Path("runs/a__one")); }

  static std::string Models() { return CTXFIT_MODELS "/llama2_yarn.csv"; }

  // Writes runs of two models with 0, 3 and 31 shots. Their scores follow the law with A = 1, alpha = 0.5 at C^c =
  // 1e23, and B = 1, beta = 0.4 at n^c = 1000.
  void WriteRuns() const {
    const std::vector<std::pair<std::string, double>> models = {{"Llama-2-7b-hf", 7.7715259392e22},
                                                                {"meta-llama_Llama-2-13b-hf", 1.5225821184e23}};
    for (const auto& [model, compute] : models) {
      for (const int shots : {0, 3, 31}) {
        json run = {{"metric", "m"}, {"n_shots", shots}, {"shots", nullptr}, {"metric_value", 0.5}};
        for (int i = 0; i < 5; ++i) {
          const double length = 50 * (shots + 1) + i;
          const double score =
              (1 - std::exp(-std::pow(compute / 1e23, 0.5))) * (1 - std::exp(-std::pow(length / 1e3, 0.4)));
          run["instances"].push_back({{"instance_id", 4}, {"prompt_length", length}, {"metric_value", score}});
        }
        Write("runs/dataset=gsm,model=" + model + ",shots=" + std::to_string(shots) + ",local_seed=1.json",
              run.dump(4));
      }
    }
  }
};

TEST_F(ConvertCommandTest, FitOfConvertedRunsRecoversTheLaw) {
  WriteRuns();
  Write("runs/notes.json", "{}");
  const CommandResult result =
      Run({"convert", "eval-outputs", Path("runs"), "--models", Models(), "--out", Path("scores.csv")});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, IsEmpty());
  EXPECT_THAT(result.err, StartsWith("ctxfit: 1 .json file left out"));
  EXPECT_THAT(result.err, HasSubstr("\nctxfit: 6 clusters, each a run, whose items share their shots."));
  EXPECT_THAT(Read(Path("scores.csv")), StartsWith(kHeader));

  const json response = RunForJson({"fit", Path("scores.csv"), "--format", "json", "--replicates", "0",
                                    "--reference-compute", "1e23", "--reference-prompt", "1000"});
  EXPECT_EQ(response["fits"][0]["task"], "gsm");
  EXPECT_EQ(response["fits"][0]["goodness"]["record_count"], "30");
  // Tolerance: the scores lie on the law, so the fit is as exact as the refinement, 1e-6 in a parameter.
  EXPECT_NEAR(EstimateOf(response, "compute_exponent")["value"], 0.5, 1e-4);
  EXPECT_NEAR(EstimateOf(response, "context_exponent")["value"], 0.4, 1e-4);
}

TEST_F(ConvertCommandTest, KeepsTheSmallestScoresExactly) {
  for (const char* score : {"2e-308", "0.5", "1.0"}) {
    Write(std::string("runs/dataset=d") + score + ",model=Llama-2-7b-hf,shots=1,local_seed=1.json",
          std::string(R"({"instances": [{"prompt_length": 9, "metric_value": )") + score + "}]}");
  }
  const CommandResult result =
      Run({"convert", "eval-outputs", Path("runs"), "--models", Models(), "--task", "translation"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("e+22,9,4096,2e-308,"));
  const json response = RunForJson({"fit", "-", "--format", "json", "--replicates", "0"}, result.out);
  EXPECT_EQ(response["fits"].size(), 1);
}

TEST_F(ConvertCommandTest, ConvertsSamplesOfLmEvaluationHarness) {
  const std::string models =
      Write("models.csv", "model,training_compute_flops,context_limit_tokens\na/one,1e22,4096\n");
  Write("runs/a__one/samples_arc_2024-05-29T14-33-44.1.jsonl",
        R"({"doc_id": 0, "arguments": [["How so?", " so"]], "metrics": ["acc", "acc_norm"], "acc": 1, "acc_norm": 0})");
  const CommandResult result = Run({"convert", "lm-eval", Path("runs"), "--models", models, "--metric", "acc",
                                    "--tokens-per-character", "0.25", "--task", "all"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, StartsWith("ctxfit: 1 cluster, each a file, one model on one task."));
  EXPECT_EQ(result.out,
            std::string(kHeader) + "1e+22,1.75,4096,1,a__one/samples_arc_2024-05-29T14-33-44.1,arc/0,all,a/one,\n");
}

TEST_F(ConvertCommandTest, ConvertsTasksOfDifferentMetricsAndPromptsThatWereCutInOneCall) {
  const std::string models =
      Write("models.csv", "model,training_compute_flops,context_limit_tokens\na/one,1e22,4096\n");
  const std::string time = "2024-05-29T14-33-44.1";
  Write("runs/a__one/samples_arc_" + time + ".jsonl",
        R"({"doc_id": 0, "prompt_tokens": 9, "metrics": ["acc", "acc_norm"], "acc": 1, "acc_norm": 0})");
  Write("runs/a__one/samples_qa_" + time + ".jsonl",
        R"({"doc_id": 0, "prompt_tokens": 5000, "metrics": ["f1"], "f1": 0.5})");
  Write("runs/a__one/results_" + time + ".json", R"({"model_name": "a/one", "max_length": 4096})");
  std::vector<std::string> command = {"convert",      "lm-eval",  Path("runs"), "--models", models, "--metric",
                                      "arc=acc_norm", "--metric", "f1",         "--filter", "none"};
  const CommandResult left_out = Run(command);
  EXPECT_EQ(left_out.exit_code, 0) << left_out.err;
  EXPECT_THAT(left_out.err, HasSubstr("1 sample left out whose prompt did not fit"));
  EXPECT_EQ(left_out.out, std::string(kHeader) + "1e+22,9,4096,0,a__one/samples_arc_" + time + ",arc/0,arc,a/one,\n");
  command.push_back("--keep-truncated");
  EXPECT_THAT(Run(command).out, HasSubstr("1e+22,4096,4096,0.5,a__one/samples_qa_" + time + ",qa/0,qa,a/one,,1\n"));
}

TEST_F(ConvertCommandTest, RefusesUnusableArgumentsAndInput) {
  WriteRuns();
  const auto error = [this](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "convert");
    arguments.insert(arguments.end(), {"--out", Path("scores.csv")});
    const CommandResult result = Run(arguments);
    EXPECT_EQ(result.exit_code, 2) << result.err;
    EXPECT_THAT(result.out, IsEmpty());
    EXPECT_FALSE(std::filesystem::exists(Path("scores.csv")));
    return result.err;
  };
  EXPECT_EQ(Run({"convert"}).exit_code, 2);
  EXPECT_THAT(error({"eval-outputs", Path("runs")}), HasSubstr("--models"));
  EXPECT_THAT(error({"eval-outputs", Path("none"), "--models", Models()}), HasSubstr("none: cannot be listed"));
  EXPECT_THAT(error({"eval-outputs", Path("runs"), "--models", Path("none.csv")}), HasSubstr("none.csv"));
  EXPECT_THAT(error({"lm-eval", Path("runs"), "--models", Models()}), HasSubstr("no file is named samples_"));
  EXPECT_THAT(error({"lm-eval", Path("runs"), "--models", Models(), "--tokens-per-character", "0"}),
              HasSubstr("--tokens-per-character 0: must be finite and > 0"));
  EXPECT_EQ(Run({"convert", "eval-outputs", Path("runs"), "--models", Models(), "--out", Path("no/x.csv")}).exit_code,
            1);
  EXPECT_THAT(Run({"convert", "lm-eval", "--help"}).out, HasSubstr("Usage: ctxfit convert lm-eval"));
  EXPECT_THAT(Run({"convert", "lm-eval", "--help"}).out,
              HasSubstr("The column cluster is a file, one model on one task."));
}

}  // namespace
}  // namespace ctxfit

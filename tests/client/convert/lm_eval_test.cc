#include "client/convert/lm_eval.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/convert/conversion.h"
#include "client/convert/lm_eval_results.h"
#include "tests/client/convert/convert_fixture.h"

namespace ctxfit {
namespace {

using ::testing::Contains;
using ::testing::ContainsRegex;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr char kTime[] = "2024-05-29T14-33-44.123456";

std::string Sample(int document, const std::string& rest) {
  return R"({"doc_id": )" + std::to_string(document) + R"(, "doc": {"q": "?"}, "resps": [["x"]], )" + rest + "}\n";
}

// Arguments of two choices; the longer context has 5 characters in 7 bytes.
constexpr char kChoices[] =
    R"("metrics": ["acc"], "acc": 1, "arguments": {"gen_args_0": {"arg_0": "Gr\u00fc\u00dfe", "arg_1": " a"}, )"
    R"("gen_args_1": {"arg_0": "Gr", "arg_1": " a long continuation"}})";

class LmEvalTest : public ConvertTest {
 protected:
  absl::StatusOr<Conversion> Convert() const { return ConvertLmEval(source_, options_); }

  // Writes the samples of a task of model a/one.
  std::string WriteOne(const std::string& task, const std::string& samples) const {
    const std::string name = std::string("a__one/samples_") + task + "_" + kTime + ".jsonl";
    Write(name, samples);
    return source_.folder + "/" + name;
  }

  // Returns the error of a file with this second sample, in its third line.
  std::string ErrorOfSecond(const std::string& rest) const {
    const std::string path =
        WriteOne("t", Sample(0, R"("metrics": ["acc"], "acc": 1, "prompt_tokens": 9)") + "\n" + Sample(1, rest));
    const std::string error = ErrorOf(Convert());
    EXPECT_THAT(error, HasSubstr(path + ":3: "));
    return error;
  }

  LmEvalOptions options_;
};

TEST_F(LmEvalTest, WritesARowPerSample) {
  WriteOne("arc_easy", Sample(3, R"("metrics": ["acc"], "acc": 1.0, "prompt_tokens": 90)") + "\n" +
                           Sample(8, R"("metrics": ["acc"], "acc": 0, "prompt_length": 70.5)"));
  Write(std::string("x/samples_arc_easy_") + kTime + ".jsonl",
        Sample(3, R"("metrics": ["acc"], "acc": false, "prompt_tokens": 90)"));
  Write(std::string("x/results_") + kTime + ".json",
        R"({"results": {"arc_easy": {"acc_stderr,none": NaN}}, "model_name": "b/two", "n-shot": {"arc_easy": 5}})");
  const absl::StatusOr<Conversion> conversion = Convert();
  ASSERT_TRUE(conversion.ok()) << conversion.status();
  EXPECT_THAT(conversion->notes(), IsEmpty());
  const std::string run = std::string("samples_arc_easy_") + kTime;
  EXPECT_THAT(Rows(*conversion), ElementsAre("1e+22,90,4096,1,a__one/" + run + ",arc_easy/3,arc_easy,a/one,",
                                             "1e+22,70.5,4096,0,a__one/" + run + ",arc_easy/8,arc_easy,a/one,",
                                             "2e+22,90,8192,0,x/" + run + ",arc_easy/3,arc_easy,b/two,5"));
}

TEST_F(LmEvalTest, EstimatesPromptLengthsFromCharactersOnRequest) {
  WriteOne("t", Sample(0, kChoices) + Sample(1, R"("metrics": ["acc"], "acc": 1, "arguments": [["Gr", " a"]])") +
                    Sample(2, R"("metrics": ["acc"], "acc": 1, "arguments": [["Gr"]], "prompt_tokens": 7)"));
  EXPECT_THAT(ErrorOf(Convert()), HasSubstr(".jsonl:1: the sample has neither prompt_tokens nor prompt_length: give "
                                            "--tokens-per-character"));
  options_.tokens_per_character = 0.5;
  const absl::StatusOr<Conversion> conversion = Convert();
  ASSERT_TRUE(conversion.ok()) << conversion.status();
  EXPECT_THAT(Rows(*conversion),
              ElementsAre(HasSubstr("+22,2.5,4096"), HasSubstr("+22,1,4096"), HasSubstr("+22,7,4096")));
  for (const char* arguments : {"[]", "[[]]", "{}", "[[\"\"]]", "3"}) {
    EXPECT_THAT(ErrorOfSecond(std::string(R"("metrics": ["acc"], "acc": 1, "arguments": )") + arguments),
                EndsWith("arguments: must hold a request with text"));
  }
}

TEST_F(LmEvalTest, CountsTheCharactersOfTheMessagesOfAChat) {
  WriteOne("t", Sample(0, R"("metrics": ["acc"], "acc": 1, "arguments": {"gen_args_0": {"arg_0": )"
                          R"(["[{\"role\": \"system\", \"content\": \"Be brief\"}, )"
                          R"({\"role\": \"user\", \"content\": \"Gr\u00fc\u00dfe\"}]"], "arg_1": {}}})"));
  Write(std::string("a__one/samples_u_") + kTime + ".jsonl.gz", "");
  options_.tokens_per_character = 1;
  const absl::StatusOr<Conversion> conversion = Convert();
  ASSERT_TRUE(conversion.ok()) << conversion.status();
  EXPECT_THAT(Rows(*conversion), ElementsAre(HasSubstr("+22,13,4096,1,")));
  EXPECT_THAT(conversion->notes(), ElementsAre("1 file left out, compressed: gunzip first"));
}

TEST_F(LmEvalTest, AsksForTheMetricIfItIsAmbiguous) {
  const std::string two = R"("metrics": ["acc", "acc_norm"], "acc": 1, "acc_norm": 0.5, "prompt_tokens": 9)";
  EXPECT_THAT(ErrorOfSecond(two), EndsWith("metrics: choose one with --metric; the sample has acc, acc_norm"));
  EXPECT_THAT(ErrorOfSecond(R"("acc": 1, "prompt_tokens": 9)"), EndsWith("the sample does not say which it has"));
  WriteOne("t", Sample(0, two));
  options_.metrics = {"acc_norm"};
  const absl::StatusOr<Conversion> conversion = Convert();
  ASSERT_TRUE(conversion.ok()) << conversion.status();
  EXPECT_THAT(Rows(*conversion), ElementsAre(HasSubstr("+22,9,4096,0.5,")));
  options_.metrics = {"bleu"};
  EXPECT_THAT(
      ErrorOf(Convert()),
      EndsWith(":1: --metric bleu: the sample has acc, acc_norm; choose one for its task alone with --metric t=NAME"));
}

TEST_F(LmEvalTest, AsksForTheFilterIfThereAreSeveral) {
  const auto sample = [](int document, const std::string& filter, int score) {
    return Sample(document, R"("metrics": ["em"], "prompt_tokens": 9, "filter": ")" + filter +
                                "\", \"em\": " + std::to_string(score));
  };
  const std::string path = WriteOne(
      "gsm", sample(0, "strict", 0) + sample(1, "strict", 1) + sample(0, "flexible", 1) + sample(1, "flexible", 1));
  WriteOne("other", sample(0, "none", 1));
  EXPECT_EQ(ErrorOf(Convert()),
            path + ": choose one of the filters of task gsm with --filter; there are flexible, strict");
  options_.filters = {"strict"};
  const absl::StatusOr<Conversion> conversion = Convert();
  ASSERT_TRUE(conversion.ok()) << conversion.status();
  EXPECT_THAT(Rows(*conversion), ElementsAre(HasSubstr(",0,a__one/samples_gsm"), HasSubstr(",1,a__one/samples_gsm"),
                                             HasSubstr("other/0")));
}

TEST_F(LmEvalTest, ChoosesAMetricAndAFilterPerTask) {
  const auto math = [](int document, const std::string& filter, int score) {
    return Sample(document, R"("metrics": ["exact_match"], "prompt_tokens": 9, "filter": ")" + filter +
                                "\", \"exact_match\": " + std::to_string(score));
  };
  const std::string choice =
      R"("metrics": ["acc", "acc_norm"], "acc": 0, "acc_norm": 1, "prompt_tokens": 7, "filter": "none")";
  WriteOne("math", math(0, "strict", 0) + math(0, "flexible", 1));
  WriteOne("mc", Sample(0, choice));
  options_.metrics = {"exact_match", "mc=acc_norm"};
  options_.filters = {"math=flexible"};
  const absl::StatusOr<Conversion> by_task = Convert();
  ASSERT_TRUE(by_task.ok()) << by_task.status();
  EXPECT_THAT(Rows(*by_task), ElementsAre(HasSubstr("+22,9,4096,1,"), HasSubstr("+22,7,4096,1,")));
  // The first of several names that a sample has is chosen.
  options_.metrics = {"acc", "exact_match"};
  options_.filters = {"strict"};
  const absl::StatusOr<Conversion> first = Convert();
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_THAT(Rows(*first), ElementsAre(HasSubstr("+22,9,4096,0,"), HasSubstr("+22,7,4096,0,")));
  options_.metrics = {"mc=bleu", "acc", "exact_match"};
  EXPECT_THAT(ErrorOf(Convert()), HasSubstr("--metric mc=bleu, acc, exact_match: the sample has acc, acc_norm"));
}

TEST_F(LmEvalTest, ReadsTheScoreOfRulerByTheLengthOfTheDocument) {
  const auto document = [](int length, int max_length) {
    return R"("doc": {"length": )" + std::to_string(length) + R"(, "max_length": )" + std::to_string(max_length) +
           "}, ";
  };
  const std::string settings = R"("arguments": {"gen_args_0": {"arg_0": "?", "arg_1": {"max_gen_toks": 128}}}, )";
  const std::string path = WriteOne(
      "niah", "{\"doc_id\": 0, " + document(979, 1024) + settings +
                  R"("metrics": ["4096", "1024"], "4096": -1.0, "1024": 0.25})" + "\n{\"doc_id\": 1, " +
                  document(4068, 4096) + settings + R"("metrics": ["4096"], "4096": 1.0})" + "\n{\"doc_id\": 2, " +
                  document(3900, 4096) + settings + R"("metrics": ["4096"], "4096": -1})" + "\n");
  // The length of a document has the room for its answer in it.
  Write(std::string("a__one/results_") + kTime + ".json", R"({"model_name": "a/one", "max_length": 4096})");
  const absl::StatusOr<Conversion> conversion = Convert();
  ASSERT_TRUE(conversion.ok()) << conversion.status();
  EXPECT_THAT(Rows(*conversion), ElementsAre(HasSubstr("+22,979,4096,0.25,"), HasSubstr("+22,4068,4096,1,")));
  EXPECT_THAT(conversion->notes(),
              ElementsAre("1 sample left out whose score is -1, the mark of a metric that does not apply"));
}

TEST_F(LmEvalTest, LeavesOutSamplesWhosePromptDidNotFit) {
  const auto sample = [](int document, int tokens) {
    return Sample(document, R"("metrics": ["f1"], "f1": 0.5, "prompt_tokens": )" + std::to_string(tokens) +
                                R"(, "arguments": {"gen_args_0": {"arg_0": "?", "arg_1": {"max_gen_toks": 512}}})");
  };
  WriteOne("qa", sample(0, 3584) + sample(1, 3585) + sample(2, 9000));
  ASSERT_EQ(Rows(*Convert()).size(), 3u) << "no max_length is known";
  Write(std::string("a__one/results_") + kTime + ".json", R"({"model_name": "a/one", "max_length": 4096})");
  const absl::StatusOr<Conversion> conversion = Convert();
  ASSERT_TRUE(conversion.ok()) << conversion.status();
  EXPECT_THAT(Rows(*conversion), ElementsAre(HasSubstr("+22,3584,4096,0.5,")));
  EXPECT_THAT(conversion->notes(), ElementsAre(HasSubstr("2 samples left out whose prompt did not fit")));

  options_.keep_truncated = true;
  const absl::StatusOr<Conversion> kept = Convert();
  ASSERT_TRUE(kept.ok()) << kept.status();
  EXPECT_THAT(kept->csv(), HasSubstr("task,model,shots,truncated\n"));
  EXPECT_THAT(Rows(*kept), ElementsAre(EndsWith(",qa/0,qa,a/one,,0"), EndsWith(",qa/1,qa,a/one,,1"),
                                       HasSubstr("+22,3584,4096,0.5,")));
  EXPECT_THAT(kept->notes(), ElementsAre(HasSubstr("2 samples whose prompt did not fit")));

  options_.keep_truncated = false;
  WriteOne("qa", sample(1, 3585));
  EXPECT_THAT(ErrorOf(Convert()), HasSubstr("no sample is left: 1 sample left out whose prompt did not fit"));
}

TEST_F(LmEvalTest, ConvertsResultsAloneToMeans) {
  Write(std::string("a__one/results_") + kTime + ".json",
        R"({"model_name": "a/one", "n-shot": {"math": 5}, "group_subtasks": {"all": ["math", "mc"], "math": []},
            "results": {
              "all": {"acc,none": 0.5},
              "math": {"alias": "math", "exact_match,strict": 0.0, "exact_match_stderr,strict": 0.0,
                       "exact_match,flexible": 0.6666666666666666, "exact_match_stderr,flexible": 0.1421338109037403},
              "mc": {"acc,none": 0.25, "acc_stderr,none": 0.1305582419667734, "acc_norm,none": 0.5},
              "niah": {"4096,none": 0.85, "8192,none": -1}},
            "n-samples": {"math": {"original": 12, "effective": 12}, "mc": {"original": 20, "effective": 12},
                          "niah": {"effective": 60}}})");
  EXPECT_THAT(ErrorOf(Convert()), HasSubstr("results.math: choose one with --filter; there are flexible, strict"));
  options_.filters = {"flexible"};
  EXPECT_THAT(ErrorOf(Convert()), HasSubstr("results.mc: choose one with --metric; there are acc, acc_norm"));
  options_.metrics = {"exact_match", "acc"};
  const absl::StatusOr<Conversion> conversion = Convert();
  ASSERT_TRUE(conversion.ok()) << conversion.status();
  EXPECT_THAT(conversion->csv(),
              StartsWith("training_compute_flops,context_limit_tokens,score,weight,score_variance,cluster,task,model,"
                         "shots\n"));
  // 8 and 3 of 12 are right: variances of 2/9 and 3/16, which are 11 squared standard errors.
  EXPECT_THAT(Rows(*conversion), ElementsAre(ContainsRegex("e.22,4096,0.6666666666666666,12,0.2222222.*,math,a/one,5$"),
                                             ContainsRegex("e.22,4096,0.25,12,0.1875.*,mc,a/one,$")));
  EXPECT_THAT(conversion->notes(), ElementsAre(HasSubstr("2 means of results files, as there are no samples"),
                                               HasSubstr("1 task left out with a metric per length")));

  // One mean without a standard error leaves all without a variance.
  options_.metrics = {"exact_match", "acc_norm"};
  EXPECT_THAT(Convert()->csv(), StartsWith("training_compute_flops,context_limit_tokens,score,weight,cluster,task"));
}

TEST_F(LmEvalTest, WeighsAMeanOfFewerSamplesThanItsTaskHasByItsStandardError) {
  // 2 of 8 are right; of 12 samples, 4 lack the metric. sqrt(3/16 / 7).
  Write(std::string("a__one/results_") + kTime + ".json",
        R"({"model_name": "a/one", "results": {"mc": {"acc,none": 0.25, "acc_stderr,none": 0.16366341767699427}},
            "n-samples": {"mc": {"original": 12, "effective": 12}}})");
  const absl::StatusOr<Conversion> conversion = Convert();
  ASSERT_TRUE(conversion.ok()) << conversion.status();
  EXPECT_THAT(Rows(*conversion), ElementsAre(ContainsRegex("e.22,4096,0.25,8,0.187[45].*,mc,a/one,$")));
  EXPECT_THAT(conversion->notes(), Contains(HasSubstr("1 mean whose standard error is too large")));
}

TEST_F(LmEvalTest, FindsTheResultsThatWereWrittenToAFileOfAnotherName) {
  Write(std::string("out/samples_t_") + kTime + ".jsonl",
        Sample(0, R"("metrics": ["acc"], "acc": 1, "prompt_tokens": 9)"));
  Write(std::string("out/llama_") + kTime + ".json", R"({"model_name": "b/two", "n-shot": {"t": 3}})");
  const absl::StatusOr<Conversion> conversion = Convert();
  ASSERT_TRUE(conversion.ok()) << conversion.status();
  EXPECT_THAT(Rows(*conversion), ElementsAre(EndsWith(",t/0,t,b/two,3")));
}

TEST_F(LmEvalTest, RefusesUnusableSamples) {
  const std::string acc = R"("prompt_tokens": 9, "metrics": ["acc"], "acc": )";
  EXPECT_THAT(ErrorOfSecond(acc + "56.1"), EndsWith("acc = 56.1: must be a number in [0, 1]"));
  EXPECT_THAT(ErrorOfSecond(acc + "NaN"), EndsWith("acc = NaN: must be a number in [0, 1]"));
  EXPECT_THAT(ErrorOfSecond(acc + "[-3.5, 7]"), EndsWith("acc = [-3.5,7]: must be a number in [0, 1]"));
  EXPECT_THAT(ErrorOfSecond(acc + "null"), EndsWith("acc = null: must be a number in [0, 1]"));
  EXPECT_THAT(ErrorOfSecond(R"("metrics": ["acc"], "acc": 1, "prompt_tokens": 0)"), HasSubstr("prompt_tokens = 0: "));
  EXPECT_THAT(ErrorOfSecond(acc), HasSubstr("not valid JSON from byte "));
  WriteOne("t", "{\"doc_id\": 1");
  EXPECT_THAT(ErrorOf(Convert()), EndsWith(":1: not valid JSON: cut off after byte 12"));
  WriteOne("t", "{}\n");
  EXPECT_THAT(ErrorOf(Convert()), EndsWith(":1: doc_id = null: must be a number or a text"));
  WriteOne("t", "[]\n");
  EXPECT_THAT(ErrorOf(Convert()), EndsWith(":1: the line is not a JSON object"));
  WriteOne("t", "\n");
  EXPECT_THAT(ErrorOf(Convert()), EndsWith("/runs: no file holds a sample"));
}

TEST_F(LmEvalTest, RefusesFoldersWithoutSamplesAndUnknownModels) {
  EXPECT_THAT(ErrorOf(Convert()), EndsWith("/runs: no file is named samples_{task}_{timestamp}.jsonl"));
  Write(std::string("c__three/samples_t_") + kTime + ".jsonl", "");
  EXPECT_EQ(ErrorOf(Convert()), source_.models + ": not among the models: c__three; there are a/one, b/two");
  Write(std::string("c__three/results_") + kTime + ".json", "{\"model_name\"");
  EXPECT_THAT(ErrorOf(Convert()), HasSubstr(".json: not valid JSON: cut off"));
}

TEST_F(LmEvalTest, NotesFilesThatMayBeReruns) {
  const std::string sample = Sample(0, R"("metrics": ["acc"], "acc": 1, "prompt_tokens": 9)");
  WriteOne("t", sample);
  Write("a__one/samples_t_2024-05-30T00-00-00.1.jsonl", sample);
  Write("a__one/samples_t.jsonl", "");
  const absl::StatusOr<Conversion> conversion = Convert();
  ASSERT_TRUE(conversion.ok()) << conversion.status();
  EXPECT_EQ(Rows(*conversion).size(), 2);
  EXPECT_THAT(conversion->notes(), ElementsAre(HasSubstr("1 .jsonl file left out"), HasSubstr("leave reruns out")));
}

TEST(SamplesNameTest, AllowsUnderscoresInTheTask) {
  const auto name = ParseSamplesName(std::string("samples_mmlu_high_school_physics_") + kTime + ".jsonl");
  ASSERT_TRUE(name);
  EXPECT_EQ(name->task, "mmlu_high_school_physics");
  EXPECT_EQ(name->timestamp, kTime);
  for (const char* other : {"samples_t.jsonl", "samples_t_late.jsonl", "samples__2024-05-29.jsonl", "results_t.json",
                            "samples_2024-05-29T14-33-44.1.jsonl"}) {
    EXPECT_FALSE(ParseSamplesName(other)) << other;
  }
}

}  // namespace
}  // namespace ctxfit

#include "client/convert/eval_outputs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "absl/status/statusor.h"
#include "client/convert/conversion.h"
#include "tests/client/convert/convert_fixture.h"

namespace ctxfit {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kOne[] = "gsm/dataset=gsm,model=one,shots=1,local_seed=7.json";
constexpr char kTwo[] = "gsm/dataset=gsm,model=b--two,shots=1,local_seed=7.json";

std::string Instance(const std::string& prompt_length, const std::string& score, const std::string& text = "q") {
  return R"({"instance_id": 4, "input_text": ")" + text +
         R"(", "reference_output": ["a", "b"], "predicted_output": "\"NaN", "prompt_length": )" + prompt_length +
         R"(, "generation_time": null, "metric_value": )" + score + "}";
}

// Text of a run's file as the paper's evaluation code writes it.
std::string RunText(const std::string& instances, const std::string& metric_value = "0.5") {
  return R"({"name": "gsm", "metric": "math_equiv", "n_shots": 1, "instances": [)" + instances +
         R"(], "shots": null, "metric_value": )" + metric_value + "}";
}

class EvalOutputsTest : public ConvertTest {
 protected:
  // Returns the error of a run of two instances with this second one.
  std::string ErrorOfSecond(const std::string& instance) {
    Write(kOne, RunText(Instance("9", "1") + "," + instance));
    const std::string error = ErrorOf(ConvertEvalOutputs(source_));
    EXPECT_THAT(error, HasSubstr(source_.folder + "/" + kOne + ": instances[1]: "));
    return error;
  }
};

TEST_F(EvalOutputsTest, WritesARowPerInstanceInTheOrderOfFileNames) {
  Write(kOne, RunText(Instance("25", "1.0") + "," + Instance("30", "2e-308")));
  Write(kTwo, RunText(Instance("25", "0.25") + "," + Instance("30", "true")));
  const absl::StatusOr<Conversion> conversion = ConvertEvalOutputs(source_);
  ASSERT_TRUE(conversion.ok()) << conversion.status();
  EXPECT_THAT(conversion->notes(), IsEmpty());
  const std::string run_one = "\"dataset=gsm,model=one,shots=1,local_seed=7\",\"dataset=gsm,shots=1,local_seed=7#";
  const std::string run_two = "\"dataset=gsm,model=b--two,shots=1,local_seed=7\",\"dataset=gsm,shots=1,local_seed=7#";
  EXPECT_THAT(Rows(*conversion), ElementsAre("2e+22,25,8192,0.25," + run_two + "0\",gsm,b/two,1",
                                             "2e+22,30,8192,1," + run_two + "1\",gsm,b/two,1",
                                             "1e+22,25,4096,1," + run_one + "0\",gsm,a/one,1",
                                             "1e+22,30,4096,2e-308," + run_one + "1\",gsm,a/one,1"));
}

TEST_F(EvalOutputsTest, PutsEveryRowIntoTheRequestedTask) {
  Write(kOne, RunText(Instance("25", "1")));
  source_.task = "arithmetic, all";
  const absl::StatusOr<Conversion> conversion = ConvertEvalOutputs(source_);
  ASSERT_TRUE(conversion.ok()) << conversion.status();
  EXPECT_THAT(Rows(*conversion), ElementsAre(EndsWith("#0\",\"arithmetic, all\",a/one,1")));
}

TEST_F(EvalOutputsTest, DistinguishesItemsThatOnlyShareTheirPosition) {
  Write(kOne, RunText(Instance("25", "1", "same") + "," + Instance("30", "1", "mine")));
  Write(kTwo, RunText(Instance("25", "1", "same") + "," + Instance("30", "1", "yours")));
  const absl::StatusOr<Conversion> conversion = ConvertEvalOutputs(source_);
  ASSERT_TRUE(conversion.ok()) << conversion.status();
  EXPECT_THAT(Rows(*conversion), ElementsAre(HasSubstr("=7#0\",gsm,b"), HasSubstr("=7#1\",gsm,b"),
                                             HasSubstr("=7#0\",gsm,a"), HasSubstr("=7#1/2\",gsm,a")));
  EXPECT_THAT(conversion->notes(), ElementsAre(HasSubstr("1 instance with another input_text")));
}

TEST_F(EvalOutputsTest, LeavesOutAndCountsInstancesWithoutAScore) {
  Write(kOne, RunText(Instance("25", "null") + "," + Instance("30", "1")));
  Write(kTwo, RunText(Instance("25", "null"), "null"));
  Write("summary.json", "{}");
  Write("log.txt", "");
  const absl::StatusOr<Conversion> conversion = ConvertEvalOutputs(source_);
  ASSERT_TRUE(conversion.ok()) << conversion.status();
  EXPECT_THAT(Rows(*conversion), ElementsAre(HasSubstr("#1\",gsm,a/one")));
  EXPECT_THAT(conversion->notes(),
              ElementsAre(HasSubstr("1 .json file left out, not named"), "1 run without a metric left out",
                          "1 instance without a score left out"));
}

TEST_F(EvalOutputsTest, RefusesNumbersOutOfRange) {
  EXPECT_THAT(ErrorOfSecond(Instance("9", "1.01")), EndsWith("metric_value = 1.01: must be a number in [0, 1]"));
  EXPECT_THAT(ErrorOfSecond(Instance("9", "NaN")), EndsWith("metric_value = NaN: must be a number in [0, 1]"));
  EXPECT_THAT(ErrorOfSecond(Instance("9", "-Infinity")), HasSubstr("metric_value = -Infinity: must be"));
  EXPECT_THAT(ErrorOfSecond(Instance("0", "1")), HasSubstr("prompt_length = 0: must be"));
  EXPECT_THAT(ErrorOfSecond(Instance("null", "1")), HasSubstr("prompt_length = null: must be"));
  EXPECT_THAT(ErrorOfSecond(R"({"metric_value": 1})"), HasSubstr("prompt_length = null: must be"));
  EXPECT_THAT(ErrorOfSecond(R"({"prompt_length": 1})"), HasSubstr("metric_value = null: must be"));
  EXPECT_THAT(ErrorOfSecond("3"), HasSubstr("metric_value = null: must be"));
}

TEST_F(EvalOutputsTest, RefusesTruncatedFilesAndOtherJson) {
  const std::string run = RunText(Instance("25", "1"));
  Write(kOne, run.substr(0, run.size() - 3));
  EXPECT_EQ(ErrorOf(ConvertEvalOutputs(source_)),
            source_.folder + "/" + kOne + ": not valid JSON: cut off after byte " + std::to_string(run.size() - 3));
  Write(kOne, "{]");
  EXPECT_THAT(ErrorOf(ConvertEvalOutputs(source_)), EndsWith(".json: not valid JSON from byte 2 on"));
  for (const char* other : {"{}", "[]", "3", R"({"instances": 1})"}) {
    Write(kOne, other);
    EXPECT_THAT(ErrorOf(ConvertEvalOutputs(source_)), EndsWith(".json: instances: must be an array"));
  }
}

TEST_F(EvalOutputsTest, RefusesFoldersWithoutARun) {
  EXPECT_THAT(ErrorOf(ConvertEvalOutputs(source_)), HasSubstr(": no file is named dataset=D,model=M"));
  Write(kOne, RunText(Instance("25", "null")));
  EXPECT_THAT(ErrorOf(ConvertEvalOutputs(source_)), EndsWith("/runs: no instance has a score"));
  source_.folder += "/none";
  EXPECT_THAT(ErrorOf(ConvertEvalOutputs(source_)), HasSubstr("/none: cannot be listed: "));
}

TEST_F(EvalOutputsTest, NamesABrokenLink) {
  std::filesystem::create_symlink("nowhere", source_.folder + "/dataset=d,model=one,shots=0,local_seed=1.json");
  EXPECT_THAT(ErrorOf(ConvertEvalOutputs(source_)), EndsWith("local_seed=1.json: No such file or directory"));
}

TEST_F(EvalOutputsTest, RefusesADuplicateRun) {
  Write(kOne, RunText(Instance("25", "1")));
  Write(std::string("copy/") + kOne, RunText(Instance("25", "1")));
  EXPECT_THAT(ErrorOf(ConvertEvalOutputs(source_)),
              EndsWith(std::string(kOne) + ": the same run as " + source_.folder + "/copy/" + kOne));
}

TEST_F(EvalOutputsTest, NamesEveryMissingModel) {
  for (const char* model : {"one", "five", "four"}) {
    Write(std::string("dataset=d,model=") + model + ",shots=0,local_seed=1.json", RunText(Instance("25", "1")));
  }
  EXPECT_EQ(ErrorOf(ConvertEvalOutputs(source_)),
            source_.models + ": not among the models: five, four; there are a/one, b/two");
}

}  // namespace
}  // namespace ctxfit

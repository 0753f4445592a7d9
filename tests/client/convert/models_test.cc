#include "client/convert/models.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/convert/model_match.h"
#include "tests/client/convert/convert_fixture.h"
#include "tests/client/input/temporary_file.h"

namespace ctxfit {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

constexpr char kAll[] = "model,context_limit_tokens,training_compute_flops,parameters,training_tokens\n";

absl::StatusOr<std::vector<Model>> Read(const std::string& content) {
  return ReadModels(TemporaryFile(content, "models").path());
}

TEST(ModelsTest, ReadsComputeOrItsFactors) {
  const auto models = Read(std::string(kAll) + "a,4096,1e22,,\nb,8192,,1e9,1e12\nc,100,6.05e21,1e9,1e12\nd,1,2,3,\n");
  ASSERT_TRUE(models.ok()) << models.status();
  ASSERT_EQ(models->size(), 4);
  EXPECT_EQ((*models)[0].training_compute_flops, 1e22);
  EXPECT_EQ((*models)[1].training_compute_flops, 6e21);
  EXPECT_EQ((*models)[1].context_limit_tokens, 8192);
  EXPECT_EQ((*models)[2].training_compute_flops, 6.05e21);
  EXPECT_EQ((*models)[3].training_compute_flops, 2);
}

TEST(ModelsTest, RefusesUnusableModelFiles) {
  const auto error = [](const std::string& row) { return ErrorOf(Read(kAll + row)); };
  EXPECT_THAT(error("a,1,6.07e21,1e9,1e12\n"),
              EndsWith(":2: training_compute_flops = 6.07e21: must be within 1 % of 6 x parameters x training_tokens = "
                       "6e+21"));
  EXPECT_THAT(error("a,1,,1e9,\n"), EndsWith(":2: give training_compute_flops, or parameters and training_tokens"));
  EXPECT_THAT(error("a,1,1,,\na,2,2,,\n"), EndsWith(":3: model \"a\" stands twice in the file"));
  EXPECT_THAT(error(",1,1,,\n"), HasSubstr("model: must not be empty"));
  EXPECT_THAT(error("a,,1,,\n"), HasSubstr("context_limit_tokens: must not be empty"));
  EXPECT_THAT(error("a,4k,1,,\n"), HasSubstr("context_limit_tokens = \"4k\": must be a number, finite and > 0"));
  EXPECT_THAT(error("a,1,0,,\n"), HasSubstr("training_compute_flops = \"0\": must be"));
  EXPECT_THAT(error("a,1,1,nan,\n"), HasSubstr("parameters = \"nan\": must be"));
  EXPECT_THAT(ErrorOf(Read("model,training_compute_flops\na,1\n")),
              EndsWith(":1: required column missing: context_limit_tokens"));
  EXPECT_THAT(ErrorOf(ReadModels("/no/such/file")), HasSubstr("/no/such/file"));
}

TEST(ModelsTest, MatchesModelsToTheirSpellingsInFileNames) {
  const std::vector<Model> models = {{"org/m_1", 1, 2}, {"plain", 3, 4}};
  for (const char* spelling : {"org/m_1", "org--m_1", "org__m_1", "org_m_1", "m_1"}) {
    const auto matches = MatchModels(models, {spelling, "plain"});
    ASSERT_TRUE(matches.ok()) << matches.status();
    EXPECT_EQ(matches->at(spelling).name, "org/m_1");
    EXPECT_EQ(matches->at("plain").name, "plain");
  }
}

TEST(ModelsTest, NamesMissingAndAmbiguousModels) {
  const std::vector<Model> models = {{"a/m", 1, 2}, {"b/m", 1, 2}, {"c/d", 1, 2}, {"c_d", 1, 2}};
  EXPECT_EQ(ErrorOf(MatchModels(models, {"a/m", "y", "x", "other/m"})),
            "not among the models: other/m, x, y; there are a/m, b/m, c/d, c_d");
  EXPECT_EQ(ErrorOf(MatchModels(models, {"m"})), "model \"m\" may be any of a/m, b/m");
  EXPECT_EQ(ErrorOf(MatchModels(models, {"c_d"})), "model \"c_d\" may be any of c/d, c_d");
}

TEST(ModelsTest, ComputesAgreeWithThePaper) {
  const auto models = ReadModels(CTXFIT_MODELS "/llama2_yarn.csv");
  ASSERT_TRUE(models.ok()) << models.status();
  const std::vector<double> printed = {7.7719e22, 7.7723e22, 7.7732e22, 7.7748e22, 7.7780e22, 7.7846e22,
                                       1.5227e23, 1.5227e23, 1.5229e23, 1.5232e23, 1.5239e23, 1.5251e23};
  ASSERT_EQ(models->size(), printed.size());
  for (std::size_t i = 0; i < printed.size(); ++i) {
    const Model& model = (*models)[i];
    // Relative rounding: half a unit of the last printed digit is 3.3e-5, and D is printed to 2 to 4 digits.
    EXPECT_NEAR(model.training_compute_flops / printed[i], 1, 1e-4) << model.name;
    EXPECT_EQ(model.context_limit_tokens, 4096 << i % 6) << model.name;
  }
}

}  // namespace
}  // namespace ctxfit

#include "server/observations_conversion.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <utility>

#include "google/protobuf/text_format.h"

namespace ctxfit {
namespace {

v1::Observations Parse(const std::string& text) {
  v1::Observations observations;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &observations)) << text;
  return observations;
}

std::string DigestOf(const std::string& text) { return Digest(SplitTasks(FromProto(Parse(text))).value().at(0)); }

TEST(ObservationsConversionTest, TakesEveryColumn) {
  const ObservationTable table = FromProto(Parse(R"pb(
    training_compute_flops: [ 1e21, 1e22 ]
    prompt_tokens: [ 10, 20.5 ]
    context_limit_tokens: [ 4096, 8192 ]
    score: [ 0.25, 0.5 ]
    weight: [ 3, 4 ]
    cluster: [ "a", "b" ]
    cluster_2: [ "c", "d" ]
    task: [ "e", "f" ]
    model: [ "g", "h" ]
  )pb"));
  EXPECT_EQ(table.training_compute_flops, std::vector<double>({1e21, 1e22}));
  EXPECT_EQ(table.prompt_tokens, std::vector<double>({10, 20.5}));
  EXPECT_EQ(table.context_limit_tokens, std::vector<double>({4096, 8192}));
  EXPECT_EQ(table.score, std::vector<double>({0.25, 0.5}));
  EXPECT_EQ(table.weight, std::vector<double>({3, 4}));
  EXPECT_EQ(table.cluster, Labels({"a", "b"}));
  EXPECT_EQ(table.cluster_2, Labels({"c", "d"}));
  EXPECT_EQ(table.task, Labels({"e", "f"}));
  EXPECT_EQ(table.model, Labels({"g", "h"}));
}

TEST(DigestTest, DoesNotDependOnTheOrderOfRows) {
  const std::string in_order = DigestOf(R"pb(
    training_compute_flops: [ 1e21, 1e22, 1e22 ]
    prompt_tokens: [ 10, 20, 20 ]
    context_limit_tokens: [ 4096, 8192, 8192 ]
    score: [ 0.25, 0.5, 0.5 ]
    cluster: [ "a", "a", "b" ])pb");
  const std::string shuffled = DigestOf(R"pb(
    training_compute_flops: [ 1e22, 1e21, 1e22 ]
    prompt_tokens: [ 20, 10, 20 ]
    context_limit_tokens: [ 8192, 4096, 8192 ]
    score: [ 0.5, 0.25, 0.5 ]
    cluster: [ "b", "a", "a" ])pb");
  EXPECT_EQ(in_order, shuffled);
  EXPECT_EQ(in_order.size(), 64u);  // SHA-256 in hexadecimal
}

TEST(DigestTest, ChangesWithEveryColumnThatAFitSees) {
  const std::string rows[] = {
      "training_compute_flops: [1, 2] prompt_tokens: [3, 4] context_limit_tokens: [5, 6] score: [0, 1]",
      "training_compute_flops: [1, 3] prompt_tokens: [3, 4] context_limit_tokens: [5, 6] score: [0, 1]",
      "training_compute_flops: [1, 2] prompt_tokens: [3, 7] context_limit_tokens: [5, 6] score: [0, 1]",
      "training_compute_flops: [1, 2] prompt_tokens: [3, 4] context_limit_tokens: [5, 7] score: [0, 1]",
      "training_compute_flops: [1, 2] prompt_tokens: [3, 4] context_limit_tokens: [5, 6] score: [0, 0.5]",
      "training_compute_flops: [1, 2] prompt_tokens: [3, 4] context_limit_tokens: [5, 6] score: [0, 1] weight: [1, 2]",
      "training_compute_flops: [1, 2] prompt_tokens: [3, 4] context_limit_tokens: [5, 6] score: [0, 1]"
      " cluster: ['a', 'a']",
      "training_compute_flops: [1] prompt_tokens: [3] context_limit_tokens: [5] score: [0]",
  };
  std::set<std::string> digests;
  for (const std::string& text : rows) EXPECT_TRUE(digests.insert(DigestOf(text)).second) << text;
}

}  // namespace
}  // namespace ctxfit

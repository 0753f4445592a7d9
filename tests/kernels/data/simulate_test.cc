#include "kernels/data/simulate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "kernels/law/fitted_law.h"

namespace ctxfit {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;

Law SampleLaw() { return {{{std::log(0.8), 0.5, std::log(1.2), 0.4}}, {1e23, 2048}, {}}; }

ObservationTable MustSimulate(const SimulationDesign& design, std::uint64_t seed = 1) {
  absl::StatusOr<ObservationTable> table = Simulate(SampleLaw(), design, seed);
  EXPECT_TRUE(table.ok()) << table.status();
  return *std::move(table);
}

TEST(PaperModelsTest, ThePapersModelsAreTwelve) {
  const auto models = PaperModels();
  ASSERT_EQ(models.size(), 12u);
  // Compute is 6 N D, with the numbers of parameters and tokens that the paper states.
  EXPECT_DOUBLE_EQ(models[0].compute_flops, 6 * 6476271616.0 * 2e12);
  EXPECT_DOUBLE_EQ(models[11].compute_flops, 6 * 12688184320.0 * 2.003355e12);
  EXPECT_EQ(models[0].limit_tokens, 4096);
  EXPECT_EQ(models[11].limit_tokens, 131072);
}

TEST(SimulateTest, ALongerSimulationBeginsWithTheShorterOneOfItsSeed) {
  SimulationDesign design;
  design.record_count = 2000;
  const ObservationTable longer = MustSimulate(design);
  design.record_count = 700;
  const ObservationTable shorter = MustSimulate(design);
  EXPECT_TRUE(std::equal(shorter.score.begin(), shorter.score.end(), longer.score.begin()));
  EXPECT_TRUE(std::equal(shorter.prompt_tokens.begin(), shorter.prompt_tokens.end(), longer.prompt_tokens.begin()));
  EXPECT_NE(MustSimulate(design, 2).score, shorter.score);
}

TEST(SimulateTest, RunsHave250ItemsOfOneModelEach) {
  const ObservationTable table = MustSimulate({});
  ASSERT_EQ(table.score.size(), 65500u);
  std::map<std::string, int> sizes;
  std::map<std::string, std::set<std::string>> models;
  for (std::size_t i = 0; i < table.score.size(); ++i) {
    ++sizes[table.cluster[i]];
    models[table.cluster[i]].insert(table.model[i]);
  }
  EXPECT_EQ(sizes.size(), 262u);
  for (const auto& [run, size] : sizes) EXPECT_EQ(size, 250) << run;
  for (const auto& [run, names] : models) EXPECT_EQ(names.size(), 1u) << run;
  EXPECT_EQ(table.model.dictionary().size(), 12u);
}

TEST(SimulateTest, PromptsReach128kTokensAndNoMore) {
  const ObservationTable table = MustSimulate({});
  const auto [shortest, longest] = std::minmax_element(table.prompt_tokens.begin(), table.prompt_tokens.end());
  EXPECT_LE(*longest, 131072);  // 511 examples and the item, of at most 256 tokens each
  EXPECT_GT(*longest, 65536);
  EXPECT_GE(*shortest, 8);
  EXPECT_LT(*shortest, 100);
}

TEST(SimulateTest, EveryModelScoresEveryInstanceOfACrossedDesign) {
  SimulationDesign design;
  design.record_count = 12 * 300;
  design.crossed = true;
  const ObservationTable table = MustSimulate(design);
  for (std::size_t i = 0; i < table.score.size(); ++i) {
    EXPECT_EQ(table.prompt_tokens[i], table.prompt_tokens[i - i % 12]);
    EXPECT_EQ(table.cluster[i], table.cluster[i - i % 12]);
    EXPECT_EQ(table.model[i], design.models[i % 12].name);
  }
  EXPECT_EQ(table.cluster[12 * 250 - 1], "run0");
  EXPECT_EQ(table.cluster[12 * 250], "run1");
}

TEST(SimulateTest, TheMeanOfTheScoresIsTheLaws) {
  const ObservationTable table = MustSimulate({});
  double difference = 0;
  double variance = 0;
  for (std::size_t i = 0; i < table.score.size(); ++i) {
    EXPECT_TRUE(table.score[i] == 0 || table.score[i] == 1);
    const double expected =
        Predict(SampleLaw(), table.training_compute_flops[i], table.prompt_tokens[i], table.context_limit_tokens[i]);
    difference += table.score[i] - expected;
    variance += expected * (1 - expected);
  }
  // A sum of independent draws: five standard deviations are exceeded by one seed in 1.7 million, and this one is
  // fixed.
  EXPECT_LT(std::abs(difference), 5 * std::sqrt(variance));
}

TEST(SimulateTest, MeansOfRunsAreWeighedByTheirNumberOfInstances) {
  SimulationDesign design;
  design.record_count = 1000;
  design.score = SimulatedScore::kRunMean;
  const ObservationTable table = MustSimulate(design);
  EXPECT_THAT(table.weight, Each(250));
  EXPECT_EQ(table.cluster.dictionary().size(), 1000u);
  double chi_squared = 0;
  int counted = 0;
  for (std::size_t i = 0; i < table.score.size(); ++i) {
    const double expected =
        Predict(SampleLaw(), table.training_compute_flops[i], table.prompt_tokens[i], table.context_limit_tokens[i]);
    if (expected < 1e-3) continue;  // beyond the limit there is nothing to draw
    const double residual = table.score[i] - expected;
    chi_squared += residual * residual / (expected * (1 - expected) / 250);
    ++counted;
  }
  // Chi-squared with `counted` degrees of freedom: mean `counted`, standard deviation sqrt(2 counted); five of them.
  EXPECT_NEAR(chi_squared, counted, 5 * std::sqrt(2.0 * counted));
}

TEST(SimulateTest, CountsOutOfRangeAreRefused) {
  SimulationDesign design;
  design.record_count = 0;
  EXPECT_THAT(std::string(Simulate(SampleLaw(), design, 0).status().message()), HasSubstr("record_count = 0"));
  design = {};
  design.instances_per_run = 0;
  EXPECT_THAT(std::string(Simulate(SampleLaw(), design, 0).status().message()), HasSubstr("instances_per_run = 0"));
  design = {};
  design.models.clear();
  EXPECT_EQ(Simulate(SampleLaw(), design, 0).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace ctxfit

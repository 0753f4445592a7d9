#include "kernels/statistics/plausibility.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "kernels/data/split_tasks.h"
#include "kernels/law/loss_rule.h"
#include "tests/kernels/real_data.h"
#include "tests/kernels/simulated_data.h"

namespace ctxfit {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A plausible table: three models of different compute at benchmark lengths.
ObservationTable Benchmark() {
  ObservationTable table;
  for (const double compute : {1e22, 1e23, 1e24}) {
    for (const double prompt : {16384.0, 32768.0, 65536.0, 131072.0}) {
      table.training_compute_flops.push_back(compute);
      table.prompt_tokens.push_back(prompt);
      table.context_limit_tokens.push_back(131072);
      table.score.push_back(1 / (1 + std::sqrt(1e23 / compute)) + prompt * 1e-7);
    }
  }
  return table;
}

std::vector<std::string> WarningsOf(const ObservationTable& table) {
  return FindImplausibleInput(OnlyTask(table), Loss::kSquared);
}

// Appends every row of `table` to it, `times` in all.
ObservationTable Repeated(const ObservationTable& table, int times) {
  ObservationTable repeated;
  for (int copy = 0; copy < times; ++copy) {
    for (std::size_t row = 0; row < table.score.size(); ++row) {
      repeated.training_compute_flops.push_back(table.training_compute_flops[row]);
      repeated.prompt_tokens.push_back(table.prompt_tokens[row]);
      repeated.context_limit_tokens.push_back(table.context_limit_tokens[row]);
      repeated.score.push_back(table.score[row]);
    }
  }
  return repeated;
}

TEST(FindImplausibleInputTest, PlausibleTablesHaveNoWarnings) {
  EXPECT_THAT(WarningsOf(Benchmark()), IsEmpty());
  EXPECT_THAT(WarningsOf(Simulate({})), IsEmpty());
  for (const char* file :
       {"yarn_inverse_perplexity.csv", "ruler.csv", "manyshot_banking77_runs.csv", "natural_questions_shots.csv"}) {
    const std::vector<Observations> tasks = ValidateAndSplit(ReadRealData(file)).value();
    for (const Observations& task : tasks) {
      EXPECT_THAT(FindImplausibleInput(task, Loss::kSquared), IsEmpty()) << file << ", " << task.task;
    }
  }
}

TEST(FindImplausibleInputTest, ComputesLikeLogarithmsAreWarnedOf) {
  ObservationTable table = Benchmark();
  for (double& compute : table.training_compute_flops) compute = std::log10(compute);
  EXPECT_THAT(WarningsOf(table),
              ElementsAre(HasSubstr("training_compute_flops from 22 to 24 look like log10 of FLOP")));
}

TEST(FindImplausibleInputTest, ComputesInLargerUnitsAreWarnedOf) {
  for (const double unit : {1e9, 1e12, 8.64e19, 1e21}) {
    ObservationTable table = Benchmark();
    for (double& compute : table.training_compute_flops) compute /= unit;
    // Computes up to 1e15 GFLOP are those of small models in FLOP.
    if (unit == 1e9) {
      EXPECT_THAT(WarningsOf(table), IsEmpty());
    } else {
      EXPECT_THAT(WarningsOf(table), ElementsAre(HasSubstr("multiply them by their unit"))) << unit;
    }
  }
}

TEST(FindImplausibleInputTest, ComputesThatHardlyDifferAreWarnedOf) {
  ObservationTable table = Benchmark();
  for (double& compute : table.training_compute_flops) compute = 1e23 * (1 + 0.01 * (std::log10(compute) - 22));
  EXPECT_THAT(WarningsOf(table), ElementsAre(HasSubstr("the training computes differ by 2.0 % at most")));
}

TEST(FindImplausibleInputTest, PromptsInThousandsBesideLimitsInTokensAreWarnedOf) {
  ObservationTable table = Benchmark();
  for (double& prompt : table.prompt_tokens) prompt /= 1024;
  EXPECT_THAT(WarningsOf(table), ElementsAre(HasSubstr("prompt_tokens from 16 to 128 beside limits up to 131072 look "
                                                       "like thousands of tokens")));
  // No prompt has fewer than ten tokens, whatever lengths a benchmark has.
  for (double& prompt : table.prompt_tokens) prompt = prompt / 16 + 0.9;
  EXPECT_THAT(WarningsOf(table), ElementsAre(HasSubstr("prompt_tokens from 1.9 to 8.9 beside limits up to 131072")));
  // Short prompts of any length are those of tasks, not of a benchmark's lengths.
  for (double& prompt : table.prompt_tokens) prompt = (prompt - 0.9) * 16;
  for (double& prompt : table.prompt_tokens) prompt += 1;
  EXPECT_THAT(WarningsOf(table), IsEmpty());
}

TEST(FindImplausibleInputTest, PromptsAndLimitsInThousandsAreWarnedOf) {
  ObservationTable table = Benchmark();
  for (double& prompt : table.prompt_tokens) prompt /= 1024;
  for (double& limit : table.context_limit_tokens) limit /= 1024;
  EXPECT_THAT(WarningsOf(table),
              ElementsAre(HasSubstr("context_limit_tokens up to 128 look like thousands of tokens")));
}

TEST(FindImplausibleInputTest, WeightsBelowOneAreWarnedOfWhereTheyAreTakenForCounts) {
  ObservationTable table = Benchmark();
  table.weight.assign(table.score.size(), 1);
  const auto warnings = [&](Loss loss) { return FindImplausibleInput(OnlyTask(table), loss); };
  EXPECT_THAT(warnings(Loss::kBernoulli), IsEmpty());
  table.weight.front() = 1.0 / 12;
  EXPECT_THAT(warnings(Loss::kBernoulli),
              ElementsAre(HasSubstr("weights down to 0.0833 are no counts of evaluations")));
  EXPECT_THAT(warnings(Loss::kSquared), IsEmpty());
}

TEST(FindImplausibleInputTest, RowsWrittenManyTimesOverAreWarnedOf) {
  const ObservationTable ten = Repeated(Benchmark(), 10);
  EXPECT_THAT(WarningsOf(ten), ElementsAre(HasSubstr("every row occurs 10 times, or a multiple of that")));
  EXPECT_THAT(WarningsOf(Repeated(Benchmark(), 2)), ElementsAre(HasSubstr("every row occurs 2 times")));
  ObservationTable clustered = ten;
  for (std::size_t row = 0; row < ten.score.size(); ++row) clustered.cluster.push_back(std::to_string(row % 12));
  EXPECT_THAT(WarningsOf(clustered), IsEmpty());
  ObservationTable with_one_more = ten;
  with_one_more.training_compute_flops.push_back(1e22);
  with_one_more.prompt_tokens.push_back(8192);
  with_one_more.context_limit_tokens.push_back(131072);
  with_one_more.score.push_back(0.5);
  EXPECT_THAT(WarningsOf(with_one_more), IsEmpty());
}

}  // namespace
}  // namespace ctxfit

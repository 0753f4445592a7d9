#include "kernels/fit/ablation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numbers>
#include <string>
#include <vector>

#include "kernels/data/residuals.h"
#include "kernels/data/split_tasks.h"
#include "kernels/fit/fit.h"
#include "kernels/statistics/goodness.h"
#include "tests/kernels/simulated_data.h"

namespace ctxfit {
namespace {

absl::StatusOr<std::vector<TaskAblation>> Ablate(const ObservationTable& table, const AblationOptions& options) {
  const std::unique_ptr<Backend> backend = MakeCpuBackend(2);
  return AblateTasks(*backend, ValidateAndSplit(table).value(), options, StopSignal());
}

AblationOptions FewCandidates() {
  AblationOptions options;
  options.fit.search.candidates = 32;
  return options;
}

TaskAblation AblateOne(const ObservationTable& table, const AblationOptions& options = FewCandidates()) {
  return Ablate(table, options).value().at(0);
}

std::vector<LawVariant> VariantsOf(const TaskAblation& ablation) {
  std::vector<LawVariant> variants;
  for (const VariantFit& variant : ablation.variants) variants.push_back(variant.variant);
  return variants;
}

TEST(AssignFoldsTest, FoldsDependOnTheSeedAloneAndDifferInSizeByOneAtMost) {
  const std::vector<int> folds = AssignFolds(7, 23, 5);
  std::vector<int> sizes(5);
  for (const int fold : folds) ++sizes.at(fold);
  std::sort(sizes.begin(), sizes.end());
  EXPECT_EQ(sizes, (std::vector<int>{4, 4, 5, 5, 5}));
  EXPECT_EQ(folds, AssignFolds(7, 23, 5));
  EXPECT_NE(folds, AssignFolds(8, 23, 5));
}

TEST(AblationTest, WithoutThePenaltyTheRecordsBeyondTheLimitSuffer) {
  Simulation simulation;
  simulation.per_model = 60;
  const TaskAblation ablation = AblateOne(Simulate(simulation));
  ASSERT_EQ(VariantsOf(ablation), (std::vector{LawVariant::kFull, LawVariant::kNoPenalty, LawVariant::kNoContextFactor,
                                               LawVariant::kNeither}));
  const VariantFit& full = ablation.variants[0];
  const VariantFit& no_penalty = ablation.variants[1];
  EXPECT_EQ(full.fitted_count, 4);
  EXPECT_EQ(no_penalty.fitted_count, 4);
  EXPECT_EQ(ablation.variants[2].fitted_count, 2);
  for (const VariantFit& variant : ablation.variants) EXPECT_TRUE(variant.fit.refinement.converged);
  // The noise is 0.02: the full law errs by no more on either side. Without the penalty it predicts the score that the
  // limit takes away, several tenths.
  EXPECT_LT(*full.fit.goodness.mae_within_limit, 0.02);
  EXPECT_LT(*full.fit.goodness.mae_beyond_limit, 0.02);
  EXPECT_GT(*no_penalty.fit.goodness.mae_beyond_limit, 0.2);
  EXPECT_GT(no_penalty.cross_validation->beyond_limit->mae, 0.2);
  EXPECT_LT(no_penalty.cross_validation->within_limit->mae, no_penalty.cross_validation->beyond_limit->mae);
  for (std::size_t i = 1; i < ablation.variants.size(); ++i) {
    EXPECT_GT(*ablation.variants[i].fit.goodness.bic, *full.fit.goodness.bic) << i;
    EXPECT_GT(ablation.variants[i].cross_validation->all.rmse, full.cross_validation->all.rmse) << i;
  }
}

TEST(AblationTest, TheTrueLawPredictsHeldOutRecordsWithinTheirNoise) {
  Simulation simulation;
  simulation.law.penalty.form = Penalty::Form::kNone;
  simulation.per_model = 200;
  simulation.distinct_prompts = false;
  AblationOptions options = FewCandidates();
  options.fit.penalty.form = Penalty::Form::kNone;
  const TaskAblation ablation = AblateOne(Simulate(simulation), options);
  EXPECT_EQ(VariantsOf(ablation), (std::vector{LawVariant::kFull, LawVariant::kNoContextFactor}));
  EXPECT_EQ(ablation.fold_count, 5);
  const CrossValidation& errors = *ablation.variants[0].cross_validation;
  EXPECT_EQ(errors.all.record_count, 1000);
  EXPECT_EQ(errors.unconverged_fold_count, 0);
  // The root mean square of 1,000 normal errors is known within 1 / sqrt(2,000) = 2.2 % (one standard deviation); four
  // parameters fitted to 800 records add 0.25 %. Five standard deviations of noise 0.02 are 0.0023.
  EXPECT_NEAR(errors.all.rmse, 0.02, 0.0023);
  // The mean absolute error of normal noise is sqrt(2 / pi) of its standard deviation.
  EXPECT_NEAR(errors.all.mae, 0.02 * std::sqrt(2 / std::numbers::pi), 0.0023);
}

TEST(AblationTest, AFoldHoldsOutWholeClusters) {
  Simulation simulation;
  simulation.clusters = 7;
  const ObservationTable table = Simulate(simulation);
  AblationOptions options = FewCandidates();
  options.folds = 3;
  options.fit.seed = 11;
  const TaskAblation ablation = AblateOne(table, options);

  // Folds by hand: the labels "run 0" to "run 6" are numbered in their order.
  const std::vector<int> folds = AssignFolds(11, 7, 3);
  const std::unique_ptr<Backend> backend = MakeCpuBackend(2);
  FitOptions fit_options = options.fit;
  fit_options.bootstrap.replicates = 0;
  ErrorSum all;
  for (int fold = 0; fold < 3; ++fold) {
    ObservationTable kept = table;
    ObservationTable held = table;
    for (std::size_t row = 0; row < table.cluster.size(); ++row) {
      const std::string& label = table.cluster[row];
      kept.held_out.push_back(folds[label.back() - '0'] == fold);
      held.held_out.push_back(!kept.held_out.back());
    }
    const auto fits =
        FitTasks(*backend, ValidateAndSplit(kept).value(), fit_options, StopSignal(), [](const FitProgress&) {});
    const Observations rows = OnlyTask(held);
    VisitResiduals(rows, ExpectedScores(rows, fits->at(0).law),
                   [&](std::size_t, std::size_t, double residual) { all.Add(residual, 1); });
  }
  EXPECT_EQ(ablation.variants[0].cross_validation->all.record_count, all.record_count());
  EXPECT_EQ(ablation.variants[0].cross_validation->all.mae, all.Summarize().mae);
}

TEST(AblationTest, FoldsAreZeroOrAtMostTheNumberOfUnits) {
  Simulation simulation;
  simulation.clusters = 4;
  const ObservationTable table = Simulate(simulation);
  EXPECT_EQ(AblateOne(table).fold_count, 4) << "fewer than the default's five";
  AblationOptions options = FewCandidates();
  options.folds = 0;
  EXPECT_FALSE(AblateOne(table, options).variants[0].cross_validation.has_value());
  for (const int folds : {-1, 1, 5}) {
    options.folds = folds;
    const absl::Status status = Ablate(table, options).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(status.message(),
              "folds = " + std::to_string(folds) + ": must be 0 or in [2, 4], the clusters of task \"\"");
  }
  ObservationTable one_cluster = table;
  one_cluster.cluster.assign(one_cluster.score.size(), "all");
  EXPECT_EQ(AblateOne(one_cluster).fold_count, 0) << "nothing to divide";
}

TEST(AblationTest, TheSameRequestGivesTheSameBitsInAnyOrderOfRows) {
  Simulation simulation;
  simulation.clusters = 10;
  ObservationTable table = Simulate(simulation);
  AblationOptions options = FewCandidates();
  options.folds = 2;
  const TaskAblation first = AblateOne(table, options);
  for (auto* column :
       {&table.training_compute_flops, &table.prompt_tokens, &table.context_limit_tokens, &table.score}) {
    std::reverse(column->begin(), column->end());
  }
  Labels reversed;
  for (std::size_t row = table.cluster.size(); row > 0; --row) reversed.push_back(table.cluster[row - 1]);
  table.cluster = reversed;
  const TaskAblation second = AblateOne(table, options);
  for (std::size_t i = 0; i < first.variants.size(); ++i) {
    EXPECT_EQ(first.variants[i].fit.goodness.mae, second.variants[i].fit.goodness.mae);
    EXPECT_EQ(first.variants[i].cross_validation->all.mae, second.variants[i].cross_validation->all.mae);
  }
}

TEST(AblationTest, ACancelledAblationEnds) {
  const std::unique_ptr<Backend> backend = MakeCpuBackend(1);
  StopSignal stop;
  stop.Cancel();
  EXPECT_EQ(AblateTasks(*backend, {OnlyTask(Simulate({}))}, {}, stop).status().code(), absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace ctxfit

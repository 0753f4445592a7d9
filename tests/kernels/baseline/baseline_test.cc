#include "kernels/baseline/baseline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "kernels/law/coordinate.h"
#include "kernels/law/penalty.h"
#include "tests/kernels/simulated_data.h"

namespace ctxfit {
namespace {

const Law kNoPenalty = {{}, {1, 1}, {Penalty::Form::kNone}};

// Twelve rows at three computes and four prompt lengths, with scores by `score` and weights 1 to 12.
ObservationTable Grid(const std::function<double(double compute, double prompt)>& score) {
  ObservationTable table;
  for (const double compute : {1e21, 5e21, 4e22}) {
    for (const double prompt : {100.0, 700.0, 2000.0, 9000.0}) {
      table.training_compute_flops.push_back(compute);
      table.prompt_tokens.push_back(prompt);
      table.context_limit_tokens.push_back(4096);
      table.score.push_back(score(compute, prompt));
      table.weight.push_back(static_cast<double>(table.score.size()));
    }
  }
  return table;
}

Baseline FitOne(const ObservationTable& table, BaselineForm form, const Law& frame = kNoPenalty) {
  return FitBaselines(OnlyTask(table), frame).at(static_cast<std::size_t>(form));
}

// Scores scatter about no line: the residuals of least squares are then orthogonal to every column of the design.
double Scattered(double compute, double prompt) { return 0.4 + 0.3 * std::sin(compute / 1e21 + 3 * std::log(prompt)); }

// The least squares of a transformed score by QR.
Eigen::VectorXd LeastSquares(const ObservationTable& table, double (*link)(double)) {
  const auto rows = static_cast<Eigen::Index>(table.score.size());
  Eigen::MatrixXd design(rows, 3);
  Eigen::VectorXd values(rows);
  for (Eigen::Index i = 0; i < rows; ++i) {
    const double root = std::sqrt(table.weight[i]);
    design.row(i) << root, root * std::log(table.training_compute_flops[i]), root * std::log(table.prompt_tokens[i]);
    values[i] = root * link(table.score[i]);
  }
  return design.colPivHouseholderQr().solve(values);
}

TEST(BaselineTest, LinesAreTheWeightedLeastSquares) {
  const ObservationTable table = Grid(Scattered);
  const Baseline log_line = FitOne(table, BaselineForm::kLogLine);
  const Eigen::VectorXd of_log = LeastSquares(table, [](double score) { return std::log(score); });
  // Condition number of the design with ln C of about 50: below 1e3, so QR is good to 1e-12.
  EXPECT_NEAR(log_line.compute_slope, of_log[1], 1e-11);
  EXPECT_NEAR(log_line.prompt_slope, of_log[2], 1e-11);
  EXPECT_NEAR(log_line.intercept,
              of_log[0] + of_log[1] * std::log(log_line.centre.compute_flops) +
                  of_log[2] * std::log(log_line.centre.prompt_tokens),
              1e-11);
  const Baseline logit_line = FitOne(table, BaselineForm::kLogitLine);
  const Eigen::VectorXd of_logit = LeastSquares(table, [](double score) { return std::log(score / (1 - score)); });
  EXPECT_NEAR(logit_line.compute_slope, of_logit[1], 1e-11);
  EXPECT_NEAR(logit_line.prompt_slope, of_logit[2], 1e-11);
}

TEST(BaselineTest, TheInterceptIsTheWeightedMeanOfTheScores) {
  const ObservationTable table = Grid(Scattered);
  double sum = 0;
  double weight = 0;
  for (std::size_t i = 0; i < table.score.size(); ++i) {
    sum += table.weight[i] * table.score[i];
    weight += table.weight[i];
  }
  const Baseline baseline = FitOne(table, BaselineForm::kIntercept);
  EXPECT_NEAR(baseline.intercept, sum / weight, 1e-15);
  EXPECT_EQ(baseline.mean_count, 12);
  EXPECT_THAT(ExpectedScores(OnlyTask(table), baseline), testing::Each(testing::DoubleNear(sum / weight, 1e-15)));
}

// A score that is a line on the logit, between floor and ceiling and under the penalty, is met by the logit line.
TEST(BaselineTest, ALineTakesFloorCeilingAndPenaltyFromTheLaw) {
  Law frame = {{}, {1, 1}, {Penalty::Form::kRatio, 0.5, 1.3}};
  frame.point.at[kFloor] = 0.1;
  frame.point.at[kHeadroom] = 0.2;
  const ObservationTable table = Grid([&](double compute, double prompt) {
    const double link = 0.2 * std::log(compute / 1e22) + 0.4 * std::log(prompt / 1000);
    return 0.1 + 0.7 / (1 + std::exp(-link)) * PenaltyFactor(frame.penalty, prompt, 4096);
  });
  const Baseline baseline = FitOne(table, BaselineForm::kLogitLine, frame);
  EXPECT_NEAR(baseline.compute_slope, 0.2, 1e-13);
  EXPECT_NEAR(baseline.prompt_slope, 0.4, 1e-13);
  // s at 9,000 tokens is 1 / (1 + exp((9000 / 4096 - 1.3) / 0.5)) = 0.143, too little to divide by.
  EXPECT_EQ(baseline.left_out_count, 3);
  const Observations observations = OnlyTask(table);
  const std::vector<double> expected = ExpectedScores(observations, baseline);
  for (std::size_t k = 0; k < expected.size(); ++k) {
    EXPECT_NEAR(expected[k], observations.score[observations.row_begin[k]], 1e-14) << k;
  }
}

TEST(BaselineTest, ALogLineEndsAtTheCeiling) {
  const ObservationTable table = Grid([](double, double prompt) { return 0.9 * std::pow(prompt / 9000, 0.3); });
  const Baseline baseline = FitOne(table, BaselineForm::kLogLine);
  ObservationTable far = Grid([](double, double) { return 0.5; });
  for (double& prompt : far.prompt_tokens) prompt *= 1000;
  const std::vector<double> expected = ExpectedScores(OnlyTask(far), baseline);
  EXPECT_EQ(*std::max_element(expected.begin(), expected.end()), 1);
}

TEST(BaselineTest, ASlopeWithoutVariationIsLeftOutWithItsReason) {
  ObservationTable table = Grid(Scattered);
  for (std::size_t i = 0; i < table.score.size(); ++i) {
    table.training_compute_flops[i] = i % 2 == 0 ? 1e22 : 1.002e22;
  }
  const Baseline one_compute = FitOne(table, BaselineForm::kLogitLine);
  EXPECT_EQ(one_compute.compute_slope, 0);
  EXPECT_EQ(one_compute.no_compute_slope_reason, "all records have one training compute");
  EXPECT_EQ(one_compute.no_prompt_slope_reason, "");
  EXPECT_NE(one_compute.prompt_slope, 0);
  table = Grid(Scattered);
  for (double& prompt : table.prompt_tokens) prompt = 512;
  const Baseline one_prompt = FitOne(table, BaselineForm::kLogLine);
  EXPECT_EQ(one_prompt.prompt_slope, 0);
  EXPECT_EQ(one_prompt.no_prompt_slope_reason, "all records have one prompt length");
  EXPECT_NE(one_prompt.compute_slope, 0);
}

TEST(BaselineTest, PromptsThatRiseWithComputeLeaveOneSlope) {
  ObservationTable table = Grid(Scattered);
  for (std::size_t i = 0; i < table.score.size(); ++i) {
    table.prompt_tokens[i] = std::sqrt(table.training_compute_flops[i] / 1e18);
  }
  const Baseline baseline = FitOne(table, BaselineForm::kLogLine);
  EXPECT_EQ(baseline.prompt_slope, 0);
  EXPECT_THAT(baseline.no_prompt_slope_reason, testing::HasSubstr("linear function"));
}

TEST(BaselineTest, RowsFarBeyondTheLimitAloneGiveNoBaselines) {
  ObservationTable table = Grid(Scattered);
  for (double& limit : table.context_limit_tokens) limit = 10;
  EXPECT_TRUE(FitBaselines(OnlyTask(table), {{}, {1, 1}, kStepPenalty}).empty());
}

TEST(BaselineTest, TheOrderOfRowsChangesNoBit) {
  const ObservationTable table = Grid(Scattered);
  ObservationTable reversed = table;
  for (auto* column : {&reversed.training_compute_flops, &reversed.prompt_tokens, &reversed.score, &reversed.weight}) {
    std::reverse(column->begin(), column->end());
  }
  const Baseline baseline = FitOne(table, BaselineForm::kLogitLine);
  const Baseline other = FitOne(reversed, BaselineForm::kLogitLine);
  EXPECT_EQ(baseline.intercept, other.intercept);
  EXPECT_EQ(baseline.compute_slope, other.compute_slope);
  EXPECT_EQ(baseline.prompt_slope, other.prompt_slope);
}

}  // namespace
}  // namespace ctxfit

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <random>
#include <string>
#include <tuple>
#include <utility>

#include "kernels/data/cells.h"
#include "kernels/data/split_tasks.h"
#include "kernels/fit/fit.h"
#include "kernels/fit/options.h"
#include "kernels/law/domain.h"
#include "kernels/law/fitted_law.h"
#include "kernels/law/loss.h"
#include "kernels/objective/linearization.h"
#include "tests/kernels/simulated_data.h"

namespace ctxfit {
namespace {

TaskFit Fit(const ObservationTable& table, Loss loss, double threshold = 0.05) {
  const std::unique_ptr<Backend> backend = MakeCpuBackend(2);
  FitOptions options;
  options.loss = {loss, threshold};
  options.bootstrap.replicates = 200;
  return FitTasks(*backend, ValidateAndSplit(table).value(), options, StopSignal(), [](const FitProgress&) {})
      .value()
      .at(0);
}

Estimate Find(const TaskFit& fit, const std::string& name) {
  for (const Estimate& estimate : fit.estimates) {
    if (estimate.name == name) return estimate;
  }
  return {};
}

// 0/1 scores of prompts well within the limit, so that their probabilities lie between 0 and 1.
ObservationTable Trials() {
  Simulation simulation;
  simulation.per_model = 1500;
  simulation.clusters = 50;
  simulation.noise = 0;
  simulation.distinct_prompts = false;
  ObservationTable table = Simulate(simulation);
  std::mt19937 random(5);
  std::uniform_real_distribution<double> uniform;
  for (std::size_t i = 0; i < table.score.size(); ++i) {
    table.context_limit_tokens[i] = 1e6;
    const double probability =
        Predict(simulation.law, table.training_compute_flops[i], table.prompt_tokens[i], table.context_limit_tokens[i]);
    table.score[i] = uniform(random) < probability ? 1 : 0;
  }
  return table;
}

TEST(LossesFitTest, BernoulliRecoversTheLawOfTrials) {
  const TaskFit fit = Fit(Trials(), Loss::kBernoulli);
  EXPECT_TRUE(fit.refinement.converged) << fit.refinement.termination_message;
  EXPECT_EQ(fit.bootstrap.converged_count, 200);
  const std::map<std::string, double> truth = {{"compute_exponent", 0.4}, {"context_exponent", 0.6}};
  for (const auto& [name, value] : truth) {
    const Estimate estimate = Find(fit, name);
    EXPECT_NEAR(*estimate.value, value, 4 * *estimate.standard_error) << name;
    // The sandwich does not use replicates: 200 of them give a standard error within 5 %, 50 clusters within 10 %.
    EXPECT_NEAR(*estimate.sandwich_standard_error, *estimate.standard_error, 0.3 * *estimate.standard_error) << name;
  }
}

TEST(LossesFitTest, BernoulliTakesMeansForTheTrialsBehindThem) {
  const ObservationTable trials = Trials();
  std::map<std::tuple<double, double, std::string>, std::pair<double, double>> sums;
  for (std::size_t i = 0; i < trials.score.size(); ++i) {
    auto& [count, successes] = sums[{trials.training_compute_flops[i], trials.prompt_tokens[i], trials.cluster[i]}];
    count += 1;
    successes += trials.score[i];
  }
  ObservationTable means;
  for (const auto& [key, sum] : sums) {
    const double mean = sum.second / sum.first;
    means.training_compute_flops.push_back(std::get<0>(key));
    means.prompt_tokens.push_back(std::get<1>(key));
    means.context_limit_tokens.push_back(1e6);
    means.cluster.push_back(std::get<2>(key));
    means.score.push_back(mean);
    means.weight.push_back(sum.first);
    means.score_variance.push_back(mean * (1 - mean));
  }
  const TaskFit of_trials = Fit(trials, Loss::kBernoulli);
  const TaskFit of_means = Fit(means, Loss::kBernoulli);
  // The deviance is about 1 per trial, and sums of 7,500 of them are rounded to 1e-12 of themselves.
  EXPECT_NEAR(*of_means.goodness.aic, *of_trials.goodness.aic, 1e-10 * *of_trials.goodness.aic);
  for (std::size_t i = 0; i < of_trials.estimates.size(); ++i) {
    const Estimate& expected = of_trials.estimates[i];
    if (expected.fixed) continue;
    // Both end within 3e-5 standard errors of the optimum.
    EXPECT_NEAR(*of_means.estimates[i].value, *expected.value, 1e-4 * *expected.standard_error);
    EXPECT_NEAR(*of_means.estimates[i].standard_error, *expected.standard_error, 1e-3 * *expected.standard_error);
  }
}

// 0/1 scores on prompts up to some five times their limit: a steep penalty tells nearly all 1s from the 0s beyond it,
// and the cost hardly depends on its width and onset between the two.
TEST(LossesFitTest, BernoulliConvergesOnAPlateauOfThePenalty) {
  const std::unique_ptr<Backend> backend = MakeCpuBackend(2);
  FitOptions options;
  options.loss.loss = Loss::kBernoulli;
  options.penalty = {Penalty::Form::kRatio, 0.1, 1};
  options.fit_penalty_width = options.fit_penalty_onset = true;
  options.bootstrap.replicates = 0;
  for (unsigned seed = 1; seed <= 30; ++seed) {
    Simulation simulation;
    simulation.law.penalty = {Penalty::Form::kRatio, 0.1, 1.2};
    simulation.per_model = 24;
    simulation.noise = 0;
    simulation.seed = seed;
    ObservationTable table = Simulate(simulation);
    std::mt19937 random(seed);
    std::uniform_real_distribution<double> uniform;
    for (double& score : table.score) score = uniform(random) < score;
    const TaskFit fit = FitTask(*backend, OnlyTask(table), options, StopSignal()).value();
    EXPECT_TRUE(fit.refinement.converged) << seed << ": " << fit.refinement.termination_message;
  }
}

TEST(LossesFitTest, AicOfTrialsIsThatOfTheirLikelihood) {
  const ObservationTable trials = Trials();
  const TaskFit fit = Fit(trials, Loss::kBernoulli);
  double log_likelihood = 0;
  for (std::size_t i = 0; i < trials.score.size(); ++i) {
    const double p = Predict(fit.law, trials.training_compute_flops[i], trials.prompt_tokens[i], 1e6);
    log_likelihood += trials.score[i] == 1 ? std::log(p) : std::log(1 - p);
  }
  EXPECT_NEAR(*fit.goodness.aic, -2 * log_likelihood + 2 * 4, 1e-9 * *fit.goodness.aic);
}

TEST(LossesFitTest, HuberIsNotMovedByRowsFarOff) {
  Simulation simulation;
  simulation.per_model = 200;
  ObservationTable table = Simulate(simulation);
  for (std::size_t i = 0; i < table.score.size(); i += 20) table.score[i] = 0;
  const TaskFit squared = Fit(table, Loss::kSquared);
  const TaskFit huber = Fit(table, Loss::kHuber, 0.03);
  EXPECT_TRUE(huber.refinement.converged) << huber.refinement.termination_message;
  EXPECT_EQ(huber.bootstrap.converged_count, 200);
  EXPECT_FALSE(huber.goodness.aic.has_value());
  // 5 % of rows at 0 lower the level by 5 % in the mean; Huber's loss lets each pull by its threshold only.
  const auto prediction = [](const TaskFit& fit) { return Predict(fit.law, 3e22, 3000, 1e6); };
  const double truth = Predict(simulation.law, 3e22, 3000, 1e6);
  EXPECT_GT(truth - prediction(squared), 0.02);
  EXPECT_LT(std::abs(truth - prediction(huber)), 0.005);
}

TEST(LossesFitTest, HuberWithAThresholdBeyondEveryResidualIsLeastSquares) {
  const ObservationTable table = Simulate({});
  const TaskFit squared = Fit(table, Loss::kSquared);
  const TaskFit huber = Fit(table, Loss::kHuber, 1);
  EXPECT_NEAR(huber.refinement.final_cost, squared.refinement.final_cost, 1e-9 * squared.refinement.final_cost);
  for (std::size_t i = 0; i < squared.estimates.size(); ++i) {
    const Estimate& expected = squared.estimates[i];
    if (expected.fixed) continue;
    EXPECT_NEAR(*huber.estimates[i].value, *expected.value, 1e-4 * *expected.standard_error);
    EXPECT_NEAR(*huber.estimates[i].sandwich_standard_error, *expected.sandwich_standard_error,
                1e-3 * *expected.sandwich_standard_error);
  }
}

TEST(LossesFitTest, CellsCostWhatTheirRowsCost) {
  Simulation simulation;
  simulation.noise = 0.2;
  simulation.distinct_prompts = false;
  simulation.per_model = 300;
  const ObservationTable table = Simulate(simulation);
  const Law law = {{{-0.4, 0.3, 0.2, 0.5, 0, 0, 0, 0}}, {1e22, 1000}, {}};
  const auto expect_cost = [&]<Loss kLoss>() {
    const Cells cells =
        Collapse(OnlyTask(table), law.references, law.penalty, Units::kMerge, LawFormFor(MakeDomain({}), {kLoss, 0.1}));
    double cost = 0;
    for (std::size_t i = 0; i < table.score.size(); ++i) {
      const double p =
          Predict(law, table.training_compute_flops[i], table.prompt_tokens[i], table.context_limit_tokens[i]);
      cost += MeasureLoss<kLoss>(table.score[i], p, 0.1).cost;
      if (kLoss == Loss::kBernoulli) cost += SaturatedCost(table.score[i]);
    }
    EXPECT_NEAR(WeightedCost(cells, law.point), cost, 1e-11 * cost);
  };
  expect_cost.template operator()<Loss::kSquared>();
  expect_cost.template operator()<Loss::kHuber>();
  expect_cost.template operator()<Loss::kBernoulli>();
}

}  // namespace
}  // namespace ctxfit

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <tuple>

#include "kernels/data/split_tasks.h"
#include "kernels/fit/fit.h"
#include "kernels/fit/options.h"
#include "tests/kernels/simulated_data.h"

namespace ctxfit {
namespace {

// Sums leave at most 1e-12 of themselves to the order of their terms here; the least-squares problem magnifies that by
// its condition number, about 10.
constexpr double kRounding = 1e-10;

// The rows of a table as means over those that share covariates and cluster, with their variances.
ObservationTable Means(const ObservationTable& rows) {
  std::map<std::tuple<double, double, double, std::string>, std::vector<double>> groups;
  for (std::size_t row = 0; row < rows.score.size(); ++row) {
    groups[{rows.training_compute_flops[row], rows.prompt_tokens[row], rows.context_limit_tokens[row],
            rows.cluster[row]}]
        .push_back(rows.score[row]);
  }
  ObservationTable means;
  for (const auto& [key, scores] : groups) {
    const auto count = static_cast<double>(scores.size());
    double mean = 0;
    double variance = 0;
    for (const double score : scores) mean += score / count;
    for (const double score : scores) variance += (score - mean) * (score - mean) / count;
    means.training_compute_flops.push_back(std::get<0>(key));
    means.prompt_tokens.push_back(std::get<1>(key));
    means.context_limit_tokens.push_back(std::get<2>(key));
    means.cluster.push_back(std::get<3>(key));
    means.score.push_back(mean);
    means.weight.push_back(count);
    means.score_variance.push_back(variance);
  }
  return means;
}

TaskFit Fit(const ObservationTable& table) {
  const std::unique_ptr<Backend> backend = MakeCpuBackend(2);
  FitOptions options;
  options.bootstrap.replicates = 200;
  return FitTasks(*backend, ValidateAndSplit(table).value(), options, StopSignal(), [](const FitProgress&) {})
      .value()
      .at(0);
}

void ExpectEqual(double actual, double expected) { EXPECT_NEAR(actual, expected, kRounding * std::abs(expected)); }

TEST(ScoreVarianceTest, MeansWithTheirVariancesFitAsTheEvaluationsBehindThem) {
  Simulation simulation;
  simulation.per_model = 1200;
  simulation.distinct_prompts = false;
  simulation.clusters = 40;
  const ObservationTable rows = Simulate(simulation);
  const ObservationTable means = Means(rows);
  ASSERT_LT(means.score.size(), rows.score.size() / 10);
  const TaskFit of_rows = Fit(rows);
  const TaskFit of_means = Fit(means);

  EXPECT_EQ(of_means.goodness.record_count, of_rows.goodness.record_count);
  ExpectEqual(of_means.goodness.sse, of_rows.goodness.sse);
  ExpectEqual(of_means.goodness.rmse, of_rows.goodness.rmse);
  ExpectEqual(*of_means.goodness.r_squared, *of_rows.goodness.r_squared);
  ExpectEqual(*of_means.goodness.aic, *of_rows.goodness.aic);
  ExpectEqual(*of_means.goodness.bic, *of_rows.goodness.bic);
  ASSERT_EQ(of_means.estimates.size(), of_rows.estimates.size());
  for (std::size_t i = 0; i < of_rows.estimates.size(); ++i) {
    const Estimate& expected = of_rows.estimates[i];
    const Estimate& actual = of_means.estimates[i];
    ExpectEqual(*actual.value, *expected.value);
    if (expected.fixed) continue;
    ExpectEqual(*actual.standard_error, *expected.standard_error);
    ExpectEqual(actual.interval->lower, expected.interval->lower);
    ExpectEqual(actual.interval->upper, expected.interval->upper);
    ExpectEqual(*actual.sandwich_standard_error, *expected.sandwich_standard_error);
  }
}

TEST(ScoreVarianceTest, MeansWithoutVariancesFitTheSameLawWithAnotherGoodness) {
  Simulation simulation;
  simulation.per_model = 1200;
  simulation.distinct_prompts = false;
  simulation.clusters = 40;
  const ObservationTable rows = Simulate(simulation);
  ObservationTable means = Means(rows);
  means.score_variance.clear();
  const TaskFit of_rows = Fit(rows);
  const TaskFit of_means = Fit(means);
  for (std::size_t i = 0; i < of_rows.estimates.size(); ++i) {
    ExpectEqual(*of_means.estimates[i].value, *of_rows.estimates[i].value);
  }
  EXPECT_LT(of_means.goodness.sse, 0.5 * of_rows.goodness.sse);
}

}  // namespace
}  // namespace ctxfit

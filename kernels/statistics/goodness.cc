#include "kernels/statistics/goodness.h"

#include <algorithm>
#include <cmath>

#include "kernels/base/stop_signal.h"
#include "kernels/base/thread_pool.h"
#include "kernels/data/observations.h"
#include "kernels/data/residuals.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/fitted_law.h"
#include "kernels/law/law.h"
#include "kernels/law/loss_rule.h"
#include "kernels/law/penalty.h"
#include "kernels/law/penalty_at.h"

namespace ctxfit {
namespace {

// A weighted mean, unset without terms.
struct WeightedMean {
  double sum = 0;
  double weight = 0;

  void Add(double value, double by) {
    sum += by * value;
    weight += by;
  }
  std::optional<double> Value() const {
    if (weight == 0) return std::nullopt;
    return sum / weight;
  }
};

// The sum of squares within rows that are means, from their variances.
double SumOfSquaresWithinRows(const Observations& observations) {
  double sum = 0;
  for (std::size_t row = 0; row < observations.score_variance.size(); ++row) {
    sum += observations.WeightOf(row) * observations.score_variance[row];
  }
  return sum;
}

double SumOfSquaresAbout(double mean, const Observations& observations) {
  double sum = 0;
  for (std::size_t row = 0; row < observations.size(); ++row) {
    const double deviation = observations.score[row] - mean;
    sum += observations.WeightOf(row) * deviation * deviation;
  }
  return sum;
}

// Adds AIC and BIC. The squared loss is the likelihood of normal errors, whose variance is one more parameter, and the
// Bernoulli loss that of 0/1 scores; Huber's is the likelihood of no distribution that describes scores.
void AddCriteria(Loss loss, double cost, int fitted_count, Goodness& goodness) {
  const auto count = static_cast<double>(goodness.record_count);
  const bool normal = TraitsOf(loss).is_sum_of_squares;
  if (!normal && !TraitsOf(loss).is_deviance) return;
  if ((normal && goodness.sse <= 0) || goodness.record_count < 1) return;
  const double deviance = normal ? count * std::log(goodness.sse / count) : cost;
  const int parameters = fitted_count + (normal ? 1 : 0);
  goodness.aic = deviance + 2.0 * parameters;
  goodness.bic = deviance + parameters * std::log(count);
}

}  // namespace

std::vector<double> ExpectedScores(const Observations& observations, const Law& law, ThreadPool& pool) {
  constexpr std::size_t kCombinationsPerPart = 8192;
  std::vector<double> factors;
  for (const double compute : observations.levels.compute) {
    factors.push_back(ComputeFactor(law.point, std::log(compute / law.references.compute_flops)));
  }
  const double floor = law.point.at[kFloor];
  const double span = SpanOf(law.point);
  const PenaltyAt penalty_at(law.point);
  std::vector<double> expected(observations.covariates.size());
  const auto fill = [&](std::size_t part, int) {
    const std::size_t begin = part * kCombinationsPerPart;
    double context_factor = 0;
    for (std::size_t k = begin; k < std::min(begin + kCombinationsPerPart, expected.size()); ++k) {
      const Covariates& covariates = observations.covariates[k];
      const bool same_prompt = k > begin && covariates.prompt == observations.covariates[k - 1].prompt;
      if (!same_prompt) {
        context_factor = ContextFactor(law.point, std::log(covariates.prompt / law.references.prompt_tokens));
      }
      const double penalty = penalty_at(MakeExcess(law.penalty, covariates.prompt, covariates.limit));
      expected[k] = Score(factors[observations.levels.level_of[k]], context_factor, penalty, floor, span);
    }
  };
  const std::size_t parts = (expected.size() + kCombinationsPerPart - 1) / kCombinationsPerPart;
  pool.ParallelFor(parts, StopSignal(), fill).IgnoreError();
  return expected;
}

std::vector<double> ExpectedScores(const Observations& observations, const Law& law) {
  ThreadPool single(1);
  return ExpectedScores(observations, law, single);
}

Goodness MeasureGoodness(const Observations& observations, const std::vector<double>& expected, int fitted_count,
                         Loss loss, double cost) {
  WeightedMean within;
  WeightedMean beyond;
  WeightedMean squares;
  WeightedMean score;
  VisitResiduals(observations, expected, [&](std::size_t k, std::size_t row, double residual) {
    WeightedMean& side = observations.covariates[k].within_limit() ? within : beyond;
    side.Add(std::abs(residual), observations.WeightOf(row));
    squares.Add(residual * residual, observations.WeightOf(row));
    score.Add(observations.score[row], observations.WeightOf(row));
  });
  const double within_rows = SumOfSquaresWithinRows(observations);
  Goodness goodness;
  goodness.record_count = observations.record_count();
  goodness.sse = squares.sum + within_rows;
  goodness.rmse = std::sqrt(goodness.sse / squares.weight);
  goodness.mae = (within.sum + beyond.sum) / (within.weight + beyond.weight);
  if (std::isfinite(observations.covariates.front().limit)) {
    goodness.mae_within_limit = within.Value();
    goodness.mae_beyond_limit = beyond.Value();
  }

  // Equal scores, up to rounding, leave nothing to explain.
  const double total = SumOfSquaresAbout(*score.Value(), observations) + within_rows;
  if (total > 1e-24 * squares.weight) goodness.r_squared = 1 - goodness.sse / total;
  AddCriteria(loss, cost, fitted_count, goodness);
  return goodness;
}

}  // namespace ctxfit

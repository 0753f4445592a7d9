#include "kernels/goodness.h"

#include <cmath>

namespace ctxfit {
namespace {

// A weighted mean that knows whether it has any terms.
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

double SumOfSquaresAboutMean(const Observations& observations) {
  WeightedMean mean;
  for (std::size_t row = 0; row < observations.size(); ++row) {
    mean.Add(observations.score[row], observations.weight[row]);
  }
  double sum = 0;
  for (std::size_t row = 0; row < observations.size(); ++row) {
    const double deviation = observations.score[row] - *mean.Value();
    sum += observations.weight[row] * deviation * deviation;
  }
  return sum;
}

}  // namespace

std::vector<double> Residuals(const Observations& observations, const Law& law) {
  std::vector<double> residuals(observations.size());
  for (std::size_t row = 0; row < residuals.size(); ++row) {
    residuals[row] = observations.score[row] -
                     Predict(law, observations.compute[row], observations.prompt[row], observations.limit[row]);
  }
  return residuals;
}

Goodness MeasureGoodness(const Observations& observations, const std::vector<double>& residuals, int fitted_count) {
  WeightedMean within;
  WeightedMean beyond;
  WeightedMean squares;
  for (std::size_t row = 0; row < residuals.size(); ++row) {
    const double weight = observations.weight[row];
    WeightedMean& side = observations.prompt[row] <= observations.limit[row] ? within : beyond;
    side.Add(std::abs(residuals[row]), weight);
    squares.Add(residuals[row] * residuals[row], weight);
  }
  Goodness goodness;
  goodness.record_count = static_cast<std::int64_t>(residuals.size());
  goodness.sse = squares.sum;
  goodness.rmse = std::sqrt(*squares.Value());
  goodness.mae = (within.sum + beyond.sum) / (within.weight + beyond.weight);
  goodness.mae_within_limit = within.Value();
  goodness.mae_beyond_limit = beyond.Value();

  // Scores that are equal but for rounding leave nothing to explain.
  const double total = SumOfSquaresAboutMean(observations);
  if (total > 1e-24 * squares.weight) goodness.r_squared = 1 - goodness.sse / total;
  if (goodness.sse > 0) {
    const auto count = static_cast<double>(residuals.size());
    const double deviance = count * std::log(goodness.sse / count);
    goodness.aic = deviance + 2.0 * (fitted_count + 1);
    goodness.bic = deviance + (fitted_count + 1) * std::log(count);
  }
  return goodness;
}

}  // namespace ctxfit

#include "kernels/variance_components.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace ctxfit {
namespace {

// Sums over the rows of a cluster.
struct Cluster {
  double weight = 0;
  double residual = 0;
};

double VarianceOf(const Observations& observations, std::size_t row) {
  return observations.score_variance.empty() ? 0 : observations.score_variance[row];
}

VarianceComponents Independent(const Observations& observations, const std::vector<double>& residuals,
                               int fitted_count) {
  double sse = 0;
  for (std::size_t row = 0; row < residuals.size(); ++row) {
    sse += observations.weight[row] * (residuals[row] * residuals[row] + VarianceOf(observations, row));
  }
  return {0, sse / static_cast<double>(std::max<std::int64_t>(1, observations.record_count() - fitted_count))};
}

}  // namespace

VarianceComponents EstimateVarianceComponents(const Observations& observations, const std::vector<double>& residuals,
                                              int fitted_count) {
  const std::int64_t within_freedom = observations.record_count() - observations.unit_count;
  if (!observations.clustered || within_freedom < 1 || observations.unit_count < 2) {
    return Independent(observations, residuals, fitted_count);
  }
  std::vector<Cluster> clusters(observations.unit_count);
  for (std::size_t row = 0; row < residuals.size(); ++row) {
    Cluster& cluster = clusters[observations.unit[row]];
    cluster.weight += observations.weight[row];
    cluster.residual += observations.weight[row] * residuals[row];
  }
  double within = 0;
  for (std::size_t row = 0; row < residuals.size(); ++row) {
    const Cluster& cluster = clusters[observations.unit[row]];
    const double deviation = residuals[row] - cluster.residual / cluster.weight;
    within += observations.weight[row] * (deviation * deviation + VarianceOf(observations, row));
  }
  double weight = 0;
  double squared_weight = 0;
  double between = 0;
  for (const Cluster& cluster : clusters) {
    weight += cluster.weight;
    squared_weight += cluster.weight * cluster.weight;
    between += cluster.residual * cluster.residual / cluster.weight;
  }
  const double count = observations.unit_count;
  const double sigma_squared = within / static_cast<double>(within_freedom);
  const double typical_weight = (weight - squared_weight / weight) / (count - 1);
  const double between_freedom = std::max(1.0, count - fitted_count);
  return {std::max(0.0, between / between_freedom - sigma_squared) / typical_weight, sigma_squared};
}

}  // namespace ctxfit

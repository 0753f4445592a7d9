#include "kernels/statistics/variance_components.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "kernels/data/observations.h"
#include "kernels/data/residuals.h"

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

VarianceComponents Independent(const Observations& observations, const std::vector<double>& expected,
                               int fitted_count) {
  double sse = 0;
  VisitResiduals(observations, expected, [&](std::size_t, std::size_t row, double residual) {
    sse += observations.WeightOf(row) * (residual * residual + VarianceOf(observations, row));
  });
  return {0, sse / static_cast<double>(std::max<std::int64_t>(1, observations.record_count() - fitted_count))};
}

}  // namespace

VarianceComponents EstimateVarianceComponents(const Observations& observations, const std::vector<double>& expected,
                                              int fitted_count) {
  const std::int64_t within_freedom = observations.record_count() - observations.unit_count;
  if (!observations.clustered || within_freedom < 1 || observations.unit_count < 2) {
    return Independent(observations, expected, fitted_count);
  }
  std::vector<Cluster> clusters(observations.unit_count);
  VisitResiduals(observations, expected, [&](std::size_t, std::size_t row, double residual) {
    Cluster& cluster = clusters[observations.unit[row]];
    cluster.weight += observations.WeightOf(row);
    cluster.residual += observations.WeightOf(row) * residual;
  });
  std::vector<double> mean(clusters.size());
  for (std::size_t c = 0; c < mean.size(); ++c) mean[c] = clusters[c].residual / clusters[c].weight;
  double within = 0;
  VisitResiduals(observations, expected, [&](std::size_t, std::size_t row, double residual) {
    const double deviation = residual - mean[observations.unit[row]];
    within += observations.WeightOf(row) * (deviation * deviation + VarianceOf(observations, row));
  });
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

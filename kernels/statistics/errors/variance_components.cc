#include "kernels/statistics/errors/variance_components.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "kernels/data/observations.h"
#include "kernels/data/residuals.h"
#include "kernels/law/loss_rule.h"
#include "kernels/statistics/errors/contribution.h"

namespace ctxfit {
namespace {

// A row in the units of the components.
struct Row {
  double weight;    // a = w v
  double residual;  // z
  double unit;      // v
  double variance;  // score_variance / v
};

// Sums over the rows of a cluster.
struct Cluster {
  double weight = 0;       // sum of a
  double residual = 0;     // sum of a z
  double weight_unit = 0;  // sum of a v
  int row_count = 0;

  double mean() const { return residual / weight; }
};

// The rows from which components are estimated: those of the combinations in `informative`.
struct Sample {
  const Observations& observations;
  const std::vector<double>& expected;
  const std::vector<bool>& informative;
};

// Calls visit(row number, row) for every row of `sample`.
template <class Visit>
void VisitRows(const Sample& sample, const VarianceComponents& components, const Visit& visit) {
  const Observations& observations = sample.observations;
  VisitResiduals(observations, sample.expected, [&](std::size_t k, std::size_t row, double residual) {
    if (!sample.informative[k]) return;
    const double unit = components.UnitAt(sample.expected[k]);
    const double variance = observations.score_variance.empty() ? 0 : observations.score_variance[row];
    visit(row, Row{observations.WeightOf(row) * unit, residual / std::sqrt(unit), unit, variance / unit});
  });
}

// True if every evaluation behind a row scores 0 or 1: their variance is the largest that their mean allows, as far as
// a table of six digits tells.
bool IsBinary(const Observations& observations, std::size_t row) {
  const double largest = observations.score[row] * (1 - observations.score[row]);
  return largest == 0 ||
         (!observations.score_variance.empty() && observations.score_variance[row] >= (1 - 1e-5) * largest);
}

void EstimateIndependent(const Sample& sample, int fitted_count, VarianceComponents& components) {
  double squares = 0;
  double units = 0;
  double records = 0;
  VisitRows(sample, components, [&](std::size_t number, const Row& row) {
    squares += row.weight * (row.residual * row.residual + row.variance);
    records += RecordsBehind(sample.observations, number);
    units += RecordsBehind(sample.observations, number) * row.unit;
  });
  components.within = squares / units * records / std::max(1.0, records - fitted_count);
}

// Rows in one of the units, with their sums over clusters; no sums without clusters.
struct ScaledRows {
  VarianceComponents components;
  std::vector<Cluster> clusters;
};

ScaledRows Scale(const Sample& sample, bool in_binomial_units) {
  ScaledRows rows = {{.in_binomial_units = in_binomial_units}, {}};
  if (!sample.observations.clustered) return rows;
  rows.clusters.resize(sample.observations.unit_count);
  VisitRows(sample, rows.components, [&](std::size_t number, const Row& row) {
    Cluster& cluster = rows.clusters[sample.observations.unit[number]];
    cluster.weight += row.weight;
    cluster.residual += row.weight * row.residual;
    cluster.weight_unit += row.weight * row.unit;
    ++cluster.row_count;
  });
  return rows;
}

// -2 ln of the likelihood of the rows' residuals as independent normal numbers of variance sigma^2 v / w, with the
// sigma^2 that maximises it, but for terms that do not depend on the unit v. In clusters, residuals are those about the
// cluster's mean, and rows that are alone in theirs do not count.
double UnitDeviance(const Sample& sample, const ScaledRows& rows) {
  double squares = 0;
  double log_units = 0;
  double count = 0;
  VisitRows(sample, rows.components, [&](std::size_t number, const Row& row) {
    double deviation = row.residual;
    if (sample.observations.clustered) {
      const Cluster& cluster = rows.clusters[sample.observations.unit[number]];
      if (cluster.row_count < 2) return;
      deviation -= cluster.mean();
    }
    squares += row.weight / row.unit * deviation * deviation;
    log_units += std::log(row.unit);
    ++count;
  });
  return count > 0 ? count * std::log(squares) + log_units : 0;
}

// True if every evaluation counts as a score of 0 or 1.
bool AreBinary(const Observations& observations, const LossRule& loss) {
  if (TraitsOf(loss.loss).is_deviance) return true;
  for (std::size_t row = 0; row < observations.size(); ++row) {
    if (!IsBinary(observations, row)) return false;
  }
  return true;
}

// Scales rows by the unit that describes them: the binomial one if their evaluations are 0 or 1, or if residuals shrink
// towards scores of 0 and 1 as binomial ones do, so clearly that chance does not explain it.
ScaledRows ScaleByBestUnit(const Sample& sample, const LossRule& loss) {
  constexpr double kClear = 6;  // a likelihood twenty times as high
  ScaledRows binomial = Scale(sample, true);
  if (AreBinary(sample.observations, loss)) return binomial;
  ScaledRows constant = Scale(sample, false);
  const double gain = UnitDeviance(sample, constant) - UnitDeviance(sample, binomial);
  if (gain > kClear) return binomial;
  return constant;
}

void EstimateClustered(const Sample& sample, int fitted_count, const std::vector<Cluster>& clusters,
                       VarianceComponents& components) {
  double units = 0;
  double within = 0;
  VisitRows(sample, components, [&](std::size_t number, const Row& row) {
    const double deviation = row.residual - clusters[sample.observations.unit[number]].mean();
    within += row.weight * (deviation * deviation + row.variance);
    units += RecordsBehind(sample.observations, number) * row.unit;
  });
  double weight = 0;
  double squared_weight = 0;
  double between = 0;
  double units_of_means = 0;
  double count = 0;
  for (const Cluster& cluster : clusters) {
    if (cluster.row_count == 0) continue;
    ++count;
    weight += cluster.weight;
    squared_weight += cluster.weight * cluster.weight;
    between += cluster.weight * cluster.mean() * cluster.mean();
    units_of_means += cluster.weight_unit / cluster.weight;
  }
  components.within = within / (units - units_of_means);
  const double typical_weight = (weight - squared_weight / weight) / (count - 1);
  const double excess = between / std::max(1.0, count - fitted_count) - components.within * units_of_means / count;
  components.between_clusters = std::max(0.0, excess) / typical_weight;
}

}  // namespace

double VarianceComponents::UnitAt(double expected) const {
  if (!in_binomial_units) return 1;
  constexpr double kLowest = 1e-6;
  const double share = std::clamp(expected, kLowest, 1 - kLowest);
  return share * (1 - share);
}

VarianceComponents EstimateVarianceComponents(const Observations& observations, const std::vector<double>& expected,
                                              const std::vector<bool>& informative, int fitted_count,
                                              const LossRule& loss) {
  const bool has_informative = std::find(informative.begin(), informative.end(), true) != informative.end();
  const std::vector<bool> all(expected.size(), true);
  const Sample sample = {observations, expected, has_informative ? informative : all};
  ScaledRows rows = ScaleByBestUnit(sample, loss);
  const Contribution contribution = FindContribution(observations, sample.informative);
  const auto units = std::count(contribution.unit.begin(), contribution.unit.end(), true);
  if (observations.clustered && contribution.record_count > static_cast<double>(units) && units >= 2) {
    EstimateClustered(sample, fitted_count, rows.clusters, rows.components);
  } else {
    EstimateIndependent(sample, fitted_count, rows.components);
  }
  return rows.components;
}

}  // namespace ctxfit

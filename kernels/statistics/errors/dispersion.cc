#include "kernels/statistics/errors/dispersion.h"

#include <algorithm>
#include <cstddef>

#include "kernels/data/observations.h"
#include "kernels/data/residuals.h"
#include "kernels/law/loss.h"
#include "kernels/law/loss_rule.h"

namespace ctxfit {
namespace {

// The square of the rounding of residuals: an exact fit has this dispersion.
constexpr double kMinDispersion = 1e-24;

// The expected squared residual of a score in units of the dispersion.
double UnitVariance(const LossRule& loss, double score, double expected) {
  return TraitsOf(loss.loss).is_deviance ? 1 / MeasureFullLoss(loss, score, expected).curvature : 1;
}

}  // namespace

double DispersionOf(const Observations& observations, const std::vector<double>& expected,
                    const std::vector<bool>& informative, int fitted_count, const LossRule& loss, double variance) {
  const bool is_deviance = TraitsOf(loss.loss).is_deviance;
  // Scores of 0 and 1 are single evaluations, whose variance is P (1 - P) however well the law tells them apart.
  const auto is_single = [](double score) { return score == 0 || score == 1; };
  const bool all_single = is_deviance && std::all_of(observations.score.begin(), observations.score.end(), is_single);
  const double least = all_single ? 1 : kMinDispersion;
  if (!is_deviance && std::find(informative.begin(), informative.end(), false) == informative.end()) return variance;
  double sum = 0;
  auto count = static_cast<double>(observations.record_count() - fitted_count);
  VisitResiduals(observations, expected, [&](std::size_t k, std::size_t row, double residual) {
    if (!informative[k]) {
      count -= observations.score_variance.empty() ? 1 : observations.WeightOf(row);
      return;
    }
    const double within = observations.score_variance.empty() ? 0 : observations.score_variance[row];
    sum += observations.WeightOf(row) * (residual * residual + within) /
           UnitVariance(loss, observations.score[row], expected[k]);
  });
  if (count < 1) return variance;
  const double dispersion = std::max(sum / count, least);
  return is_deviance ? dispersion : std::min(variance, dispersion);
}

}  // namespace ctxfit

#include "kernels/fit/held_out_errors.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "kernels/baseline/shares.h"
#include "kernels/data/cell_frame.h"
#include "kernels/data/observations.h"
#include "kernels/data/residuals.h"
#include "kernels/statistics/goodness.h"

namespace ctxfit {
namespace {

double Logit(double share) { return std::log(share / (1 - share)); }

// The logit of an observed mean of `weight` evaluations, empirical at 0 and 1 as MeanShare::Inside() has it.
double ObservedLogit(const OctaveMean& mean) { return Logit(MeanShare{0, 0, mean.weight, mean.score}.Inside()); }

// The logit of a predicted mean, which is kept as far from 0 and 1 as the Bernoulli loss keeps it.
double PredictedLogit(double score) {
  constexpr double kMargin = 1e-6;
  return Logit(std::clamp(score, kMargin, 1 - kMargin));
}

}  // namespace

void PredictorErrorSum::Add(const Observations& rows, const std::vector<double>& expected, const OctaveMeans& means,
                            const MeanPredictions& predictions) {
  VisitResiduals(rows, expected,
                 [&](std::size_t, std::size_t row, double residual) { rows_.Add(residual, rows.WeightOf(row)); });
  for (std::size_t i = 0; i < means.means.size(); ++i) {
    const OctaveMean& mean = means.means[i];
    means_.Add(mean.score - predictions.scores[i], mean.weight);
    if (predictions.has_logit[i]) logit_.Add(ObservedLogit(mean) - PredictedLogit(predictions.scores[i]), mean.weight);
  }
}

PredictorErrors PredictorErrorSum::Summarize() const {
  PredictorErrors errors = {rows_.Summarize(), means_.Summarize(), {}};
  if (logit_.record_count() > 0) errors.logit = logit_.Summarize();
  return errors;
}

Predicted PredictRows(const Observations& rows, const Predictors& predictors) {
  Predicted predicted = {FindOctaveMeans(rows), {ExpectedScores(rows, predictors.law)}, {}};
  for (const Baseline& baseline : predictors.baselines) predicted.expected.push_back(ExpectedScores(rows, baseline));
  const std::vector<double> penalties = PenaltiesAt(ExcessesOf(rows, predictors.law.penalty), predictors.law.point);
  std::vector<bool> has_logit;
  for (const double penalty : MeansOf(predicted.means, penalties)) {
    has_logit.push_back(penalty >= kLeastPenalty);
  }
  for (const std::vector<double>& expected : predicted.expected) {
    predicted.of_means.push_back({MeansOf(predicted.means, expected), has_logit});
  }
  return predicted;
}

std::vector<PredictorErrors> PredictorErrorSums::Add(const Observations& rows, const Predicted& predicted) {
  sums_.resize(std::max(sums_.size(), predicted.expected.size()));
  std::vector<PredictorErrors> errors;
  for (std::size_t i = 0; i < predicted.expected.size(); ++i) {
    PredictorErrorSum alone;
    for (PredictorErrorSum* sum : {&alone, &sums_[i]}) {
      sum->Add(rows, predicted.expected[i], predicted.means, predicted.of_means[i]);
    }
    errors.push_back(alone.Summarize());
  }
  return errors;
}

std::vector<PredictorErrors> PredictorErrorSums::Summarize() const {
  std::vector<PredictorErrors> errors;
  for (const PredictorErrorSum& sum : sums_) errors.push_back(sum.Summarize());
  return errors;
}

}  // namespace ctxfit

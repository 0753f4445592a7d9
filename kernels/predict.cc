#include "kernels/predict.h"

#include <cmath>

#include "kernels/intervals.h"

namespace ctxfit {
LawAt::LawAt(const Law& law, double compute_flops, double prompt_tokens, double limit_tokens)
    : log_compute_(std::log(compute_flops / law.references.compute_flops)),
      log_prompt_(std::log(prompt_tokens / law.references.prompt_tokens)),
      excess_(MakeExcess(law.penalty, prompt_tokens, limit_tokens)) {}

double LawAt::operator()(const Point& point) const {
  const double share = Saturate(LogRate(point.at[kLogComputeCoefficient], point.at[kComputeExponent], log_compute_)) *
                       Saturate(LogRate(point.at[kLogContextCoefficient], point.at[kContextExponent], log_prompt_)) *
                       PenaltyFactor(excess_, point);
  return point.at[kFloor] + (1 - point.at[kHeadroom] - point.at[kFloor]) * share;
}

bool IsObserved(const Range& range, double value) {
  constexpr double kSlack = 0.01;
  return value >= range.lower * (1 - kSlack) && value <= range.upper * (1 + kSlack);
}

double Predict(const Law& law, double compute_flops, double prompt_tokens, double limit_tokens) {
  return LawAt(law, compute_flops, prompt_tokens, limit_tokens)(law.point);
}

bool IsDetermined(const PredictionSource& source, double compute_flops, double prompt_tokens) {
  const bool compute_identified = source.identified[kLogComputeCoefficient] && source.identified[kComputeExponent];
  const bool context_identified = source.identified[kLogContextCoefficient] && source.identified[kContextExponent];
  return (compute_identified || IsObserved(source.coverage.compute_flops, compute_flops)) &&
         (context_identified || IsObserved(source.coverage.prompt_tokens, prompt_tokens));
}

absl::StatusOr<Predictions> PredictWithBands(const PredictionSource& source, const PredictionPoints& points,
                                             double confidence, const StopSignal& stop) {
  Predictions predictions;
  std::vector<double> scores(source.replicates.size());
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (absl::Status status = stop.Check(); !status.ok()) return status;
    const LawAt score(source.law, points.compute[i], points.prompt[i], points.limit[i]);
    const bool compute_covered = IsObserved(source.coverage.compute_flops, points.compute[i]);
    const bool prompt_covered = IsObserved(source.coverage.prompt_tokens, points.prompt[i]);
    const bool determined = IsDetermined(source, points.compute[i], points.prompt[i]);
    predictions.score.push_back(score(source.law.point));
    predictions.determined.push_back(determined);
    predictions.extrapolated.push_back(!compute_covered || !prompt_covered);
    if (source.replicates.empty()) continue;
    Range band = {source.law.point.at[kFloor], 1 - source.law.point.at[kHeadroom]};
    if (determined) {
      for (std::size_t b = 0; b < scores.size(); ++b) scores[b] = score(source.replicates[b]);
      band = PercentileInterval(scores, confidence);
    }
    predictions.mean_lower.push_back(band.lower);
    predictions.mean_upper.push_back(band.upper);
  }
  return predictions;
}

}  // namespace ctxfit

#include "kernels/predict.h"

#include <algorithm>
#include <boost/math/tools/toms748_solve.hpp>
#include <cmath>
#include <cstdint>
#include <optional>

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

namespace {

// The scores that the law can take at the optimum or at any replicate, where floor and ceiling may be fitted.
Range AttainableRange(const PredictionSource& source) {
  const auto range_at = [](const Point& point) { return Range{point.at[kFloor], 1 - point.at[kHeadroom]}; };
  Range range = range_at(source.law.point);
  for (const Point& replicate : source.replicates) {
    const Range at = range_at(replicate);
    range = {std::min(range.lower, at.lower), std::max(range.upper, at.upper)};
  }
  return range;
}

// Gathers what a band of all points together needs, point by point.
class SimultaneousBand {
 public:
  explicit SimultaneousBand(std::size_t replicates) : largest_(replicates, 0.0) {}

  // A determined point: its score, and those of the replicates there.
  void Add(double score, const std::vector<double>& replicates) {
    // Replicates that agree but for rounding have no spread: in units of it, roundings would be large.
    constexpr double kRounding = 1e-14;
    const double deviation = StandardDeviation(replicates);
    deviations_.push_back(deviation > kRounding ? deviation : 0);
    if (deviations_.back() == 0) return;
    for (std::size_t b = 0; b < replicates.size(); ++b) {
      largest_[b] = std::max(largest_[b], std::abs(replicates[b] - score) / deviation);
    }
  }

  // A point of no determined score.
  void Skip() { deviations_.push_back(std::nullopt); }

  // The sup-t band (Montiel Olea and Plagborg-Moller 2019): score +- c sd, c the quantile over replicates of their
  // largest |deviation| / sd at any point. Points of no determined score get `unknown`.
  void Finish(double confidence, const Range& attainable, const Range& unknown, Predictions& predictions) {
    const double critical = Quantile(largest_, confidence);
    predictions.critical_value = critical;
    for (std::size_t i = 0; i < deviations_.size(); ++i) {
      const double score = predictions.score[i];
      const double half = critical * deviations_[i].value_or(0);
      const Range band = deviations_[i]
                             ? Range{std::max(attainable.lower, score - half), std::min(attainable.upper, score + half)}
                             : unknown;
      predictions.simultaneous_lower.push_back(band.lower);
      predictions.simultaneous_upper.push_back(band.upper);
    }
  }

 private:
  std::vector<double> largest_;
  std::vector<std::optional<double>> deviations_;
};

// The interval of equal tails of the mixture of normal distributions about `means`, within [0, 1].
Range MixtureInterval(const std::vector<double>& means, double variance, double tail) {
  const double scale = std::sqrt(2 * variance);
  const auto share_below = [&](double value) {
    double sum = 0;
    for (const double mean : means) sum += std::erfc((mean - value) / scale);
    return sum / (2 * static_cast<double>(means.size()));
  };
  const auto quantile = [&](double probability) {
    const auto excess = [&](double value) { return share_below(value) - probability; };
    if (excess(0) >= 0) return 0.0;
    if (excess(1) <= 0) return 1.0;
    const auto close = [](double a, double b) { return std::abs(a - b) < 1e-9; };
    std::uintmax_t iterations = 100;
    const auto [a, b] = boost::math::tools::toms748_solve(excess, 0.0, 1.0, close, iterations);
    return (a + b) / 2;
  };
  return {quantile(tail), quantile(1 - tail)};
}

// The interval for the mean score of new items of one new cluster.
Range NewMeanInterval(std::vector<double>& means, const VarianceComponents& components, double items, double tail) {
  const double variance = components.between_clusters + components.within / items;
  return variance > 0 ? MixtureInterval(means, variance, tail) : PercentileInterval(means, tail);
}

// The pointwise band of a score.
Range BandOf(const PredictionSource& source, const LawAt& score, double tail, std::vector<double>& scores) {
  if (!source.influence) return PercentileInterval(scores, tail);
  const double acceleration = Acceleration(*source.influence, GradientOf(score, source.law.point).by);
  return QuantileInterval(scores, BcaProbabilities(scores, score(source.law.point), acceleration, tail));
}

}  // namespace

absl::StatusOr<Predictions> PredictWithBands(const PredictionSource& source, const PredictionPoints& points,
                                             const BandOptions& options, const StopSignal& stop) {
  Predictions predictions;
  std::vector<double> scores(source.replicates.size());
  SimultaneousBand simultaneous(scores.size());
  const double tail = ExpandedTail(options.confidence, source.unit_count);
  const Range range = {source.law.point.at[kFloor], 1 - source.law.point.at[kHeadroom]};
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
    Range band = range;
    Range new_mean = {0, 1};
    if (determined) {
      for (std::size_t b = 0; b < scores.size(); ++b) scores[b] = score(source.replicates[b]);
      if (options.simultaneous) simultaneous.Add(predictions.score.back(), scores);
      if (options.new_mean_items) {
        new_mean = NewMeanInterval(scores, *source.variance, *options.new_mean_items, tail);
      }
      band = BandOf(source, score, tail, scores);
    } else if (options.simultaneous) {
      simultaneous.Skip();
    }
    predictions.mean_lower.push_back(band.lower);
    predictions.mean_upper.push_back(band.upper);
    if (!options.new_mean_items) continue;
    predictions.new_mean_lower.push_back(new_mean.lower);
    predictions.new_mean_upper.push_back(new_mean.upper);
  }
  if (options.simultaneous && !source.replicates.empty()) {
    simultaneous.Finish(1 - 2 * tail, AttainableRange(source), range, predictions);
  }
  return predictions;
}

}  // namespace ctxfit

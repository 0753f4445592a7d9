#include "kernels/predict/predict.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "absl/types/span.h"
#include "kernels/base/available_cpus.h"
#include "kernels/base/status_macros.h"
#include "kernels/base/stop_signal.h"
#include "kernels/base/thread_pool.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/fitted_law.h"
#include "kernels/law/range.h"
#include "kernels/objective/vector_kernels.h"
#include "kernels/predict/band_tails.h"
#include "kernels/predict/law_rows.h"
#include "kernels/predict/predictions.h"
#include "kernels/predict/simultaneous_band.h"
#include "kernels/predict/visit_scores.h"
#include "kernels/statistics/errors/influence.h"
#include "kernels/statistics/intervals/intervals.h"
#include "kernels/statistics/intervals/mixture_interval.h"
#include "kernels/statistics/intervals/tail_interval.h"

namespace ctxfit {
namespace {

// The range from the lowest floor to the highest ceiling of the law and its replicates.
Range AttainableRange(const PredictionSource& source) {
  const auto range_at = [](const Point& point) { return Range{point.at[kFloor], 1 - point.at[kHeadroom]}; };
  Range range = range_at(source.law.point);
  for (const Point& replicate : source.replicates) {
    const Range at = range_at(replicate);
    range = {std::min(range.lower, at.lower), std::max(range.upper, at.upper)};
  }
  return range;
}

Range Clamp(const Range& range, const Range& limits) {
  return {std::clamp(range.lower, limits.lower, limits.upper), std::clamp(range.upper, limits.lower, limits.upper)};
}

// The replicates, and behind them the law itself: computed alike, equal laws get equal scores to the last bit.
std::vector<Point> AllLaws(const PredictionSource& source) {
  std::vector<Point> points = source.replicates;
  points.push_back(source.law.point);
  return points;
}

// Fills in the bands, point by point. Threads may add points concurrently.
class BandMaker {
 public:
  BandMaker(const VectorKernels& kernels, const PredictionSource& source, const PredictionPoints& points,
            const BandOptions& options, int threads, Predictions& predictions)
      : kernels_(kernels),
        source_(source),
        points_(points),
        options_(options),
        predictions_(predictions),
        tails_(source, options.confidence),
        attainable_(AttainableRange(source)),
        buffers_(threads, TailBuffers(source.replicates.size())) {
    predictions.mean_lower.assign(points.size(), source.law.point.at[kFloor]);
    predictions.mean_upper.assign(points.size(), 1 - source.law.point.at[kHeadroom]);
    if (options.simultaneous) simultaneous_.emplace(points.size(), source.replicates.size(), threads);
    if (!options.new_mean_items) return;
    predictions.new_mean_lower.assign(points.size(), 0);
    predictions.new_mean_upper.assign(points.size(), 1);
  }

  // Computes the bands of a determined point from the row of the replicates' scores there.
  void Add(std::size_t point, double* scores, int thread) {
    const std::size_t count = source_.replicates.size();
    const Spread spread = kernels_.measure_spread(scores, count);
    const absl::Span<const double> replicates(scores, count);
    const BandTail& tail = tails_.At(points_.compute[point], points_.prompt[point], points_.limit[point], spread);
    if (simultaneous_) {
      const double deviation = std::sqrt(spread.squares / static_cast<double>(count - 1));
      simultaneous_->Add(point, predictions_.score[point], replicates, deviation, tail.widening, thread);
    }
    // A stretched band may reach beyond what is attainable.
    const Range band =
        Holding(Clamp(BandOf(point, tail, replicates, spread, thread), attainable_), predictions_.score[point]);
    predictions_.mean_lower[point] = band.lower;
    predictions_.mean_upper[point] = band.upper;
    if (!options_.new_mean_items) return;
    const Range new_mean = NewMeanInterval(point, tail, replicates, spread, thread);
    // The tails of the mixture may be read off nearer to its centre than those of a skewed band.
    predictions_.new_mean_lower[point] = std::min(new_mean.lower, band.lower);
    predictions_.new_mean_upper[point] = std::max(new_mean.upper, band.upper);
  }

  // Computes the simultaneous band, once all points have been added.
  void Finish() {
    if (!simultaneous_) return;
    const Range unknown = {source_.law.point.at[kFloor], 1 - source_.law.point.at[kHeadroom]};
    simultaneous_->Finish(options_.confidence, source_.units, attainable_, unknown, predictions_);
  }

 private:
  // The pointwise band of a score.
  Range BandOf(std::size_t point, const BandTail& tail, absl::Span<const double> replicates, const Spread& spread,
               int thread) {
    if (!source_.influence) return tail.percentiles.Find(kernels_, replicates.data(), spread, buffers_[thread]);
    const LawAt score(source_.law, points_.compute[point], points_.prompt[point], points_.limit[point]);
    const double acceleration = Acceleration(*source_.influence, GradientOf(score, source_.law.point).by);
    const Range probabilities =
        BcaProbabilities(replicates, predictions_.score[point], acceleration, tail.tail.probability);
    const TailInterval interval(replicates.size(), probabilities, tail.tail.stretch);
    return interval.Find(kernels_, replicates.data(), spread, buffers_[thread]);
  }

  // The interval for the mean score of new items of one new cluster.
  Range NewMeanInterval(std::size_t point, const BandTail& tail, absl::Span<const double> means, const Spread& spread,
                        int thread) {
    const double variance = source_.variance->OfNewMean(predictions_.score[point], *options_.new_mean_items);
    if (!(variance > 0)) {
      return Clamp(tail.percentiles.Find(kernels_, means.data(), spread, buffers_[thread]), {0, 1});
    }
    const Range interval = MixtureInterval(means, variance, tail.tail.probability);
    return Clamp(Stretch(interval, spread.mean, tail.tail.stretch), {0, 1});
  }

  const VectorKernels& kernels_;
  const PredictionSource& source_;
  const PredictionPoints& points_;
  const BandOptions& options_;
  Predictions& predictions_;
  const BandTails tails_;
  const Range attainable_;
  std::vector<TailBuffers> buffers_;  // by thread
  std::optional<SimultaneousBand> simultaneous_;
};

// The number of threads whose start is worth its time, that of some hundred thousand scores. The interval of a new mean
// makes every score some hundred times as costly.
int ThreadsFor(std::size_t points, std::size_t laws, const BandOptions& options) {
  constexpr std::size_t kScoresPerThread = 500000;
  const std::size_t work = points * laws * (options.new_mean_items ? 500 : 1);
  if (work < 2 * kScoresPerThread) return 1;
  return static_cast<int>(std::min({work / kScoresPerThread, points, static_cast<std::size_t>(AvailableCpus())}));
}

}  // namespace

absl::StatusOr<Predictions> PredictWithBands(const VectorKernels& kernels, const PredictionSource& source,
                                             const PredictionPoints& points, const BandOptions& options,
                                             const StopSignal& stop, int threads) {
  const LawRows laws(kernels, AllLaws(source));
  ThreadPool pool(threads > 0 ? threads : ThreadsFor(points.size(), laws.size(), options));
  Predictions predictions;
  predictions.score.resize(points.size());
  for (std::size_t i = 0; i < points.size(); ++i) {
    predictions.determined.push_back(IsDetermined(source, points.compute[i], points.prompt[i], points.limit[i]));
    const Extrapolation extrapolation = FindExtrapolation(source, points.compute[i], points.prompt[i], points.limit[i]);
    predictions.extrapolated.push_back(static_cast<bool>(extrapolation));
    predictions.penalty_extrapolated.push_back(extrapolation.of_penalty);
    const Withheld withheld = WhyWithheld(source, extrapolation);
    predictions.withheld_by_drift.push_back(withheld.by_drift);
    predictions.withheld_by_penalty.push_back(withheld.by_penalty);
  }
  std::optional<BandMaker> bands;
  if (!source.replicates.empty()) bands.emplace(kernels, source, points, options, pool.size(), predictions);
  const auto visit = [&](std::size_t point, double* scores, int thread) {
    predictions.score[point] = scores[source.replicates.size()];
    const bool has_band = predictions.determined[point] && !predictions.IsWithheld(point);
    if (bands && has_band) bands->Add(point, scores, thread);
  };
  CTXFIT_RETURN_IF_ERROR(VisitScores(laws, source.law.references, source.law.penalty, points, pool, stop, visit));
  if (bands) bands->Finish();
  return predictions;
}

}  // namespace ctxfit

#ifndef CTXFIT_KERNELS_PREDICT_SIMULTANEOUS_BAND_H_
#define CTXFIT_KERNELS_PREDICT_SIMULTANEOUS_BAND_H_

#include <cstddef>
#include <optional>
#include <vector>

#include "absl/types/span.h"

namespace ctxfit {

struct EffectiveUnits;
struct Predictions;
struct Range;

// The sup-t band, which covers all points together (Montiel Olea and Plagborg-Moller 2019): score +- c sd, where c is
// the quantile over replicates of max |replicate - score| / sd over the points, expanded for few units as a pointwise
// interval of that height is, and wider at points that few of the units determine, by BandTail::widening. No narrower
// than the pointwise band.
class SimultaneousBand {
 public:
  // `replicates` is at least one. `threads` is the number of threads that may add points concurrently.
  SimultaneousBand(std::size_t points, std::size_t replicates, int threads)
      : deviations_(points), max_t_(threads, std::vector<double>(replicates)) {}

  // Adds a determined point: its score, the replicates' scores there, their standard deviation, and the factor that
  // widens the band there. `thread` is in [0, threads), and never in two calls at once. A deviation of rounding alone,
  // up to 1e-14, counts as 0: the band is the score there, and the point does not count in c.
  void Add(std::size_t point, double score, absl::Span<const double> replicates, double deviation, double widening,
           int thread);

  // Sets the band of `predictions`, whose scores and pointwise bands are set, within `attainable`, and its critical
  // value c: ExpandedHeight() of the quantile at `confidence`, at `units`, those of the fit. Points that were not added
  // get `unknown`.
  void Finish(double confidence, const EffectiveUnits& units, const Range& attainable, const Range& unknown,
              Predictions& predictions) const;

 private:
  std::vector<std::optional<double>> deviations_;  // by point, widened
  std::vector<std::vector<double>> max_t_;         // by thread and replicate, over the points of the thread
};

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_PREDICT_SIMULTANEOUS_BAND_H_

#ifndef CTXFIT_KERNELS_PREDICT_SIMULTANEOUS_BAND_H_
#define CTXFIT_KERNELS_PREDICT_SIMULTANEOUS_BAND_H_

#include <cstddef>
#include <optional>
#include <vector>

#include "absl/types/span.h"
#include "kernels/statistics/effective_units.h"

namespace ctxfit {

struct Predictions;
struct Range;

// The sup-t band, which covers all points together (Montiel Olea and Plagborg-Moller 2019): score +- c sd, where c is
// the quantile over replicates of max |replicate - score| / sd over the points, expanded for few units as a pointwise
// interval of that height is, and wider at points that few of the units determine (BandTails), by the ratio of their
// ExpandedHeight() of 2 to that of the fit's units. No narrower than the pointwise band.
class SimultaneousBand {
 public:
  // `replicates` is at least one. `threads` is the number of threads that may add points concurrently.
  SimultaneousBand(std::size_t points, std::size_t replicates, int threads)
      : spreads_(points), max_t_(threads, std::vector<double>(replicates)) {}

  // Adds a determined point: its score, the replicates' scores there, their standard deviation, and the effective units
  // behind it. `thread` is in [0, threads), and never in two calls at once. A deviation of rounding alone, up to 1e-14,
  // counts as 0: the band is the score there, and the point does not count in c.
  void Add(std::size_t point, double score, absl::Span<const double> replicates, double deviation,
           const EffectiveUnits& units, int thread);

  // Sets the band of `predictions`, whose scores and pointwise bands are set, within `attainable`, and its critical
  // value c: ExpandedHeight() of the quantile at `confidence`, at `units`, those of the fit. Points that were not added
  // get `unknown`.
  void Finish(double confidence, const EffectiveUnits& units, const Range& attainable, const Range& unknown,
              Predictions& predictions) const;

 private:
  struct Spread {
    double deviation;
    EffectiveUnits units;
  };

  std::vector<std::optional<Spread>> spreads_;  // by point
  std::vector<std::vector<double>> max_t_;      // by thread and replicate, over the points of the thread
};

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_PREDICT_SIMULTANEOUS_BAND_H_

#ifndef CTXFIT_KERNELS_PREDICT_BAND_TAILS_H_
#define CTXFIT_KERNELS_PREDICT_BAND_TAILS_H_

#include <vector>

#include "kernels/law/fitted_law.h"
#include "kernels/objective/vector_kernels.h"
#include "kernels/statistics/intervals/effective_units.h"
#include "kernels/statistics/intervals/tail_interval.h"

namespace ctxfit {

struct PredictionSource;

// The tail probability, the percentile interval and the factor that widens the joint band at one point. That factor is
// the ratio of ExpandedHeight() of 2 for the units that determine the point to that for the fit's units: at its own
// height Student's t of few units would rise far beyond what their replicates show.
struct BandTail {
  double widening;
  IntervalTail tail;
  TailInterval percentiles;
};

// The tails of the bands over the replicates of a fit: those of its units, and wider ones where a coordinate that few
// units determine (FindDeterminingUnits()) dominates what moves the score.
class BandTails {
 public:
  // `source` has replicates and outlives this.
  BandTails(const PredictionSource& source, double confidence);

  // The tail at a point, of finite variables > 0, where the replicates' scores have that spread.
  const BandTail& At(double compute_flops, double prompt_tokens, double limit_tokens, const Spread& spread) const;

 private:
  struct WeakCoordinate {
    int coordinate;
    double deviation;  // standard deviation of the replicates
    BandTail tail;
  };

  // True if the coordinate alone moves the score by half of its spread.
  bool Dominates(const WeakCoordinate& weak, const LawAt& score, const Spread& spread) const;

  const PredictionSource& source_;
  BandTail of_fit_;
  std::vector<WeakCoordinate> weak_;  // the weakest first
};

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_PREDICT_BAND_TAILS_H_

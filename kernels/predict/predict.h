#ifndef CTXFIT_KERNELS_PREDICT_PREDICT_H_
#define CTXFIT_KERNELS_PREDICT_PREDICT_H_

#include "absl/status/statusor.h"
#include "kernels/predict/predictions.h"

namespace ctxfit {

class StopSignal;
struct VectorKernels;

// Predicts the score at each point, with a pointwise band over the replicates and the bands that `options` ask for.
//
// Pointwise bands lie between expanded percentiles (ExpandedTail(), Hesterberg 2015) or, where the source has
// influence, are BCa (Efron 1987); either way they hold the score. Bands of a point that is not determined, or whose
// band is withheld (WhyWithheld()), go from floor to ceiling, the interval of a new mean from 0 to 1. `threads` change
// no bit of the result; with 0, the available processors are used as far as the work is worth their start. Results
// depend on `kernels` by rounding only. Errors: those of `stop`.
absl::StatusOr<Predictions> PredictWithBands(const VectorKernels& kernels, const PredictionSource& source,
                                             const PredictionPoints& points, const BandOptions& options,
                                             const StopSignal& stop, int threads = 0);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_PREDICT_PREDICT_H_

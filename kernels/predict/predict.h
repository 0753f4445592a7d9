#ifndef CTXFIT_KERNELS_PREDICT_PREDICT_H_
#define CTXFIT_KERNELS_PREDICT_PREDICT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "kernels/base/stop_signal.h"
#include "kernels/predict/predictions.h"
#include "kernels/statistics/influence.h"
#include "kernels/statistics/intervals.h"
#include "kernels/statistics/variance_components.h"

namespace ctxfit {

// Predicts with pointwise bands, and with what else is asked for, on so many threads, which change nothing of the
// result; 0: as many as processors are available and the work is worth. Errors: those of `stop`.
//
// Bands of a point that is not determined go from floor to ceiling, the interval of a new mean from 0 to 1.
absl::StatusOr<Predictions> PredictWithBands(const PredictionSource& source, const PredictionPoints& points,
                                             const BandOptions& options, const StopSignal& stop, int threads = 0);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_PREDICT_PREDICT_H_

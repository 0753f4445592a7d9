#ifndef CTXFIT_KERNELS_FIT_PREDICTION_SOURCE_H_
#define CTXFIT_KERNELS_FIT_PREDICTION_SOURCE_H_

#include "kernels/predict/predictions.h"

namespace ctxfit {

struct TaskFit;

// The source of predictions by `fit`, as a reader of the reported fit makes it.
//
// Coordinates pass through the parameters in natural units, as they do on their way through ctxfit.v1.Fit, and the
// penalty at the optimum is the scale of its width and onset. So predictions by this source and by the reported fit
// have the same bits; ln(exp(x)) may differ from x, so fit.law.point and fit.replicates need not.
PredictionSource PredictionSourceOf(const TaskFit& fit);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_FIT_PREDICTION_SOURCE_H_

#ifndef CTXFIT_SERVER_DEFAULT_OPTIONS_H_
#define CTXFIT_SERVER_DEFAULT_OPTIONS_H_

#include <vector>

#include "ctxfit/v1/options.pb.h"

namespace ctxfit {

// The default of every option of a fit, as the service resolves a request without options. `huber_threshold` is set
// too, although it applies to Huber's loss only. Unset: options whose default depends on the data or the backend.
v1::FitOptions DefaultFitOptions();

// The bounds by default of every parameter that may be fitted, but for floor and ceiling, whose bounds follow from the
// data. The penalty's width stands in it twice, in tokens and in context limits.
std::vector<v1::Bound> DefaultBounds();

// The folds of an ablation's cross-validation by default; fewer where a task has fewer resampling units.
int DefaultFolds();

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_DEFAULT_OPTIONS_H_

#ifndef CTXFIT_CLIENT_PLOT_CURVE_PROMPTS_H_
#define CTXFIT_CLIENT_PLOT_CURVE_PROMPTS_H_

#include <vector>

#include "ctxfit/v1/law.pb.h"

namespace ctxfit {

// Returns ascending prompt lengths at which to draw a curve over [low, high]: evenly spaced on a logarithmic axis, and
// denser where the penalty of `parameters` sets in at a context limit. All in tokens.
std::vector<double> CurvePrompts(double low, double high, const v1::Parameters& parameters, double limit);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_PLOT_CURVE_PROMPTS_H_

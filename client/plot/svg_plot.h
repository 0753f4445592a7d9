#ifndef CTXFIT_CLIENT_PLOT_SVG_PLOT_H_
#define CTXFIT_CLIENT_PLOT_SVG_PLOT_H_

#include <string>

#include "client/plot/plot_data.h"

namespace ctxfit {

// Renders a picture as an SVG document: one panel per model level on shared axes, with observed scores and the fitted
// curve with its band against prompt length on a logarithmic axis, and the context limit as a dashed line. `plot` has
// at least one panel.
std::string RenderSvg(const Plot& plot);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_PLOT_SVG_PLOT_H_

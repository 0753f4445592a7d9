#ifndef CTXFIT_CLIENT_PLOT_SVG_CONTOURS_H_
#define CTXFIT_CLIENT_PLOT_SVG_CONTOURS_H_

#include <string>

#include "client/plot/contour_data.h"

namespace ctxfit {

// Renders a picture as an SVG document: labelled score contours over prompt length and training compute on logarithmic
// axes, the points, the context limit as a dashed line, and shading where the fit extrapolates.
std::string RenderSvg(const ContourPlot& plot);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_PLOT_SVG_CONTOURS_H_

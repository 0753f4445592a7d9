#ifndef CTXFIT_CLIENT_PLOT_SVG_BACKTEST_H_
#define CTXFIT_CLIENT_PLOT_SVG_BACKTEST_H_

#include <string>

#include "ctxfit/v1/backtest.pb.h"

namespace ctxfit {

// Renders a backtest as an SVG document of two panels: absolute errors of the law and of the two lines on held-out
// means against their distance from the fitted range, with the mean error of each by bin of distance; and held-out
// means against their predictions by the law, with its bands.
std::string RenderSvg(const v1::Backtest& backtest);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_PLOT_SVG_BACKTEST_H_

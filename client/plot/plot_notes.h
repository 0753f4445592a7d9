#ifndef CTXFIT_CLIENT_PLOT_PLOT_NOTES_H_
#define CTXFIT_CLIENT_PLOT_PLOT_NOTES_H_

#include <cstddef>
#include <string>
#include <vector>

#include "ctxfit/v1/fit.pb.h"

namespace ctxfit {

// Formats the parameters of a fit with their intervals, one item each: "A = 0.612 [0.588, 0.635]". Spaces within an
// item do not break.
std::vector<std::string> ParameterItems(const v1::Fit& fit);

// Sentences for the footnote of a picture: the fitted data, the goodness of fit, and the meaning of the marks.
std::vector<std::string> Notes(const v1::Fit& fit, std::size_t level_count, bool binned);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_PLOT_PLOT_NOTES_H_

#ifndef CTXFIT_CLIENT_PLOT_PLOT_NOTES_H_
#define CTXFIT_CLIENT_PLOT_PLOT_NOTES_H_

#include <cstddef>
#include <string>
#include <vector>

#include "ctxfit/v1/fit.pb.h"

namespace ctxfit {

// The parameters of a fit with their intervals, one item each: "A = 0.612 [0.588, 0.635]". No item has a space that a
// line may break at.
std::vector<std::string> ParameterItems(const v1::Fit& fit);

// The sentences below a picture: what was fitted, how well, and what the marks mean.
std::vector<std::string> Notes(const v1::Fit& fit, std::size_t level_count, bool binned);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_PLOT_PLOT_NOTES_H_

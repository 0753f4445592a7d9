#ifndef CTXFIT_CLIENT_PLOT_PLOT_PATH_H_
#define CTXFIT_CLIENT_PLOT_PLOT_PATH_H_

#include <string>
#include <vector>

namespace ctxfit {

// Paths of the pictures of tasks: `path` itself for a single task; for several, "plot.svg" becomes "plot-TASK.svg",
// with every character of TASK but letters, digits, ".", "_" and "-" replaced by "-", and a number appended to a name
// that is already taken.
std::vector<std::string> PlotPaths(const std::string& path, const std::vector<std::string>& tasks);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_PLOT_PLOT_PATH_H_

#ifndef CTXFIT_CLIENT_PLOT_PLOT_PATH_H_
#define CTXFIT_CLIENT_PLOT_PLOT_PATH_H_

#include <string>
#include <vector>

namespace ctxfit {

// Where the pictures of tasks go: `path` itself for a single task; for several, "plot.svg" becomes "plot-TASK.svg",
// characters of TASK other than letters, digits, ".", "_" and "-" being replaced by "-", and a number following where
// two would have the same name.
std::vector<std::string> PlotPaths(const std::string& path, const std::vector<std::string>& tasks);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_PLOT_PLOT_PATH_H_

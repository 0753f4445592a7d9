#include "client/command/contours.h"

#include <cstddef>

#include "absl/status/statusor.h"
#include "client/plot/contour_data.h"
#include "client/plot/plot_path.h"
#include "client/plot/svg_contours.h"
#include "client/text/output_file.h"
#include "kernels/base/status_macros.h"

namespace ctxfit {
namespace {

absl::StatusOr<std::string> Draw(const ContourRows& points, const v1::Fit& fit, double limit_tokens,
                                 const ServiceConnection& connection) {
  ContourPlot plot = MakeContourPlot(points.rows, points.label, fit, limit_tokens);
  CTXFIT_ASSIGN_OR_RETURN(const v1::PredictResponse upper_edge, connection.Predict(UpperEdgeRequest(plot, fit)));
  CTXFIT_ASSIGN_OR_RETURN(const v1::SolveResponse lines, connection.Solve(LinesRequest(plot, fit, upper_edge)));
  SetLines(lines, plot);
  return RenderSvg(plot);
}

}  // namespace

absl::Status WriteContours(const ContourRows& points, const std::vector<const v1::Fit*>& fits, double limit_tokens,
                           const std::string& path, const ServiceConnection& connection) {
  std::vector<std::string> tasks;
  for (const v1::Fit* fit : fits) tasks.push_back(fit->task());
  const std::vector<std::string> paths = PlotPaths(path, tasks);
  for (std::size_t i = 0; i < fits.size(); ++i) {
    CTXFIT_ASSIGN_OR_RETURN(OutputFile file, OutputFile::Create(paths[i]));
    CTXFIT_ASSIGN_OR_RETURN(const std::string picture, Draw(points, *fits[i], limit_tokens, connection));
    CTXFIT_RETURN_IF_ERROR(file.Commit(picture));
  }
  return absl::OkStatus();
}

}  // namespace ctxfit

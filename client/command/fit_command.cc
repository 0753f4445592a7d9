#include <grpcpp/client_context.h>

#include <algorithm>
#include <cstdio>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_format.h"
#include "client/command/commands.h"
#include "client/command/contours.h"
#include "client/command/fitting.h"
#include "client/command/service_connection.h"
#include "client/plot/plot_data.h"
#include "client/plot/plot_path.h"
#include "client/plot/svg_plot.h"
#include "client/plot/task_rows.h"
#include "client/text/fit_table.h"
#include "client/text/json.h"
#include "client/text/output_file.h"
#include "client/text/progress_bar.h"
#include "kernels/base/status_macros.h"

namespace ctxfit {
namespace {

absl::StatusOr<v1::FitResponse> FitWithProgress(const v1::StreamFitRequest& request, const FitArguments& arguments,
                                                std::optional<ServiceConnection>& connection) {
  ProgressBar bar(stderr, !arguments.quiet);
  return AskInterruptibly<v1::FitResponse>(arguments.connection, connection, [&](grpc::ClientContext& context) {
    return connection->Fit(context, request, [&bar](const v1::Progress& progress) { bar.Show(progress); });
  });
}

// Draws the picture of one fit.
absl::StatusOr<std::string> Draw(const v1::Observations& observations, const v1::Fit& fit,
                                 const ServiceConnection& connection) {
  Plot plot = MakePlot(observations, fit);
  const v1::PredictRequest request = CurveRequest(plot, fit);
  CTXFIT_ASSIGN_OR_RETURN(const v1::PredictResponse response, connection.Predict(request));
  SetCurves(request, response, plot);
  return RenderSvg(plot);
}

absl::Status WritePlots(const v1::Observations& observations, const v1::FitResponse& response, const std::string& path,
                        const ServiceConnection& connection) {
  std::vector<std::string> tasks;
  for (const v1::Fit& fit : response.fits()) tasks.push_back(fit.task());
  const std::vector<std::string> paths = PlotPaths(path, tasks);
  for (int i = 0; i < response.fits_size(); ++i) {
    CTXFIT_ASSIGN_OR_RETURN(OutputFile file, OutputFile::Create(paths[i]));
    CTXFIT_ASSIGN_OR_RETURN(const std::string picture, Draw(observations, response.fits(i), connection));
    CTXFIT_RETURN_IF_ERROR(file.Commit(picture));
  }
  return absl::OkStatus();
}

absl::Status WriteContours(const v1::Observations& observations, const v1::FitResponse& response,
                           const FitArguments& arguments, const ServiceConnection& connection) {
  std::vector<const v1::Fit*> fits;
  for (const v1::Fit& fit : response.fits()) fits.push_back(&fit);
  const auto& limits = observations.context_limit_tokens();
  const double largest = limits.empty() ? 0 : *std::max_element(limits.begin(), limits.end());
  const double limit = arguments.contours_context.value_or(largest);
  return WriteContours({observations, "observed"}, fits, limit, arguments.contours, connection);
}

void Print(const v1::FitResponse& response, const v1::Observations& observations, OutputFormat format) {
  if (format == OutputFormat::kJson) {
    absl::PrintF("%s", ToJson(response));
    return;
  }
  for (int i = 0; i < response.fits_size(); ++i) {
    const v1::Fit& fit = response.fits(i);
    absl::PrintF("%s%s", i > 0 ? "\n" : "",
                 FitTable(fit, CountFitted(observations, FindLevels(observations, fit.task()))));
  }
}

}  // namespace

absl::Status RunFit(const FitArguments& arguments) {
  FittingArguments fitting = arguments;
  fitting.draws = !arguments.plot.empty() || !arguments.contours.empty();
  CTXFIT_ASSIGN_OR_RETURN(FittingInput input, PrepareFitting(fitting));
  v1::StreamFitRequest request;
  *request.mutable_options() = input.options;
  *request.mutable_observations() = std::move(input.rows.observations);
  std::optional<ServiceConnection> connection;
  const absl::StatusOr<v1::FitResponse> response = FitWithProgress(request, arguments, connection);
  if (!response.ok()) return input.rows.origins.Translate(response.status());

  Print(*response, request.observations(), arguments.format);
  CTXFIT_RETURN_IF_ERROR(WriteOut(*response, input.out));
  if (!arguments.plot.empty()) {
    CTXFIT_RETURN_IF_ERROR(WritePlots(request.observations(), *response, arguments.plot, *connection));
  }
  if (arguments.contours.empty()) return absl::OkStatus();
  return WriteContours(request.observations(), *response, arguments, *connection);
}

}  // namespace ctxfit

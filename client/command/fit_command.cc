#include <grpcpp/client_context.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/command/commands.h"
#include "client/command/contours.h"
#include "client/command/fit_options.h"
#include "client/command/interrupt_watcher.h"
#include "client/command/service_connection.h"
#include "client/input/observation_reader.h"
#include "client/plot/plot_data.h"
#include "client/plot/plot_path.h"
#include "client/plot/svg_plot.h"
#include "client/plot/task_rows.h"
#include "client/text/fit_table.h"
#include "client/text/json.h"
#include "client/text/output_file.h"
#include "client/text/progress_bar.h"

namespace ctxfit {
namespace {

// Sets the parameters that are held or bounded.
absl::Status AddParameters(const FitArguments& arguments, v1::FitOptions& options) {
  absl::StatusOr<v1::Penalty> penalty = ParsePenalty(arguments.penalty);
  if (!penalty.ok()) return penalty.status();
  *options.mutable_penalty() = *std::move(penalty);
  if (arguments.no_context_factor) options.set_no_context_factor(true);
  if (!arguments.floor.empty()) {
    absl::StatusOr<v1::Asymptote> floor = ParseAsymptote("--floor", arguments.floor);
    if (!floor.ok()) return floor.status();
    *options.mutable_floor() = *std::move(floor);
  }
  if (!arguments.ceiling.empty()) {
    absl::StatusOr<v1::Asymptote> ceiling = ParseAsymptote("--ceiling", arguments.ceiling);
    if (!ceiling.ok()) return ceiling.status();
    *options.mutable_ceiling() = *std::move(ceiling);
  }
  for (const std::string& text : arguments.fixed) {
    absl::StatusOr<v1::FixedParameter> fixed = ParseFixed(text);
    if (!fixed.ok()) return fixed.status();
    *options.add_fixed() = *std::move(fixed);
  }
  for (const std::string& text : arguments.bounds) {
    absl::StatusOr<v1::Bound> bound = ParseBound(text);
    if (!bound.ok()) return bound.status();
    *options.add_bounds() = *std::move(bound);
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::FitOptions> MakeOptions(const FitArguments& arguments) {
  v1::FitOptions options;
  if (const absl::Status status = AddParameters(arguments, options); !status.ok()) return status;
  options.set_backend(arguments.backend);
  options.set_loss(arguments.loss);
  if (arguments.huber_threshold) options.set_huber_threshold(*arguments.huber_threshold);
  if (arguments.seed) options.set_seed(*arguments.seed);
  if (arguments.candidates) options.mutable_search()->set_candidates(*arguments.candidates);
  if (arguments.replicates) options.mutable_bootstrap()->set_replicates(*arguments.replicates);
  if (arguments.confidence) options.mutable_bootstrap()->set_confidence(*arguments.confidence);
  options.mutable_bootstrap()->set_global_replicates(arguments.global_replicates);
  options.set_profile_intervals(arguments.profile);
  options.mutable_bootstrap()->set_resampling(arguments.resampling);
  options.mutable_bootstrap()->set_weights(arguments.weights);
  if (arguments.reference_compute) options.set_compute_reference_flops(*arguments.reference_compute);
  if (arguments.reference_prompt) options.set_prompt_reference_tokens(*arguments.reference_prompt);
  return options;
}

// Fits through a connection that is opened where an interrupt cannot reach its threads.
absl::StatusOr<v1::FitResponse> FitInterruptibly(const v1::StreamFitRequest& request, const FitArguments& arguments,
                                                 std::optional<ServiceConnection>& connection) {
  grpc::ClientContext context;
  InterruptWatcher watcher([&context] { context.TryCancel(); });
  absl::StatusOr<ServiceConnection> opened = ServiceConnection::Open(arguments.connection);
  if (!opened.ok()) return opened.status();
  connection = *std::move(opened);
  ProgressBar bar(stderr, !arguments.quiet);
  absl::StatusOr<v1::FitResponse> response =
      connection->Fit(context, request, [&bar](const v1::Progress& progress) { bar.Show(progress); });
  if (watcher.interrupted()) return absl::CancelledError("interrupted");
  return response;
}

// Draws the picture of one fit.
absl::StatusOr<std::string> Draw(const v1::Observations& observations, const v1::Fit& fit,
                                 const ServiceConnection& connection) {
  Plot plot = MakePlot(observations, fit);
  const v1::PredictRequest request = CurveRequest(plot, fit);
  const absl::StatusOr<v1::PredictResponse> response = connection.Predict(request);
  if (!response.ok()) return response.status();
  SetCurves(request, *response, plot);
  return RenderSvg(plot);
}

absl::Status WritePlots(const v1::Observations& observations, const v1::FitResponse& response, const std::string& path,
                        const ServiceConnection& connection) {
  std::vector<std::string> tasks;
  for (const v1::Fit& fit : response.fits()) tasks.push_back(fit.task());
  const std::vector<std::string> paths = PlotPaths(path, tasks);
  for (int i = 0; i < response.fits_size(); ++i) {
    absl::StatusOr<OutputFile> file = OutputFile::Create(paths[i]);
    if (!file.ok()) return file.status();
    const absl::StatusOr<std::string> picture = Draw(observations, response.fits(i), connection);
    if (!picture.ok()) return picture.status();
    if (const absl::Status status = file->Commit(*picture); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status WriteContours(const v1::Observations& observations, const v1::FitResponse& response,
                           const FitArguments& arguments, const ServiceConnection& connection) {
  std::vector<const v1::Fit*> fits;
  for (const v1::Fit& fit : response.fits()) fits.push_back(&fit);
  const auto& limits = observations.context_limit_tokens();
  const double limit = arguments.contours_context.value_or(*std::max_element(limits.begin(), limits.end()));
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
  const absl::StatusOr<v1::FitOptions> options = MakeOptions(arguments);
  if (!options.ok()) return options.status();
  absl::StatusOr<ObservationInput> input = ReadObservations(arguments.source);
  if (!input.ok()) return input.status();
  if (!arguments.quiet) {
    for (const std::string& warning : input->warnings) absl::FPrintF(stderr, "ctxfit: %s\n", warning);
  }
  std::optional<OutputFile> out;
  if (!arguments.out.empty()) {
    absl::StatusOr<OutputFile> created = OutputFile::Create(arguments.out);
    if (!created.ok()) return created.status();
    out.emplace(*std::move(created));
  }

  v1::StreamFitRequest request;
  *request.mutable_options() = *options;
  *request.mutable_observations() = std::move(input->observations);
  std::optional<ServiceConnection> connection;
  const absl::StatusOr<v1::FitResponse> response = FitInterruptibly(request, arguments, connection);
  if (!response.ok()) return input->origins.Translate(response.status());

  Print(*response, request.observations(), arguments.format);
  if (out.has_value()) {
    if (const absl::Status status = out->Commit(ToJson(*response)); !status.ok()) return status;
  }
  if (!arguments.plot.empty()) {
    const absl::Status status = WritePlots(request.observations(), *response, arguments.plot, *connection);
    if (!status.ok()) return status;
  }
  if (arguments.contours.empty()) return absl::OkStatus();
  return WriteContours(request.observations(), *response, arguments, *connection);
}

}  // namespace ctxfit

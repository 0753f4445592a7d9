#include <grpcpp/client_context.h>

#include <cstdio>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_format.h"
#include "client/command/commands.h"
#include "client/command/fitting.h"
#include "client/command/service_connection.h"
#include "client/plot/plot_path.h"
#include "client/plot/svg_backtest.h"
#include "client/text/backtest_table.h"
#include "client/text/json.h"
#include "client/text/output_file.h"
#include "client/text/progress_bar.h"
#include "ctxfit/v1/backtest.pb.h"
#include "kernels/base/status_macros.h"

namespace ctxfit {
namespace {

absl::StatusOr<v1::FoldScheme> SchemeOf(const BacktestArguments& arguments) {
  const bool by_group = !arguments.source.by.empty();
  if (by_group && arguments.frontier) {
    return absl::InvalidArgumentError("--by: excludes --frontier");
  }
  if (!arguments.frontier && !arguments.cuts.empty()) {
    return absl::InvalidArgumentError("--cut: must be given with --frontier only");
  }
  if (by_group) return v1::FOLD_SCHEME_GROUP;
  return arguments.frontier.value_or(v1::FOLD_SCHEME_LEVEL);
}

absl::StatusOr<v1::BacktestResponse> BacktestWithProgress(const v1::BacktestRequest& request,
                                                          const BacktestArguments& arguments) {
  std::optional<ServiceConnection> connection;
  ProgressBar bar(stderr, !arguments.quiet);
  return AskInterruptibly<v1::BacktestResponse>(arguments.connection, connection, [&](grpc::ClientContext& context) {
    return connection->Backtest(context, request, [&bar](const v1::Progress& progress) { bar.Show(progress); });
  });
}

absl::Status WritePlots(const v1::BacktestResponse& response, const std::string& path) {
  std::vector<std::string> tasks;
  for (const v1::Backtest& backtest : response.backtests()) tasks.push_back(backtest.task());
  const std::vector<std::string> paths = PlotPaths(path, tasks);
  for (int i = 0; i < response.backtests_size(); ++i) {
    CTXFIT_ASSIGN_OR_RETURN(OutputFile file, OutputFile::Create(paths[i]));
    CTXFIT_RETURN_IF_ERROR(file.Commit(RenderSvg(response.backtests(i))));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status RunBacktest(const BacktestArguments& arguments) {
  v1::BacktestRequest request;
  CTXFIT_ASSIGN_OR_RETURN(const v1::FoldScheme scheme, SchemeOf(arguments));
  CTXFIT_ASSIGN_OR_RETURN(FittingInput input, PrepareFitting(arguments));
  request.set_scheme(scheme);
  *request.mutable_options() = input.options;
  *request.mutable_observations() = std::move(input.rows.observations);
  request.mutable_group()->Assign(input.rows.group.begin(), input.rows.group.end());
  request.mutable_cuts()->Assign(arguments.cuts.begin(), arguments.cuts.end());
  const absl::StatusOr<v1::BacktestResponse> response = BacktestWithProgress(request, arguments);
  if (!response.ok()) return input.rows.origins.Translate(response.status());
  absl::PrintF("%s", arguments.format == OutputFormat::kJson ? ToJson(*response) : BacktestTables(*response));
  CTXFIT_RETURN_IF_ERROR(WriteOut(*response, input.out));
  return arguments.plot.empty() ? absl::OkStatus() : WritePlots(*response, arguments.plot);
}

}  // namespace ctxfit

#include <grpcpp/client_context.h>

#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_format.h"
#include "client/command/commands.h"
#include "client/command/fitting.h"
#include "client/command/service_connection.h"
#include "client/text/comparison_table.h"
#include "client/text/json.h"
#include "ctxfit/v1/comparison.pb.h"

namespace ctxfit {
namespace {

// Adds every combination of the three lists as a point. INVALID_ARGUMENT if only some of the lists are given.
absl::Status AddPoints(const CompareArguments& arguments, v1::CompareRequest& request) {
  const bool none = arguments.compute.empty() && arguments.prompt.empty() && arguments.context.empty();
  if (none) return absl::OkStatus();
  if (arguments.compute.empty() || arguments.prompt.empty() || arguments.context.empty()) {
    return absl::InvalidArgumentError("--compute, --prompt and --context: must be given together, or none of them");
  }
  v1::PredictionPoints& points = *request.mutable_points();
  for (const double compute : arguments.compute) {
    for (const double context : arguments.context) {
      for (const double prompt : arguments.prompt) {
        points.add_training_compute_flops(compute);
        points.add_context_limit_tokens(context);
        points.add_prompt_tokens(prompt);
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status RunCompare(const CompareArguments& arguments) {
  v1::CompareRequest request;
  if (const absl::Status status = AddPoints(arguments, request); !status.ok()) return status;
  absl::StatusOr<FittingInput> input = PrepareFitting(arguments);
  if (!input.ok()) return input.status();
  *request.mutable_options() = input->options;
  *request.mutable_observations() = std::move(input->rows.observations);
  request.mutable_group()->Assign(input->rows.group.begin(), input->rows.group.end());
  std::optional<ServiceConnection> connection;
  const absl::StatusOr<v1::CompareResponse> response = AskInterruptibly<v1::CompareResponse>(
      arguments.connection, connection,
      [&](grpc::ClientContext& context) { return connection->Compare(context, request); });
  if (!response.ok()) return input->rows.origins.Translate(response.status());
  const ComparedGroups groups = {arguments.source.group_a,
                                 arguments.source.group_b.empty() ? "all other rows" : arguments.source.group_b};
  absl::PrintF("%s", arguments.format == OutputFormat::kJson ? ToJson(*response) : ComparisonTables(*response, groups));
  return WriteOut(*response, input->out);
}

}  // namespace ctxfit

#include <grpcpp/client_context.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "client/command/commands.h"
#include "client/command/fit_choice.h"
#include "client/command/fitting.h"
#include "client/command/service_connection.h"
#include "client/text/comparison_table.h"
#include "client/text/json.h"
#include "ctxfit/v1/comparison.pb.h"
#include "kernels/base/status_macros.h"

namespace ctxfit {
namespace {

// Adds every combination of the three lists as a point; lists of variables that the law does not use may be empty.
// INVALID_ARGUMENT if only some of the others are given.
absl::Status AddPoints(const CompareArguments& arguments, const UsedVariables& used, v1::CompareRequest& request) {
  const bool none = arguments.compute.empty() && arguments.prompt.empty() && arguments.context.empty();
  if (none) return absl::OkStatus();
  const bool lacks_prompts = used.prompts && arguments.prompt.empty();
  if (arguments.compute.empty() || lacks_prompts || (used.limits && arguments.context.empty())) {
    std::vector<std::string> needed = {"--compute"};
    if (used.prompts) needed.emplace_back("--prompt");
    if (used.limits) needed.emplace_back("--context");
    return absl::InvalidArgumentError(absl::StrCat(absl::StrJoin(needed, ", "),
                                                   ": must be given together, or none of them; the law uses ",
                                                   needed.size() == 1 ? "only this" : "these"));
  }
  v1::PredictionPoints& points = *request.mutable_points();
  for (const double compute : arguments.compute) {
    VisitOrOnce(arguments.context, [&](std::optional<double> context) {
      VisitOrOnce(arguments.prompt, [&](std::optional<double> prompt) {
        points.add_training_compute_flops(compute);
        if (context) points.add_context_limit_tokens(*context);
        if (prompt) points.add_prompt_tokens(*prompt);
      });
    });
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status RunCompare(const CompareArguments& arguments) {
  v1::CompareRequest request;
  CTXFIT_ASSIGN_OR_RETURN(FittingInput input, PrepareFitting(arguments));
  CTXFIT_RETURN_IF_ERROR(AddPoints(arguments, FindUsedVariables(input.options), request));
  *request.mutable_options() = input.options;
  *request.mutable_observations() = std::move(input.rows.observations);
  request.mutable_group()->Assign(input.rows.group.begin(), input.rows.group.end());
  std::optional<ServiceConnection> connection;
  const absl::StatusOr<v1::CompareResponse> response = AskInterruptibly<v1::CompareResponse>(
      arguments.connection, connection,
      [&](grpc::ClientContext& context) { return connection->Compare(context, request); });
  if (!response.ok()) return input.rows.origins.Translate(response.status());
  const ComparedGroups groups = {arguments.source.group_a,
                                 arguments.source.group_b.empty() ? "all other rows" : arguments.source.group_b};
  absl::PrintF("%s", arguments.format == OutputFormat::kJson ? ToJson(*response) : ComparisonTables(*response, groups));
  return WriteOut(*response, input.out);
}

}  // namespace ctxfit

#include <grpcpp/client_context.h>

#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_format.h"
#include "client/command/commands.h"
#include "client/command/fitting.h"
#include "client/command/service_connection.h"
#include "client/text/ablation_table.h"
#include "client/text/json.h"
#include "ctxfit/v1/ablation.pb.h"
#include "kernels/base/status_macros.h"

namespace ctxfit {

absl::Status RunAblate(const AblateArguments& arguments) {
  CTXFIT_ASSIGN_OR_RETURN(FittingInput input, PrepareFitting(arguments));
  v1::AblateRequest request;
  *request.mutable_options() = input.options;
  *request.mutable_observations() = std::move(input.rows.observations);
  if (arguments.folds) request.set_folds(*arguments.folds);
  std::optional<ServiceConnection> connection;
  const absl::StatusOr<v1::AblateResponse> response = AskInterruptibly<v1::AblateResponse>(
      arguments.connection, connection,
      [&](grpc::ClientContext& context) { return connection->Ablate(context, request); });
  if (!response.ok()) return input.rows.origins.Translate(response.status());
  absl::PrintF("%s", arguments.format == OutputFormat::kJson ? ToJson(*response) : AblationTables(*response));
  return WriteOut(*response, input.out);
}

}  // namespace ctxfit

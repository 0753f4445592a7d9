#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_format.h"
#include "client/command/commands.h"
#include "client/command/fit_choice.h"
#include "client/command/service_connection.h"
#include "client/input/observation_reader.h"
#include "client/text/evaluation_table.h"
#include "client/text/json.h"
#include "kernels/base/status_macros.h"

namespace ctxfit {

absl::Status RunEvaluate(const EvaluateArguments& arguments) {
  CTXFIT_ASSIGN_OR_RETURN(v1::FitResponse fits, ReadFitResponse(arguments.fit));
  std::vector<const v1::Fit*> all;
  for (const v1::Fit& fit : fits.fits()) all.push_back(&fit);
  const UsedVariables used = FindUsedVariables(all);
  ObservationSource source = arguments.source;
  source.needs_prompts = used.prompts;
  source.needs_limits = used.limits;
  CTXFIT_ASSIGN_OR_RETURN(ObservationInput input, ReadObservations(source));
  for (const std::string& warning : input.warnings) absl::FPrintF(stderr, "ctxfit: %s\n", warning);
  v1::EvaluateRequest request;
  request.mutable_fits()->Swap(fits.mutable_fits());
  *request.mutable_observations() = std::move(input.observations);
  if (arguments.confidence) request.set_confidence(*arguments.confidence);
  CTXFIT_ASSIGN_OR_RETURN(const ServiceConnection connection, ServiceConnection::Open(arguments.connection));
  const absl::StatusOr<v1::EvaluateResponse> response = connection.Evaluate(request);
  if (!response.ok()) return input.origins.Translate(response.status());
  absl::PrintF("%s", arguments.format == OutputFormat::kJson ? ToJson(*response) : EvaluationTables(*response));
  return absl::OkStatus();
}

}  // namespace ctxfit

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/command/commands.h"
#include "client/command/contours.h"
#include "client/command/fit_choice.h"
#include "client/command/service_connection.h"
#include "client/text/json.h"
#include "client/text/prediction_table.h"
#include "kernels/base/status_macros.h"

namespace ctxfit {
namespace {

v1::PredictRequest MakeRequest(const v1::Fit& fit, const PredictArguments& arguments) {
  v1::PredictRequest request;
  *request.mutable_fit() = fit;
  v1::PredictionGrid& grid = *request.mutable_grid();
  grid.mutable_training_compute_flops()->Assign(arguments.compute.begin(), arguments.compute.end());
  grid.mutable_context_limit_tokens()->Assign(arguments.context.begin(), arguments.context.end());
  grid.mutable_prompt_tokens()->Assign(arguments.prompt.begin(), arguments.prompt.end());
  if (arguments.confidence) request.set_confidence(*arguments.confidence);
  request.set_simultaneous(arguments.simultaneous);
  if (arguments.new_mean_items) request.set_new_mean_items(*arguments.new_mean_items);
  return request;
}

// Returns the points of the grid as rows to draw, at the first context limit if there is one.
v1::Observations GridRows(const PredictArguments& arguments) {
  v1::Observations rows;
  for (const double compute : arguments.compute) {
    for (const double prompt : arguments.prompt) {
      rows.add_training_compute_flops(compute);
      rows.add_prompt_tokens(prompt);
      if (!arguments.context.empty()) rows.add_context_limit_tokens(arguments.context.front());
      rows.add_score(0);
    }
  }
  return rows;
}

}  // namespace

absl::Status RunPredict(const PredictArguments& arguments) {
  if (!arguments.contours.empty() && arguments.prompt.empty()) {
    return absl::InvalidArgumentError("--plot-contours: draws prompt lengths, so --prompt must be given");
  }
  if (!arguments.contours.empty() && arguments.context.size() > 1) {
    return absl::InvalidArgumentError("--plot-contours: draws one context limit, so --context must be a single one");
  }
  CTXFIT_ASSIGN_OR_RETURN(const v1::FitResponse response, ReadFitResponse(arguments.fit));
  CTXFIT_ASSIGN_OR_RETURN(const std::vector<const v1::Fit*> fits,
                          ChooseFits(response, arguments.fit, arguments.task, arguments.format));
  const UsedVariables used = FindUsedVariables(fits);
  for (const auto& [flag, is_missing] : {std::pair("--prompt", used.prompts && arguments.prompt.empty()),
                                         std::pair("--context", used.limits && arguments.context.empty())}) {
    if (is_missing) return absl::InvalidArgumentError(absl::StrCat(flag, " is required: the law of the fit uses it"));
  }
  CTXFIT_ASSIGN_OR_RETURN(const ServiceConnection connection, ServiceConnection::Open(arguments.connection));
  std::string text;
  for (const v1::Fit* fit : fits) {
    CTXFIT_ASSIGN_OR_RETURN(const v1::PredictResponse predictions, connection.Predict(MakeRequest(*fit, arguments)));
    absl::StrAppend(
        &text, text.empty() ? "" : "\n",
        arguments.format == OutputFormat::kJson ? ToJson(predictions) : PredictionTable(fit->task(), predictions));
  }
  absl::PrintF("%s", text);
  if (arguments.contours.empty()) return absl::OkStatus();
  const double limit = arguments.context.empty() ? 0 : arguments.context.front();
  return WriteContours({GridRows(arguments), "predicted"}, fits, limit, arguments.contours, connection);
}

}  // namespace ctxfit

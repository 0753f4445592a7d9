#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/command/commands.h"
#include "client/command/fit_choice.h"
#include "client/command/number_list.h"
#include "client/command/service_connection.h"
#include "client/text/json.h"
#include "client/text/solution_table.h"
#include "kernels/base/status_macros.h"

namespace ctxfit {
namespace {

// Adds a query for every combination of target, context limit and value of the given variable, where limits and
// values may be left out. `given` and `budget` are the columns of `queries` for that variable and for --budget.
template <class Queries>
void AddQueries(const SolveArguments& arguments, const std::vector<double>& given_values, Queries& queries,
                google::protobuf::RepeatedField<double>& given, google::protobuf::RepeatedField<double>& budget) {
  for (const double target : arguments.target) {
    VisitOrOnce(arguments.context, [&](std::optional<double> limit) {
      VisitOrOnce(given_values, [&](std::optional<double> value) {
        queries.add_target_score(target);
        if (limit) queries.add_context_limit_tokens(*limit);
        if (value) given.Add(*value);
        if (arguments.budget) budget.Add(*arguments.budget);
      });
    });
  }
}

// Makes the request, except for its fit. `used` are the variables that its fit must be given.
absl::StatusOr<v1::SolveRequest> MakeRequest(const SolveArguments& arguments, const UsedVariables& used) {
  if (used.prompts && arguments.prompt.empty() && arguments.compute.empty()) {
    return absl::InvalidArgumentError("--prompt or --compute: one of them must be given, the other one is solved for");
  }
  if (used.limits && arguments.context.empty()) {
    return absl::InvalidArgumentError("--context is required: the law of the fit uses it");
  }
  const bool for_compute = arguments.compute.empty();
  if (!for_compute && !used.prompts) {
    return absl::InvalidArgumentError("--compute: solves for prompt lengths, which the law of the fit does not use");
  }
  CTXFIT_ASSIGN_OR_RETURN(const std::vector<double> given, for_compute ? ParseNumbers("--prompt", arguments.prompt)
                                                                       : ParseNumbers("--compute", arguments.compute));
  v1::SolveRequest request;
  if (for_compute) {
    v1::ComputeQueries& queries = *request.mutable_training_compute();
    AddQueries(arguments, given, queries, *queries.mutable_prompt_tokens(), *queries.mutable_budget_compute_flops());
  } else {
    v1::PromptQueries& queries = *request.mutable_prompt_length();
    AddQueries(arguments, given, queries, *queries.mutable_training_compute_flops(),
               *queries.mutable_budget_prompt_tokens());
  }
  if (arguments.confidence) request.set_confidence(*arguments.confidence);
  return request;
}

}  // namespace

absl::Status RunSolve(const SolveArguments& arguments) {
  CTXFIT_ASSIGN_OR_RETURN(const v1::FitResponse response, ReadFitResponse(arguments.fit));
  CTXFIT_ASSIGN_OR_RETURN(const std::vector<const v1::Fit*> fits,
                          ChooseFits(response, arguments.fit, arguments.task, arguments.format));
  CTXFIT_ASSIGN_OR_RETURN(v1::SolveRequest request, MakeRequest(arguments, FindUsedVariables(fits)));
  CTXFIT_ASSIGN_OR_RETURN(const ServiceConnection connection, ServiceConnection::Open(arguments.connection));
  std::string text;
  for (const v1::Fit* fit : fits) {
    *request.mutable_fit() = *fit;
    CTXFIT_ASSIGN_OR_RETURN(const v1::SolveResponse solved, connection.Solve(request));
    absl::StrAppend(&text, text.empty() ? "" : "\n",
                    arguments.format == OutputFormat::kJson ? ToJson(solved) : SolutionTable(fit->task(), solved));
  }
  absl::PrintF("%s", text);
  return absl::OkStatus();
}

}  // namespace ctxfit

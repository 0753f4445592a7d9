#include "server/answer/evaluate_answer.h"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "kernels/base/status_macros.h"
#include "kernels/data/split_tasks.h"
#include "kernels/predict/evaluate.h"
#include "kernels/predict/predictions.h"
#include "server/wire/evaluation_conversion.h"
#include "server/wire/limits.h"
#include "server/wire/source_conversion.h"

namespace ctxfit {
namespace {

using FitsByTask = std::map<std::string, int>;  // indices into the request's fits

absl::StatusOr<FitsByTask> IndexFits(const v1::EvaluateRequest& request) {
  if (request.fits_size() == 0) return absl::InvalidArgumentError("fits has 0 values: must have at least 1");
  FitsByTask fits;
  for (int i = 0; i < request.fits_size(); ++i) {
    const auto [at, is_new] = fits.emplace(request.fits(i).task(), i);
    if (is_new) continue;
    return absl::InvalidArgumentError(absl::StrCat("fits[", i, "].task = \"", at->first,
                                                   "\": must be another task than that of fits[", at->second, "]"));
  }
  return fits;
}

absl::Status NoFit(const std::string& task, std::size_t row, const FitsByTask& fits) {
  const auto quote = [](std::string* out, const FitsByTask::value_type& fit) {
    absl::StrAppend(out, "\"", fit.first, "\"");
  };
  return absl::InvalidArgumentError(absl::StrCat("observations.task[", row, "] = \"", task,
                                                 "\": must be the task of a fit, which are ",
                                                 absl::StrJoin(fits, ", ", quote)));
}

// An error of SourceOf() with the index of the fit that it is about.
absl::Status AboutFit(int index, const absl::Status& status) {
  if (!absl::StartsWith(status.message(), "fit.")) return status;
  return absl::Status(status.code(), absl::StrCat("fits[", index, "]", status.message().substr(3)));
}

// Checks that the observations have the variables that the law of `source` uses.
absl::Status CheckVariables(const PredictionSource& source, const UsedVariables& given, std::size_t rows) {
  const UsedVariables used = FindUsedVariables(source);
  const auto lacks = [rows](absl::string_view column) {
    return absl::InvalidArgumentError(
        absl::StrCat("observations.", column, " has 0 rows: must have ", rows, ", as many as observations.score"));
  };
  if (used.prompts && !given.prompts) return lacks("prompt_tokens");
  if (used.limits && !given.limits) return lacks("context_limit_tokens");
  return absl::OkStatus();
}

// Evaluates `rows` of `table`, which was `given` with these variables, against `fit`, and adds their errors to `total`.
absl::StatusOr<v1::Evaluation> EvaluateFit(const v1::Fit& fit, const ObservationTable& table,
                                           const UsedVariables& given, const std::vector<std::size_t>& rows,
                                           std::optional<double> confidence, const StopSignal& stop, ErrorSum& total) {
  CTXFIT_ASSIGN_OR_RETURN(const PredictionSource source, SourceOf(fit));
  CTXFIT_RETURN_IF_ERROR(CheckVariables(source, given, table.score.size()));
  CTXFIT_ASSIGN_OR_RETURN(const double chosen, ConfidenceOf(fit, confidence));
  CTXFIT_ASSIGN_OR_RETURN(const Evaluation evaluation, Evaluate(source, table, rows, chosen, stop, total));
  return ToProto(evaluation, fit.task(), chosen);
}

}  // namespace

absl::StatusOr<v1::EvaluateResponse> AnswerEvaluate(const v1::EvaluateRequest& request, ObservationTable table,
                                                    const StopSignal& stop) {
  CTXFIT_RETURN_IF_ERROR(CheckCount("fits", request.fits_size(), kMaxTasks));
  CTXFIT_ASSIGN_OR_RETURN(const FitsByTask fits, IndexFits(request));
  table.held_out.clear();
  const UsedVariables given = {!table.prompt_tokens.empty(), !table.context_limit_tokens.empty()};
  CTXFIT_ASSIGN_OR_RETURN(const ValidTable valid, Validate(std::move(table)));
  const auto confidence = request.has_confidence() ? std::optional(request.confidence()) : std::nullopt;
  v1::EvaluateResponse response;
  ErrorSum total;
  for (const auto& [task, rows] : RowsByTask(valid)) {
    const auto fit = fits.find(task);
    if (fit == fits.end()) return NoFit(task, rows.front(), fits);
    absl::StatusOr<v1::Evaluation> evaluation =
        EvaluateFit(request.fits(fit->second), *valid, given, rows, confidence, stop, total);
    if (!evaluation.ok()) return AboutFit(fit->second, evaluation.status());
    *response.add_evaluations() = *std::move(evaluation);
  }
  *response.mutable_all() = ToProto(total.Summarize());
  return response;
}

}  // namespace ctxfit

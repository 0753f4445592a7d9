#include "server/wire/evaluation_conversion.h"

#include <map>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "kernels/data/split_tasks.h"
#include "kernels/predict/predictions.h"
#include "server/wire/predictions_conversion.h"

namespace ctxfit {

v1::ErrorSummary ToProto(const ErrorSummary& summary) {
  v1::ErrorSummary converted;
  converted.set_record_count(summary.record_count);
  converted.set_mae(summary.mae);
  converted.set_rmse(summary.rmse);
  converted.set_bias(summary.bias);
  return converted;
}

namespace {

v1::ModelErrors ToProto(const ModelErrors& model) {
  v1::ModelErrors converted;
  converted.set_model(model.model);
  if (model.model.empty()) {
    converted.set_training_compute_flops(model.compute_flops);
    converted.set_context_limit_tokens(model.limit_tokens);
  }
  *converted.mutable_errors() = ToProto(model.errors);
  return converted;
}

v1::Evaluation ToProto(const Evaluation& evaluation, double confidence) {
  v1::Evaluation converted;
  *converted.mutable_all() = ToProto(evaluation.all);
  if (evaluation.within_limit) *converted.mutable_within_limit() = ToProto(*evaluation.within_limit);
  if (evaluation.beyond_limit) *converted.mutable_beyond_limit() = ToProto(*evaluation.beyond_limit);
  for (const ModelErrors& model : evaluation.models) *converted.add_models() = ToProto(model);
  if (evaluation.band_coverage) {
    v1::BandCoverage& coverage = *converted.mutable_band_coverage();
    coverage.set_confidence(confidence);
    coverage.set_group_count(evaluation.band_coverage->group_count);
    coverage.set_inside_count(evaluation.band_coverage->inside_count);
    coverage.set_undetermined_count(evaluation.band_coverage->undetermined_count);
  }
  converted.set_extrapolated_count(evaluation.extrapolated_count);
  return converted;
}

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

// What SourceOf() says of a fit, about the one at `index`.
absl::Status AboutFit(int index, const absl::Status& status) {
  if (!absl::StartsWith(status.message(), "fit.")) return status;
  return absl::Status(status.code(), absl::StrCat("fits[", index, "]", status.message().substr(3)));
}

}  // namespace

absl::StatusOr<v1::Evaluation> EvaluateFit(const v1::Fit& fit, const ObservationTable& table,
                                           const std::vector<std::size_t>& rows, std::optional<double> confidence,
                                           const StopSignal& stop, ErrorSum& total) {
  const absl::StatusOr<PredictionSource> source = SourceOf(fit);
  if (!source.ok()) return source.status();
  const absl::StatusOr<double> chosen = ConfidenceOf(fit, confidence);
  if (!chosen.ok()) return chosen.status();
  const absl::StatusOr<Evaluation> evaluation = Evaluate(*source, table, rows, *chosen, stop, total);
  if (!evaluation.ok()) return evaluation.status();
  v1::Evaluation converted = ToProto(*evaluation, *chosen);
  converted.set_task(fit.task());
  return converted;
}

absl::StatusOr<v1::EvaluateResponse> EvaluateFits(const v1::EvaluateRequest& request, ObservationTable table,
                                                  const StopSignal& stop) {
  const absl::StatusOr<FitsByTask> fits = IndexFits(request);
  if (!fits.ok()) return fits.status();
  table.held_out.clear();
  const absl::StatusOr<ValidTable> valid = Validate(std::move(table));
  if (!valid.ok()) return valid.status();
  const auto confidence = request.has_confidence() ? std::optional(request.confidence()) : std::nullopt;
  v1::EvaluateResponse response;
  ErrorSum total;
  for (const auto& [task, rows] : RowsByTask(*valid)) {
    const auto fit = fits->find(task);
    if (fit == fits->end()) return NoFit(task, rows.front(), *fits);
    absl::StatusOr<v1::Evaluation> evaluation =
        EvaluateFit(request.fits(fit->second), **valid, rows, confidence, stop, total);
    if (!evaluation.ok()) return AboutFit(fit->second, evaluation.status());
    *response.add_evaluations() = *std::move(evaluation);
  }
  *response.mutable_all() = ToProto(total.Summarize());
  return response;
}

}  // namespace ctxfit

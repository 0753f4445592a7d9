#include "server/wire/predictions_conversion.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "kernels/base/status_macros.h"
#include "kernels/predict/caveats.h"
#include "kernels/predict/predictions.h"
#include "server/wire/field_checks.h"
#include "server/wire/limits.h"

namespace ctxfit {
absl::StatusOr<PredictionPoints> PointsOf(const v1::PredictionPoints& points, const UsedVariables& used) {
  const bool by_prompt = used.prompts || !points.prompt_tokens().empty();
  const Column& first = by_prompt ? points.prompt_tokens() : points.training_compute_flops();
  const absl::string_view first_field = by_prompt ? "points.prompt_tokens" : "points.training_compute_flops";
  const int count = first.size();
  if (count == 0) return absl::InvalidArgumentError(absl::StrCat(first_field, " has 0 values: must have at least 1"));
  CTXFIT_RETURN_IF_ERROR(CheckCount(first_field, count, kMaxPoints));
  const std::tuple<absl::string_view, const Column*, bool> columns[] = {
      {"points.training_compute_flops", &points.training_compute_flops(), true},
      {"points.prompt_tokens", &points.prompt_tokens(), used.prompts},
      {"points.context_limit_tokens", &points.context_limit_tokens(), used.limits}};
  for (const auto& [field, column, is_used] : columns) {
    if (column->empty() && !is_used) continue;
    CTXFIT_RETURN_IF_ERROR(CheckLength(field, column->size(), count, first_field));
    CTXFIT_RETURN_IF_ERROR(CheckMagnitudes(field, *column));
  }
  PredictionPoints converted;
  converted.compute.assign(points.training_compute_flops().begin(), points.training_compute_flops().end());
  converted.prompt.assign(points.prompt_tokens().begin(), points.prompt_tokens().end());
  converted.limit.assign(points.context_limit_tokens().begin(), points.context_limit_tokens().end());
  if (converted.prompt.empty()) converted.prompt.assign(count, kNoPrompt);
  if (converted.limit.empty()) converted.limit.assign(count, kNoLimit);
  return converted;
}

namespace {

absl::Status CheckGrid(const v1::PredictionGrid& grid, const UsedVariables& used) {
  const std::tuple<absl::string_view, const Column*, bool> axes[] = {
      {"grid.training_compute_flops", &grid.training_compute_flops(), true},
      {"grid.context_limit_tokens", &grid.context_limit_tokens(), used.limits},
      {"grid.prompt_tokens", &grid.prompt_tokens(), used.prompts}};
  std::int64_t count = 1;
  for (const auto& [field, axis, is_used] : axes) {
    if (axis->empty() && !is_used) continue;
    if (axis->empty()) return absl::InvalidArgumentError(absl::StrCat(field, " has 0 values: must have at least 1"));
    CTXFIT_RETURN_IF_ERROR(CheckMagnitudes(field, *axis));
    count *= axis->size();
    if (count > kMaxPoints) {
      return absl::InvalidArgumentError(absl::StrCat("grid has more than ", kMaxPoints, " points"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<PredictionPoints> PointsOf(const v1::PredictionGrid& grid, const UsedVariables& used) {
  CTXFIT_RETURN_IF_ERROR(CheckGrid(grid, used));
  std::vector<double> limits(grid.context_limit_tokens().begin(), grid.context_limit_tokens().end());
  std::vector<double> prompts(grid.prompt_tokens().begin(), grid.prompt_tokens().end());
  if (limits.empty()) limits = {kNoLimit};
  if (prompts.empty()) prompts = {kNoPrompt};
  PredictionPoints points;
  for (const double compute : grid.training_compute_flops()) {
    for (const double limit : limits) {
      for (const double prompt : prompts) {
        points.compute.push_back(compute);
        points.limit.push_back(limit);
        points.prompt.push_back(prompt);
      }
    }
  }
  return points;
}

// The number of points with a band of no width that a reader of four decimals sees: every replicate that counts gives
// the same score.
std::int64_t CountWithoutWidth(const Predictions& predictions) {
  constexpr double kShown = 1e-5;
  std::int64_t count = 0;
  const auto is_flat = [](const std::vector<double>& lower, const std::vector<double>& upper, std::size_t point) {
    return !lower.empty() && upper[point] - lower[point] < kShown;
  };
  for (std::size_t i = 0; i < predictions.mean_lower.size(); ++i) {
    count += is_flat(predictions.mean_lower, predictions.mean_upper, i) ||
             is_flat(predictions.simultaneous_lower, predictions.simultaneous_upper, i) ||
             is_flat(predictions.new_mean_lower, predictions.new_mean_upper, i);
  }
  return count;
}

std::vector<std::string> WarningsOf(const PredictionSource& source, const PredictionPoints& points,
                                    const BandOptions& options, const Predictions& predictions) {
  std::vector<std::string> warnings = CaveatsOf(source);
  if (options.new_mean_items && source.replicates.empty()) {
    warnings.emplace_back(
        "no interval of a new mean: it needs bootstrap replicates, which this fit has none of "
        "(options.bootstrap.replicates)");
  }
  const auto count = static_cast<std::int64_t>(predictions.score.size());
  const auto undetermined = std::count(predictions.determined.begin(), predictions.determined.end(), false);
  if (undetermined > 0) {
    warnings.push_back(absl::StrFormat(
        "%d of %d predictions are not determined by the observations: a parameter they rest on is not identified%s",
        undetermined, count,
        predictions.mean_lower.empty() ? "" : ", and their band is the whole range from floor to ceiling"));
  }
  for (std::string& caveat :
       ExtrapolationCaveats(source, CountExtrapolations(source, points, predictions), "predictions", "band")) {
    warnings.push_back(std::move(caveat));
  }
  if (const std::int64_t flat = CountWithoutWidth(predictions); flat > 0) {
    warnings.push_back(
        absl::StrFormat("%d of %d bands have no width that shows: the replicates all give one score there, such as a "
                        "floor or a ceiling",
                        flat, count));
  }
  return warnings;
}

absl::Status CheckNewMean(std::int64_t items, const PredictionSource& source) {
  const auto reject = [items](absl::string_view rule) {
    return absl::InvalidArgumentError(absl::StrCat("new_mean_items = ", items, ": must be ", rule));
  };
  if (items < 1) return reject(">= 1");
  if (source.replicates.empty()) return absl::OkStatus();
  if (!source.variance) return reject("unset where fit.goodness.variance_within is unset: fit again");
  const std::pair<absl::string_view, double> variances[] = {
      {"fit.goodness.variance_between_clusters", source.variance->between_clusters},
      {"fit.goodness.variance_within", source.variance->within}};
  for (const auto& [field, variance] : variances) {
    if (!(std::isfinite(variance) && variance >= 0)) return Reject(field, variance, "finite and >= 0");
  }
  return absl::OkStatus();
}

// The points at which a request asks for predictions.
absl::StatusOr<PredictionPoints> PointsOf(const v1::PredictRequest& request, const UsedVariables& used) {
  switch (request.where_case()) {
    case v1::PredictRequest::kPoints:
      return PointsOf(request.points(), used);
    case v1::PredictRequest::kGrid:
      return PointsOf(request.grid(), used);
    case v1::PredictRequest::WHERE_NOT_SET:
      break;
  }
  return absl::InvalidArgumentError("where is unset: must be `points` or `grid`");
}

}  // namespace

absl::StatusOr<ParsedPredictRequest> FromProto(const v1::PredictRequest& request) {
  if (!request.has_fit()) return absl::InvalidArgumentError("fit is unset: must be a fit of FittingService");
  CTXFIT_ASSIGN_OR_RETURN(PredictionSource source, SourceOf(request.fit()));
  CTXFIT_ASSIGN_OR_RETURN(PredictionPoints points, PointsOf(request, FindUsedVariables(source)));
  CTXFIT_ASSIGN_OR_RETURN(
      const double confidence,
      ConfidenceOf(request.fit(), request.has_confidence() ? std::optional(request.confidence()) : std::nullopt));
  BandOptions options{confidence, request.simultaneous(), {}};
  if (request.has_new_mean_items()) {
    CTXFIT_RETURN_IF_ERROR(CheckNewMean(request.new_mean_items(), source));
    options.new_mean_items = static_cast<double>(request.new_mean_items());
  }
  const bool has_prompts = !request.points().prompt_tokens().empty() || !request.grid().prompt_tokens().empty();
  const bool has_limits =
      !request.points().context_limit_tokens().empty() || !request.grid().context_limit_tokens().empty();
  return ParsedPredictRequest{std::move(source), std::move(points), has_prompts, has_limits, options};
}

v1::PredictResponse ToProto(const ParsedPredictRequest& request, const Predictions& predictions) {
  v1::PredictResponse response;
  v1::Predictions& columns = *response.mutable_predictions();
  columns.mutable_training_compute_flops()->Assign(request.points.compute.begin(), request.points.compute.end());
  if (request.has_prompts) {
    columns.mutable_prompt_tokens()->Assign(request.points.prompt.begin(), request.points.prompt.end());
  }
  if (request.has_limits) {
    columns.mutable_context_limit_tokens()->Assign(request.points.limit.begin(), request.points.limit.end());
  }
  columns.mutable_score()->Assign(predictions.score.begin(), predictions.score.end());
  columns.mutable_mean_lower()->Assign(predictions.mean_lower.begin(), predictions.mean_lower.end());
  columns.mutable_mean_upper()->Assign(predictions.mean_upper.begin(), predictions.mean_upper.end());
  const auto assign = [](const std::vector<double>& from, Column& to) { to.Assign(from.begin(), from.end()); };
  assign(predictions.simultaneous_lower, *columns.mutable_simultaneous_lower());
  assign(predictions.simultaneous_upper, *columns.mutable_simultaneous_upper());
  assign(predictions.new_mean_lower, *columns.mutable_new_mean_lower());
  assign(predictions.new_mean_upper, *columns.mutable_new_mean_upper());
  if (predictions.critical_value) response.set_simultaneous_critical_value(*predictions.critical_value);
  columns.mutable_determined()->Assign(predictions.determined.begin(), predictions.determined.end());
  columns.mutable_extrapolated()->Assign(predictions.extrapolated.begin(), predictions.extrapolated.end());
  for (std::size_t i = 0; i < predictions.score.size(); ++i) columns.add_band_withheld(predictions.IsWithheld(i));
  response.set_confidence(request.options.confidence);
  for (std::string& warning : WarningsOf(request.source, request.points, request.options, predictions)) {
    response.add_warnings(std::move(warning));
  }
  return response;
}

}  // namespace ctxfit

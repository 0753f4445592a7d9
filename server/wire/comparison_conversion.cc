#include "server/wire/comparison_conversion.h"

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "kernels/data/select_rows.h"
#include "kernels/data/split_tasks.h"
#include "kernels/fit/comparison.h"
#include "kernels/fit/group_fit.h"
#include "kernels/predict/predictions.h"
#include "server/wire/field_checks.h"
#include "server/wire/fit_conversion.h"
#include "server/wire/observations_conversion.h"
#include "server/wire/predictions_conversion.h"

namespace ctxfit {
namespace {

constexpr int kMaxPoints = 100'000;

using GroupNames = std::set<std::string>;

absl::StatusOr<GroupNames> NamesOf(const v1::CompareRequest& request, std::size_t rows) {
  absl::Status status = CheckLength("group", request.group_size(), static_cast<int>(rows), "observations.score");
  if (!status.ok()) return status;
  GroupNames names(request.group().begin(), request.group().end());
  names.erase("");
  if (names.size() == 2) return names;
  constexpr std::size_t kShown = 3;
  std::vector<std::string> shown;
  for (const std::string& name : names) {
    if (shown.size() < kShown) shown.push_back(absl::StrCat("\"", name, "\""));
  }
  return absl::InvalidArgumentError(absl::StrCat("group has ", names.size(), " names", shown.empty() ? "" : ", as ",
                                                 absl::StrJoin(shown, ", "), ": must have 2"));
}

absl::StatusOr<ComparisonOptions> OptionsForTask(const v1::CompareRequest& request, const FitOptions& fit) {
  ComparisonOptions options = {fit, {}};
  if (!request.has_points()) return options;
  if (request.points().prompt_tokens_size() > kMaxPoints) {
    return absl::InvalidArgumentError(absl::StrCat("points.prompt_tokens has ", request.points().prompt_tokens_size(),
                                                   " values: must have at most ", kMaxPoints));
  }
  absl::StatusOr<PredictionPoints> points = PointsOf(request.points());
  if (!points.ok()) return points.status();
  options.points = *std::move(points);
  return options;
}

v1::ParameterDifference ToProto(const ParameterDifference& parameter) {
  v1::ParameterDifference converted;
  converted.set_name(parameter.name);
  converted.set_first(parameter.values.first);
  converted.set_second(parameter.values.second);
  converted.set_difference(parameter.values.difference);
  if (parameter.values.standard_error) converted.set_standard_error(*parameter.values.standard_error);
  if (parameter.values.interval) {
    converted.set_lower(parameter.values.interval->lower);
    converted.set_upper(parameter.values.interval->upper);
  }
  converted.set_reason(parameter.reason);
  return converted;
}

v1::PredictionDifference ToProto(const PredictionDifference& prediction, const PredictionPoints& points,
                                 std::size_t i) {
  v1::PredictionDifference converted;
  converted.set_training_compute_flops(points.compute[i]);
  converted.set_prompt_tokens(points.prompt[i]);
  converted.set_context_limit_tokens(points.limit[i]);
  converted.set_first(prediction.values.first);
  converted.set_second(prediction.values.second);
  converted.set_difference(prediction.values.difference);
  if (prediction.values.interval) {
    converted.set_lower(prediction.values.interval->lower);
    converted.set_upper(prediction.values.interval->upper);
  }
  converted.set_determined(prediction.determined);
  converted.set_extrapolated(prediction.extrapolated);
  return converted;
}

v1::LawTest ToProto(const LawTest& test) {
  v1::LawTest converted;
  converted.set_reason(test.reason);
  if (!test.test) return converted;
  converted.set_statistic(test.test->statistic);
  converted.set_numerator_degrees(test.test->numerator_degrees);
  converted.set_denominator_degrees(test.test->denominator_degrees);
  converted.set_p_value(test.test->p_value);
  return converted;
}

v1::Comparison ToProto(const Comparison& comparison, const PredictionPoints& points, const Observations& both,
                       const FitRun& run) {
  const FitOptions options = WithoutIntervals(run.options);
  const auto convert_fit = [&](const TaskFit& fit, const Observations& observations) {
    return ToProto(fit, {options, run.backend.Name(), run.backend.Device(), Digest(observations)});
  };
  v1::Comparison converted;
  converted.set_task(both.task);
  *converted.mutable_first_fit() = convert_fit(comparison.groups[0], Select(both, RowsOfGroup(both, 0)));
  *converted.mutable_second_fit() = convert_fit(comparison.groups[1], Select(both, RowsOfGroup(both, 1)));
  *converted.mutable_pooled_fit() = convert_fit(comparison.pooled, both);
  converted.set_shared_cluster_count(comparison.shared_unit_count);
  for (const ParameterDifference& parameter : comparison.parameters) {
    *converted.add_parameters() = ToProto(parameter);
  }
  for (std::size_t i = 0; i < comparison.predictions.size(); ++i) {
    *converted.add_predictions() = ToProto(comparison.predictions[i], points, i);
  }
  *converted.mutable_wald_test() = ToProto(comparison.wald);
  *converted.mutable_f_test() = ToProto(comparison.f);
  return converted;
}

}  // namespace

absl::StatusOr<v1::CompareResponse> AnswerCompare(const v1::CompareRequest& request, FitRun& run) {
  const absl::StatusOr<GroupNames> names = NamesOf(request, run.table.score.size());
  if (!names.ok()) return names.status();
  const absl::StatusOr<ComparisonOptions> options = OptionsForTask(request, run.options);
  if (!options.ok()) return options.status();
  for (const std::string& name : request.group()) {
    run.table.group.push_back(name.empty() ? -1 : name == *names->begin() ? 0 : 1);
  }
  const absl::StatusOr<std::vector<Observations>> tasks =
      ValidateAndSplit(std::move(run.table), run.options.bootstrap.resampling);
  if (!tasks.ok()) return tasks.status();
  run.record.tasks = static_cast<std::int64_t>(tasks->size());
  const absl::StatusOr<std::vector<Comparison>> comparisons = CompareGroups(run.backend, *tasks, *options, run.stop);
  if (!comparisons.ok()) return comparisons.status();
  v1::CompareResponse response;
  response.set_first_group(*names->begin());
  response.set_second_group(*names->rbegin());
  response.set_confidence(run.options.bootstrap.confidence);
  for (std::size_t i = 0; i < comparisons->size(); ++i) {
    *response.add_comparisons() = ToProto((*comparisons)[i], options->points, (*tasks)[i], run);
  }
  return response;
}

}  // namespace ctxfit

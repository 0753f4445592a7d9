#include "server/answer/compare_answer.h"

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "kernels/base/status_macros.h"
#include "kernels/data/select_rows.h"
#include "kernels/data/split_tasks.h"
#include "kernels/fit/comparison.h"
#include "kernels/fit/group_fit.h"
#include "kernels/law/used_variables.h"
#include "kernels/predict/predictions.h"
#include "server/wire/comparison_conversion.h"
#include "server/wire/field_checks.h"
#include "server/wire/limits.h"
#include "server/wire/observations_conversion.h"
#include "server/wire/predictions_conversion.h"

namespace ctxfit {
namespace {

using GroupNames = std::set<std::string>;

absl::StatusOr<GroupNames> NamesOf(const v1::CompareRequest& request, std::size_t rows) {
  CTXFIT_RETURN_IF_ERROR(CheckLength("group", request.group_size(), static_cast<int>(rows), "observations.score"));
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

absl::StatusOr<ComparisonOptions> OptionsOf(const v1::CompareRequest& request, const FitOptions& fit) {
  ComparisonOptions options = {fit, {}};
  if (!request.has_points()) return options;
  CTXFIT_RETURN_IF_ERROR(
      CheckCount("points.training_compute_flops", request.points().training_compute_flops_size(), kMaxComparedPoints));
  CTXFIT_ASSIGN_OR_RETURN(options.points, PointsOf(request.points(), FindUsedVariables(fit)));
  return options;
}

absl::StatusOr<std::string> DigestOfGroup(const Observations& both, std::int32_t group, const StopSignal& stop) {
  return Digest(Select(both, RowsOfGroup(both, group)), stop);
}

}  // namespace

absl::StatusOr<v1::CompareResponse> AnswerCompare(const v1::CompareRequest& request, FitRun& run) {
  CTXFIT_ASSIGN_OR_RETURN(const GroupNames names, NamesOf(request, run.table.score.size()));
  CTXFIT_ASSIGN_OR_RETURN(const ComparisonOptions options, OptionsOf(request, run.options));
  for (const std::string& name : request.group()) {
    run.table.group.push_back(name.empty() ? -1 : name == *names.begin() ? 0 : 1);
  }
  CTXFIT_ASSIGN_OR_RETURN(
      const std::vector<Observations> tasks,
      ValidateAndSplit(std::move(run.table), run.options.bootstrap.resampling, run.backend.Sorter(run.stop)));
  run.record.tasks = static_cast<std::int64_t>(tasks.size());
  CTXFIT_ASSIGN_OR_RETURN(const std::vector<Comparison> comparisons,
                          CompareGroups(run.backend, tasks, options, run.stop));
  v1::CompareResponse response;
  response.set_first_group(*names.begin());
  response.set_second_group(*names.rbegin());
  response.set_confidence(run.options.bootstrap.confidence);
  const FitOptions fit_options = WithoutIntervals(run.options);
  for (std::size_t i = 0; i < comparisons.size(); ++i) {
    CTXFIT_ASSIGN_OR_RETURN(std::string of_first, DigestOfGroup(tasks[i], 0, run.stop));
    CTXFIT_ASSIGN_OR_RETURN(std::string of_second, DigestOfGroup(tasks[i], 1, run.stop));
    CTXFIT_ASSIGN_OR_RETURN(std::string of_both, Digest(tasks[i], run.stop));
    *response.add_comparisons() = ToProto(comparisons[i], request.points(),
                                          {fit_options, run.backend.Name(), run.backend.Device(), std::move(of_first),
                                           std::move(of_second), std::move(of_both)});
  }
  return response;
}

}  // namespace ctxfit

#include "server/answer/fit_answer.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <future>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "kernels/base/status_macros.h"
#include "kernels/data/split_tasks.h"
#include "server/wire/evaluation_conversion.h"
#include "server/wire/fit_conversion.h"
#include "server/wire/observations_conversion.h"

namespace ctxfit {
namespace {

// The digest of every task, beside the fit: the fit leaves cores idle while it collapses.
std::future<std::vector<std::string>> DigestsOf(const std::vector<Observations>& tasks) {
  return std::async([&tasks] {
    std::vector<std::string> digests(tasks.size());
    std::transform(tasks.begin(), tasks.end(), digests.begin(), Digest);
    return digests;
  });
}

}  // namespace

absl::StatusOr<v1::FitResponse> AnswerFit(FitRun& run) {
  CTXFIT_ASSIGN_OR_RETURN(std::optional<ValidTable> table, Validate(std::move(run.table)));
  const absl::StatusOr<std::vector<Observations>> tasks = SplitTasks(*table, run.options.bootstrap.resampling);
  if (!tasks.ok()) return tasks.status();
  const std::map<std::string, std::vector<std::size_t>> held_out = HeldOutRowsByTask(*table);
  if (held_out.empty()) table.reset();
  run.record.tasks = static_cast<std::int64_t>(tasks->size());
  std::future<std::vector<std::string>> started = DigestsOf(*tasks);
  const absl::StatusOr<std::vector<TaskFit>> fits = FitTasks(run.backend, *tasks, run.options, run.stop, run.observer);
  if (!fits.ok()) return fits.status();
  const std::vector<std::string> digests = started.get();
  v1::FitResponse response;
  for (std::size_t i = 0; i < fits->size(); ++i) {
    v1::Fit& fit = *response.add_fits();
    fit = ToProto((*fits)[i], {run.options, run.backend.Name(), run.backend.Device(), digests[i]});
    const auto rows = held_out.find(fit.task());
    if (rows == held_out.end()) continue;
    ErrorSum total;
    absl::StatusOr<v1::Evaluation> evaluation = EvaluateFit(fit, **table, rows->second, std::nullopt, run.stop, total);
    if (!evaluation.ok()) return evaluation.status();
    *fit.mutable_evaluation() = *std::move(evaluation);
  }
  return response;
}

}  // namespace ctxfit

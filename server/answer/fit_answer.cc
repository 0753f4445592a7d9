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

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "kernels/base/status_macros.h"
#include "kernels/data/split_tasks.h"
#include "kernels/fit/held_out_levels.h"
#include "kernels/fit/prediction_source.h"
#include "kernels/predict/evaluate.h"
#include "server/wire/baseline_conversion.h"
#include "server/wire/evaluation_conversion.h"
#include "server/wire/fit_conversion.h"
#include "server/wire/observations_conversion.h"

namespace ctxfit {
namespace {

// Digests every task while they are fitted: a fit leaves cores idle while it collapses.
std::future<absl::StatusOr<std::vector<std::string>>> DigestsOf(const std::vector<Observations>& tasks,
                                                                const StopSignal& stop) {
  return std::async([&]() -> absl::StatusOr<std::vector<std::string>> {
    std::vector<std::string> digests(tasks.size());
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      CTXFIT_ASSIGN_OR_RETURN(digests[i], Digest(tasks[i], stop));
    }
    return digests;
  });
}

}  // namespace

absl::StatusOr<v1::FitResponse> AnswerFit(v1::BacktestMode backtest, FitRun& run) {
  if (!v1::BacktestMode_IsValid(backtest)) {
    return absl::InvalidArgumentError(
        absl::StrCat("options.backtest = ", static_cast<int>(backtest), ": must be a value of BacktestMode"));
  }
  const bool holds_out = backtest != v1::BACKTEST_MODE_OFF;
  CTXFIT_ASSIGN_OR_RETURN(std::optional<ValidTable> table, Validate(std::move(run.table)));
  CTXFIT_ASSIGN_OR_RETURN(const std::vector<Observations> tasks,
                          SplitTasks(*table, run.options.bootstrap.resampling, run.backend.Sorter(run.stop)));
  const std::map<std::string, std::vector<std::size_t>> held_out = HeldOutRowsByTask(*table);
  if (held_out.empty()) table.reset();
  run.record.tasks = static_cast<std::int64_t>(tasks.size());
  std::future<absl::StatusOr<std::vector<std::string>>> started = DigestsOf(tasks, run.stop);
  CTXFIT_ASSIGN_OR_RETURN(const std::vector<TaskFit> fits,
                          FitTasks(run.backend, tasks, run.options, run.stop, run.observer, run.trace));
  for (const TaskFit& fit : fits) {
    run.record.candidate_records_per_second =
        std::max(run.record.candidate_records_per_second, fit.search.candidate_records_per_second);
  }
  CTXFIT_ASSIGN_OR_RETURN(const std::vector<std::string> digests, started.get());
  const double confidence = run.options.bootstrap.confidence;
  v1::FitResponse response;
  for (std::size_t i = 0; i < fits.size(); ++i) {
    v1::Fit& fit = *response.add_fits();
    fit = ToProto(fits[i], {run.options, run.backend.Name(), run.backend.Device(), digests[i]});
    if (!holds_out) fit.mutable_provenance()->mutable_options()->set_backtest(backtest);
    CTXFIT_ASSIGN_OR_RETURN(const Contest contest,
                            CompareWithBaselines(run.backend, tasks[i], run.options, fits[i], holds_out, run.stop));
    AddContest(contest, fit);
    const auto rows = held_out.find(fits[i].task);
    if (rows == held_out.end()) continue;
    ErrorSum total;
    CTXFIT_ASSIGN_OR_RETURN(const Evaluation evaluation,
                            Evaluate(PredictionSourceOf(fits[i]), **table, rows->second, confidence, run.stop, total));
    *fit.mutable_evaluation() = ToProto(evaluation, fits[i].task, confidence);
  }
  return response;
}

}  // namespace ctxfit

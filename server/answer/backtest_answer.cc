#include "server/answer/backtest_answer.h"

#include <cstdint>
#include <utility>
#include <vector>

#include "kernels/base/status_macros.h"
#include "kernels/data/split_tasks.h"
#include "kernels/fit/backtest.h"
#include "server/wire/backtest_conversion.h"

namespace ctxfit {

absl::StatusOr<v1::BacktestResponse> AnswerBacktest(const v1::BacktestRequest& request, FitRun& run) {
  CTXFIT_ASSIGN_OR_RETURN(const BacktestOptions options, OptionsOf(request, run.options, run.table.score.size()));
  GroupLabels groups = GroupsOf(request);
  run.table.group = std::move(groups.group);
  CTXFIT_ASSIGN_OR_RETURN(
      const std::vector<Observations> tasks,
      ValidateAndSplit(std::move(run.table), options.fit.bootstrap.resampling, run.backend.Sorter(run.stop)));
  run.record.tasks = static_cast<std::int64_t>(tasks.size());
  CTXFIT_ASSIGN_OR_RETURN(const std::vector<TaskBacktest> backtests,
                          BacktestTasks(run.backend, tasks, options, run.stop, run.observer, run.trace));
  v1::BacktestResponse response;
  for (const TaskBacktest& backtest : backtests) *response.add_backtests() = ToProto(backtest, options, groups.labels);
  return response;
}

}  // namespace ctxfit

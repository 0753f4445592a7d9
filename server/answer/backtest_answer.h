#ifndef CTXFIT_SERVER_ANSWER_BACKTEST_ANSWER_H_
#define CTXFIT_SERVER_ANSWER_BACKTEST_ANSWER_H_

#include "absl/status/statusor.h"
#include "ctxfit/v1/backtest.pb.h"
#include "server/queue/fit_job.h"

namespace ctxfit {

// Answers a request, whose observations and options are those of `run`. Errors are those of OptionsOf() and of
// BacktestTasks().
absl::StatusOr<v1::BacktestResponse> AnswerBacktest(const v1::BacktestRequest& request, FitRun& run);

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_ANSWER_BACKTEST_ANSWER_H_

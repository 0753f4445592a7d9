#ifndef CTXFIT_SERVER_ANSWER_FIT_ANSWER_H_
#define CTXFIT_SERVER_ANSWER_FIT_ANSWER_H_

#include "absl/status/statusor.h"
#include "ctxfit/v1/fitting_service.pb.h"
#include "server/queue/fit_job.h"

namespace ctxfit {

// Fits one law per task, compares it with baselines, and evaluates it on the rows that are held out. INVALID_ARGUMENT
// if `backtest` is no value of BacktestMode; other errors are those of Validate(), SplitTasks() and FitTasks().
absl::StatusOr<v1::FitResponse> AnswerFit(v1::BacktestMode backtest, FitRun& run);

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_ANSWER_FIT_ANSWER_H_

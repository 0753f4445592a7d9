#ifndef CTXFIT_SERVER_ANSWER_FIT_ANSWER_H_
#define CTXFIT_SERVER_ANSWER_FIT_ANSWER_H_

#include "absl/status/statusor.h"
#include "ctxfit/v1/fitting_service.pb.h"
#include "server/queue/fit_job.h"

namespace ctxfit {

// Fits one law per task, and evaluates it on the rows that are held out. Errors are those of Validate(),
// SplitTasks() and FitTasks().
absl::StatusOr<v1::FitResponse> AnswerFit(FitRun& run);

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_ANSWER_FIT_ANSWER_H_

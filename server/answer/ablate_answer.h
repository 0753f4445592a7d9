#ifndef CTXFIT_SERVER_ANSWER_ABLATE_ANSWER_H_
#define CTXFIT_SERVER_ANSWER_ABLATE_ANSWER_H_

#include "absl/status/statusor.h"
#include "ctxfit/v1/ablation.pb.h"
#include "server/queue/fit_job.h"

namespace ctxfit {

// Answers a request, whose observations and options are those of `run`. Errors are those of AblateTasks().
absl::StatusOr<v1::AblateResponse> AnswerAblate(const v1::AblateRequest& request, FitRun& run);

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_ANSWER_ABLATE_ANSWER_H_

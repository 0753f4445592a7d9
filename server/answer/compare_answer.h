#ifndef CTXFIT_SERVER_ANSWER_COMPARE_ANSWER_H_
#define CTXFIT_SERVER_ANSWER_COMPARE_ANSWER_H_

#include "absl/status/statusor.h"
#include "ctxfit/v1/comparison.pb.h"
#include "server/queue/fit_job.h"

namespace ctxfit {

// Answers a request, whose observations and options are those of `run`. INVALID_ARGUMENT names field, value and rule,
// as `group has 3 names, as "a", "b" and "c": must have 2`; errors of CompareGroups().
absl::StatusOr<v1::CompareResponse> AnswerCompare(const v1::CompareRequest& request, FitRun& run);

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_ANSWER_COMPARE_ANSWER_H_

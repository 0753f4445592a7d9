#ifndef CTXFIT_SERVER_ANSWER_SOLVE_ANSWER_H_
#define CTXFIT_SERVER_ANSWER_SOLVE_ANSWER_H_

#include "absl/status/statusor.h"
#include "ctxfit/v1/planning_service.pb.h"
#include "kernels/base/stop_signal.h"

namespace ctxfit {

// Answers a request. INVALID_ARGUMENT names field, value and rule; errors of `stop`.
absl::StatusOr<v1::SolveResponse> AnswerSolve(const v1::SolveRequest& request, const StopSignal& stop);

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_ANSWER_SOLVE_ANSWER_H_

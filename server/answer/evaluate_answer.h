#ifndef CTXFIT_SERVER_ANSWER_EVALUATE_ANSWER_H_
#define CTXFIT_SERVER_ANSWER_EVALUATE_ANSWER_H_

#include "absl/status/statusor.h"
#include "ctxfit/v1/planning_service.pb.h"
#include "kernels/base/stop_signal.h"
#include "kernels/data/observations.h"

namespace ctxfit {

// Answers a request with its observations in `table`: evaluates every row against the fit of its task. INVALID_ARGUMENT
// names field, row, value and rule.
absl::StatusOr<v1::EvaluateResponse> AnswerEvaluate(const v1::EvaluateRequest& request, ObservationTable table,
                                                    const StopSignal& stop);

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_ANSWER_EVALUATE_ANSWER_H_

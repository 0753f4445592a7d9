#ifndef CTXFIT_SERVER_ANSWER_PREDICT_ANSWER_H_
#define CTXFIT_SERVER_ANSWER_PREDICT_ANSWER_H_

#include "absl/status/statusor.h"
#include "ctxfit/v1/planning_service.pb.h"
#include "kernels/base/stop_signal.h"

namespace ctxfit {

struct VectorKernels;

// Answers a request. INVALID_ARGUMENT names field, value and rule; errors of `stop`.
absl::StatusOr<v1::PredictResponse> AnswerPredict(const VectorKernels& kernels, const v1::PredictRequest& request,
                                                  const StopSignal& stop);

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_ANSWER_PREDICT_ANSWER_H_

#ifndef CTXFIT_SERVER_ANSWER_PREDICT_ANSWER_H_
#define CTXFIT_SERVER_ANSWER_PREDICT_ANSWER_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "ctxfit/v1/planning_service.pb.h"
#include "kernels/base/stop_signal.h"

namespace ctxfit {

struct VectorKernels;

// Answers a request, and sets `rows` to the number of its points. INVALID_ARGUMENT names field, value and rule; errors
// of `stop`.
absl::StatusOr<v1::PredictResponse> AnswerPredict(const VectorKernels& kernels, const v1::PredictRequest& request,
                                                  const StopSignal& stop, std::int64_t& rows);

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_ANSWER_PREDICT_ANSWER_H_

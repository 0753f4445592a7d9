#ifndef CTXFIT_SERVER_PREDICTIONS_CONVERSION_H_
#define CTXFIT_SERVER_PREDICTIONS_CONVERSION_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "ctxfit/v1/fit.pb.h"
#include "ctxfit/v1/planning_service.pb.h"
#include "kernels/predict.h"

namespace ctxfit {

// A prediction that was asked for.
struct PredictionTask {
  PredictionSource source;
  PredictionPoints points;
  double confidence;
};

// INVALID_ARGUMENT names field, value and rule, as `points.prompt_tokens[3] = -1: must be finite and > 0`.
absl::StatusOr<PredictionTask> FromProto(const v1::PredictRequest& request);

// The answer to `task`.
v1::PredictResponse ToProto(const PredictionTask& task, const Predictions& predictions);

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_PREDICTIONS_CONVERSION_H_

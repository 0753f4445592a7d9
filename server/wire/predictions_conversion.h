#ifndef CTXFIT_SERVER_WIRE_PREDICTIONS_CONVERSION_H_
#define CTXFIT_SERVER_WIRE_PREDICTIONS_CONVERSION_H_

#include "absl/status/statusor.h"
#include "ctxfit/v1/planning_service.pb.h"
#include "kernels/predict/predictions.h"
#include "server/wire/source_conversion.h"

namespace ctxfit {

// Reads the columns of `points`. Those that are not `used` may be empty, and are then 1 token or infinite.
// INVALID_ARGUMENT names field, value and rule.
absl::StatusOr<PredictionPoints> PointsOf(const v1::PredictionPoints& points, const UsedVariables& used);

// A PredictRequest, read and checked.
struct ParsedPredictRequest {
  PredictionSource source;
  PredictionPoints points;
  bool has_prompts;  // false if the request has none
  bool has_limits;   // false if the request has none
  BandOptions options;
};

// Reads a request. INVALID_ARGUMENT names field, value and rule, as `points.prompt_tokens[3] = -1: must be finite and >
// 0`.
absl::StatusOr<ParsedPredictRequest> FromProto(const v1::PredictRequest& request);

// Converts the answer to `request`.
v1::PredictResponse ToProto(const ParsedPredictRequest& request, const Predictions& predictions);

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_WIRE_PREDICTIONS_CONVERSION_H_

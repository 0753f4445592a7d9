#ifndef CTXFIT_SERVER_WIRE_PREDICTIONS_CONVERSION_H_
#define CTXFIT_SERVER_WIRE_PREDICTIONS_CONVERSION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "ctxfit/v1/fit.pb.h"
#include "ctxfit/v1/planning_service.pb.h"
#include "kernels/predict/predictions.h"

namespace ctxfit {

// Reads the source of predictions by `fit`. INVALID_ARGUMENT names field, value and rule, as
// `fit.parameters.compute_exponent = -1: must be finite and >= 0`.
absl::StatusOr<PredictionSource> SourceOf(const v1::Fit& fit);

// The caveats of a fit on whatever is predicted from it: that it did not converge, that it has no replicates and why.
std::vector<std::string> CaveatsOf(const PredictionSource& source);

// Returns the confidence that was asked for, by default that of the fit. INVALID_ARGUMENT if it is not in (0, 1).
absl::StatusOr<double> ConfidenceOf(const v1::Fit& fit, std::optional<double> asked);

// True for the variables that a law uses: limits only with a penalty, prompts with one or with a context factor.
struct UsedVariables {
  bool prompts = true;
  bool limits = true;
};

// The variables that the law of `source` uses, at its optimum or at any replicate.
UsedVariables FindUsedVariables(const PredictionSource& source);

// Reads the columns of `points`. Those that are not `used` may be empty, and are then 1 token or infinite.
// INVALID_ARGUMENT names field, value and rule.
absl::StatusOr<PredictionPoints> PointsOf(const v1::PredictionPoints& points, const UsedVariables& used = {});

// A PredictRequest, read and checked.
struct ParsedPredictRequest {
  PredictionSource source;
  PredictionPoints points;
  bool has_prompts;  // false if the request has none
  bool has_limits;   // likewise
  BandOptions options;
};

// Reads a request. INVALID_ARGUMENT names field, value and rule, as `points.prompt_tokens[3] = -1: must be finite and >
// 0`.
absl::StatusOr<ParsedPredictRequest> FromProto(const v1::PredictRequest& request);

// Converts the answer to `request`.
v1::PredictResponse ToProto(const ParsedPredictRequest& request, const Predictions& predictions);

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_WIRE_PREDICTIONS_CONVERSION_H_

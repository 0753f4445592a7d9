#ifndef CTXFIT_SERVER_WIRE_SOLVE_CONVERSION_H_
#define CTXFIT_SERVER_WIRE_SOLVE_CONVERSION_H_

#include <vector>

#include "absl/status/statusor.h"
#include "ctxfit/v1/planning_service.pb.h"
#include "kernels/predict/predictions.h"
#include "kernels/predict/solve.h"

namespace ctxfit {

// A SolveRequest, read and checked.
struct ParsedSolveRequest {
  PredictionSource source;
  Variable unknown;
  bool has_prompts;  // false if the request has none
  bool has_limits;   // false if the request has none
  std::vector<SolveQuery> queries;
  double confidence;
};

// Reads a request. INVALID_ARGUMENT names field, value and rule, as `training_compute.target_score[3] = 1.2: must be in
// (0, 1)`.
absl::StatusOr<ParsedSolveRequest> FromProto(const v1::SolveRequest& request);

// Converts the answer to `request`.
v1::SolveResponse ToProto(const ParsedSolveRequest& request, const std::vector<Solution>& solutions);

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_WIRE_SOLVE_CONVERSION_H_

#ifndef CTXFIT_SERVER_WIRE_EVALUATION_CONVERSION_H_
#define CTXFIT_SERVER_WIRE_EVALUATION_CONVERSION_H_

#include <cstddef>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "ctxfit/v1/evaluation.pb.h"
#include "ctxfit/v1/fit.pb.h"
#include "ctxfit/v1/planning_service.pb.h"
#include "kernels/base/stop_signal.h"
#include "kernels/data/observations.h"
#include "kernels/predict/evaluate.h"

namespace ctxfit {

v1::ErrorSummary ToProto(const ErrorSummary& summary);

// Holds `fit` against those `rows` of a valid `table`, and adds them to `total` too. Bands cover `confidence`, by
// default as the fit's intervals do. INVALID_ARGUMENT names field, value and rule; errors of `stop`.
absl::StatusOr<v1::Evaluation> EvaluateFit(const v1::Fit& fit, const ObservationTable& table,
                                           const std::vector<std::size_t>& rows, std::optional<double> confidence,
                                           const StopSignal& stop, ErrorSum& total);

// Answers a request with its observations in `table`: every row against the fit of its task. INVALID_ARGUMENT names
// field, row, value and rule.
absl::StatusOr<v1::EvaluateResponse> EvaluateFits(const v1::EvaluateRequest& request, ObservationTable table,
                                                  const StopSignal& stop);

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_WIRE_EVALUATION_CONVERSION_H_

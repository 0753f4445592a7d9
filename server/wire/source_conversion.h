#ifndef CTXFIT_SERVER_WIRE_SOURCE_CONVERSION_H_
#define CTXFIT_SERVER_WIRE_SOURCE_CONVERSION_H_

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "ctxfit/v1/fit.pb.h"
#include "kernels/law/used_variables.h"
#include "kernels/predict/predictions.h"

namespace ctxfit {

// Reads the source of predictions by `fit`. INVALID_ARGUMENT names field, value and rule, as
// `fit.parameters.compute_exponent = -1: must be finite and >= 0`.
absl::StatusOr<PredictionSource> SourceOf(const v1::Fit& fit);

// Returns warnings that concern every prediction from a fit: it did not converge, its law
// does not fit, or it has no replicates and why.
std::vector<std::string> CaveatsOf(const PredictionSource& source);

// Returns the confidence that was asked for, by default that of the fit. INVALID_ARGUMENT if it is not in (0, 1).
absl::StatusOr<double> ConfidenceOf(const v1::Fit& fit, std::optional<double> asked);

// The variables that the law of `source` uses, at its optimum or at any replicate.
UsedVariables FindUsedVariables(const PredictionSource& source);

// Variables of points and queries that have none, which are those of rows without them.
inline constexpr double kNoPrompt = 1;
inline constexpr double kNoLimit = std::numeric_limits<double>::infinity();

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_WIRE_SOURCE_CONVERSION_H_

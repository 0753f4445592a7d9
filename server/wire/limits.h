#ifndef CTXFIT_SERVER_WIRE_LIMITS_H_
#define CTXFIT_SERVER_WIRE_LIMITS_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace ctxfit {

// The limits on the elements of repeated fields that no other rule bounds. proto/README.md has them in a table, with
// those that follow from other rules. Rows of observations are bounded by the memory of the server.
inline constexpr std::int64_t kMaxPoints = 1'000'000;        // PredictRequest: points, or those of a grid
inline constexpr std::int64_t kMaxComparedPoints = 100'000;  // CompareRequest.points
inline constexpr std::int64_t kMaxQueries = 100'000;         // SolveRequest
inline constexpr std::int64_t kMaxTasks = 100'000;           // EvaluateRequest.fits, by_task of an asymptote
inline constexpr std::int64_t kMaxParameterOptions = 64;     // FitOptions: bounds, fixed
inline constexpr std::int64_t kMaxReplicates = 100'000;      // columns of Replicates

// INVALID_ARGUMENT, `FIELD has COUNT values: must have at most LIMIT`, where there are more.
absl::Status CheckCount(absl::string_view field, std::int64_t count, std::int64_t limit);

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_WIRE_LIMITS_H_

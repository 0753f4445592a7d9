#ifndef CTXFIT_SERVER_WIRE_FIELD_CHECKS_H_
#define CTXFIT_SERVER_WIRE_FIELD_CHECKS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/repeated_field.h"

// Rules that many fields share. Errors are INVALID_ARGUMENT and name field, value and rule.

namespace ctxfit {

using Column = google::protobuf::RepeatedField<double>;

bool IsPositive(double value);

// Returns the error `FIELD = VALUE: must be RULE`.
absl::Status Reject(absl::string_view field, double value, absl::string_view rule);

// Checks that every value, a compute or a length, is finite, > 0 and of a magnitude within IsMagnitude().
absl::Status CheckMagnitudes(absl::string_view field, const Column& values);

// Checks that `field` has `expected` values, as many as the field `as`.
absl::Status CheckLength(absl::string_view field, int length, int expected, absl::string_view as);

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_WIRE_FIELD_CHECKS_H_

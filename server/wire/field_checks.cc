#include "server/wire/field_checks.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "kernels/base/exact_text.h"
#include "kernels/base/magnitude.h"

namespace ctxfit {

bool IsPositive(double value) { return std::isfinite(value) && value > 0; }

absl::Status Reject(absl::string_view field, double value, absl::string_view rule) {
  return absl::InvalidArgumentError(absl::StrCat(field, " = ", ExactText(value), ": must be ", rule));
}

absl::Status CheckMagnitudes(absl::string_view field, const Column& values) {
  for (int i = 0; i < values.size(); ++i) {
    if (!IsMagnitude(values[i])) {
      return Reject(absl::StrCat(field, "[", i, "]"), values[i], BrokenMagnitudeRule(values[i]));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckLength(absl::string_view field, int length, int expected, absl::string_view as) {
  if (length == expected) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(field, " has ", length, " values: must have ", expected, ", as many as ", as));
}

}  // namespace ctxfit

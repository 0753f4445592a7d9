#ifndef CTXFIT_CLIENT_CONVERT_PYTHON_JSON_H_
#define CTXFIT_CLIENT_CONVERT_PYTHON_JSON_H_

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

// JSON as Python's json module writes it: with NaN, Infinity and -Infinity, which are not valid JSON.

namespace ctxfit {

// Parses `text`; NaN and the infinities become the texts "NaN", "Infinity" and "-Infinity". INVALID_ARGUMENT, with the
// position of the error in bytes of `text`, counted from 1.
absl::StatusOr<nlohmann::json> ParsePythonJson(absl::string_view text);

// Returns the member of `object` with that name; null if there is none, or if `object` is not an object.
const nlohmann::json& Member(const nlohmann::json& object, const std::string& name);

// Formats a value for a message, truncated after about 60 bytes.
std::string ValueText(const nlohmann::json& value);

// Reads a score, with false and true as 0 and 1. INVALID_ARGUMENT, with `name`, value and rule, unless it is in [0, 1].
absl::StatusOr<double> ScoreOf(absl::string_view name, const nlohmann::json& value);

// Reads a prompt length in tokens. INVALID_ARGUMENT, with `name`, value and rule, unless it is a number, finite and >
// 0.
absl::StatusOr<double> PromptTokensOf(absl::string_view name, const nlohmann::json& value);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_CONVERT_PYTHON_JSON_H_

#include "client/convert/python_json.h"

#include <cmath>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "client/input/non_finite.h"
#include "client/input/utf8.h"

namespace ctxfit {

using nlohmann::json;

absl::StatusOr<json> ParsePythonJson(absl::string_view text) {
  // Most files have none, and are parsed without a copy.
  const bool may_have = MayHaveNonFinite(text);
  const QuotedJson quoted = may_have ? QuoteNonFinite(text) : QuotedJson();
  const absl::string_view parsed = may_have ? quoted.text : text;
  try {
    return json::parse(parsed.begin(), parsed.end());
  } catch (const json::parse_error& error) {
    const std::size_t byte = quoted.OriginalByte(error.byte);
    return absl::InvalidArgumentError(byte > text.size()
                                          ? absl::StrCat("not valid JSON: cut off after byte ", text.size())
                                          : absl::StrCat("not valid JSON from byte ", byte, " on"));
  } catch (const json::exception&) {
    return absl::InvalidArgumentError("not valid JSON: a number in it is too large");
  }
}

const json& Member(const json& object, const std::string& name) {
  static const json* const kNone = new json();
  const auto member = object.find(name);
  return member == object.end() ? *kNone : *member;
}

std::string ValueText(const json& value) {
  if (!value.is_string()) return Ellipsized(value.dump(), 60);
  const auto& text = value.get_ref<const std::string&>();
  return NonFiniteAt(text) == text && !text.empty() ? text : Quoted(text);
}

absl::StatusOr<double> ScoreOf(absl::string_view name, const json& value) {
  if (value.is_boolean()) return value.get<bool>() ? 1 : 0;
  if (value.is_number() && value.get<double>() >= 0 && value.get<double>() <= 1) return value.get<double>();
  return absl::InvalidArgumentError(absl::StrCat(name, " = ", ValueText(value), ": must be a number in [0, 1]"));
}

absl::StatusOr<double> PromptTokensOf(absl::string_view name, const json& value) {
  if (value.is_number() && std::isfinite(value.get<double>()) && value.get<double>() > 0) return value.get<double>();
  return absl::InvalidArgumentError(
      absl::StrCat(name, " = ", ValueText(value), ": must be a number of tokens, finite and > 0"));
}

}  // namespace ctxfit

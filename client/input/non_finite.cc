#include "client/input/non_finite.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace ctxfit {
namespace {

constexpr absl::string_view kNonFinite[] = {"NaN", "Infinity", "-Infinity"};

}  // namespace

std::size_t QuotedJson::OriginalByte(std::size_t byte) const {
  return byte - (std::lower_bound(added.begin(), added.end(), byte) - added.begin());
}

absl::string_view NonFiniteAt(absl::string_view text) {
  for (const absl::string_view name : kNonFinite) {
    if (absl::StartsWith(text, name)) return name;
  }
  return "";
}

bool MayHaveNonFinite(absl::string_view text) {
  return absl::StrContains(text, "NaN") || absl::StrContains(text, "Infinity");
}

QuotedJson QuoteNonFinite(absl::string_view text) {
  QuotedJson quoted;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const absl::string_view name = in_string ? "" : NonFiniteAt(text.substr(i));
    if (!name.empty()) {
      quoted.added.push_back(quoted.text.size());
      absl::StrAppend(&quoted.text, "\"", name, "\"");
      quoted.added.push_back(quoted.text.size() - 1);
      i += name.size() - 1;
      continue;
    }
    quoted.text += text[i];
    if (text[i] == '"') in_string = !in_string;
    // Copy an escaped character as it is: an escaped quote does not end the string.
    if (in_string && text[i] == '\\' && i + 1 < text.size()) quoted.text += text[++i];
  }
  return quoted;
}

}  // namespace ctxfit

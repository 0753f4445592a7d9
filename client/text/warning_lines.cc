#include "client/text/warning_lines.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "client/text/flag_names.h"
#include "client/text/text_table.h"

namespace ctxfit {

std::string WarningLines(absl::string_view about, const google::protobuf::RepeatedPtrField<std::string>& warnings) {
  const std::string first = absl::StrCat("  ! ", about, about.empty() ? "" : ": ");
  std::string text;
  for (const std::string& warning : warnings) text += Wrapped(first, NameFlags(warning), kTextWidth);
  return text;
}

}  // namespace ctxfit

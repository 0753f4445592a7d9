#include "client/text/text_table.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "client/input/utf8.h"

namespace ctxfit {

std::string TextTable::Print(std::size_t indent) const {
  std::vector<std::size_t> widths(alignment_.size());
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], CharacterCount(row[i]));
  }
  std::string text;
  for (const auto& row : rows_) {
    std::string line(indent, ' ');
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (widths[i] == 0) continue;
      const std::string padding(widths[i] - CharacterCount(row[i]), ' ');
      line += alignment_[i] == Align::kRight ? padding + row[i] : row[i] + padding;
      line += "  ";
    }
    absl::StrAppend(&text, absl::StripTrailingAsciiWhitespace(line), "\n");
  }
  return text;
}

std::vector<std::string> BrokenLines(absl::string_view text, std::size_t width) {
  std::vector<std::string> lines(1);
  std::size_t used = 0;
  for (const absl::string_view word : absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    const std::size_t size = CharacterCount(word);
    if (used > 0 && used + 1 + size > width) {
      lines.emplace_back();
      used = 0;
    }
    absl::StrAppend(&lines.back(), used > 0 ? " " : "", word);
    used += size + (used > 0 ? 1 : 0);
  }
  return lines;
}

std::string Wrapped(absl::string_view first, absl::string_view text, std::size_t width) {
  const std::size_t indent = CharacterCount(first);
  const std::string separator = absl::StrCat("\n", std::string(indent, ' '));
  return absl::StrCat(first, absl::StrJoin(BrokenLines(text, width - indent), separator), "\n");
}

}  // namespace ctxfit

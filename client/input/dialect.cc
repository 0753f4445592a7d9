#include "client/input/dialect.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_replace.h"

namespace ctxfit {
namespace {

bool IsNumber(absl::string_view text) {
  double value = 0;
  return absl::SimpleAtod(text, &value);
}

}  // namespace

char SeparatorOf(absl::string_view header) {
  for (const char separator : {',', '\t', ';'}) {
    if (absl::StrContains(header, separator)) return separator;
  }
  return ',';
}

absl::string_view WideEncodingOf(absl::string_view first_bytes) {
  if (first_bytes.size() < 2) return "";
  const bool marked = absl::StartsWith(first_bytes, "\xFF\xFE") || absl::StartsWith(first_bytes, "\xFE\xFF");
  const bool has_zero = first_bytes[0] == '\0' || first_bytes[1] == '\0';
  return marked || has_zero ? "UTF-16" : "";
}

absl::string_view BinaryFormatOf(absl::string_view first_bytes) {
  constexpr std::pair<absl::string_view, absl::string_view> kFormats[] = {
      {"PAR1", "Parquet, which DuckDB and pandas write as CSV"},
      {"PK\x03\x04", "a ZIP archive, as .xlsx workbooks and .eval logs are: extract or export the table"},
      {"\x28\xB5\x2F\xFD", "compressed by zstd: decompress it by zstd -d"},
      {"\xFD"
       "7zXZ",
       "compressed by xz: decompress it by xz -d"},
      {"BZh", "compressed by bzip2: decompress it by bzip2 -d"},
      {"SQLite format 3", "an SQLite database: export the table"},
      {"\x89HDF", "HDF5: export the table"},
      {"ARROW1", "Arrow or Feather, which pandas writes as CSV"},
  };
  for (const auto& [magic, format] : kFormats) {
    if (absl::StartsWith(first_bytes, magic)) return format;
  }
  return "";
}

std::string SnakeCase(absl::string_view name) {
  std::string snake = absl::AsciiStrToLower(absl::StripAsciiWhitespace(name));
  std::replace(snake.begin(), snake.end(), ' ', '_');
  std::replace(snake.begin(), snake.end(), '-', '_');
  return snake;
}

std::string NumberRemedy(absl::string_view field) {
  if (field.empty()) return "";
  if (absl::StrContains(field, ',') && IsNumber(absl::StrReplaceAll(field, {{",", ""}}))) {
    return "; the decimal mark is a point, and thousands have no separator";
  }
  const absl::string_view head = absl::StripTrailingAsciiWhitespace(field.substr(0, field.size() - 1));
  if (!IsNumber(head)) return "";
  if (field.back() == '%') return "; write percentages without the sign, as shares";
  if (absl::StrContains("kKmMgG", field.back())) return "; write it in full, without a unit";
  return "";
}

}  // namespace ctxfit

#include "client/text/csv_text.h"

#include <charconv>
#include <iterator>
#include <string>

#include "absl/strings/string_view.h"

namespace ctxfit {

std::string CsvField(absl::string_view text) {
  if (text.find_first_of(",\"\r\n") == absl::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (const char byte : text) quoted.append(byte == '"' ? 2 : 1, byte);
  return quoted + "\"";
}

std::string ExactNumber(double value) {
  char digits[32];
  const std::to_chars_result result = std::to_chars(std::begin(digits), std::end(digits), value);
  return std::string(digits, result.ptr);
}

}  // namespace ctxfit

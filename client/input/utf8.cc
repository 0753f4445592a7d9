#include "client/input/utf8.h"

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace ctxfit {
namespace {

bool IsContinuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

// Length in bytes of the valid character at the beginning of `text`, which is not empty; 0 if there is none.
std::size_t CharacterBytes(absl::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return 1;
  const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < size) return 0;
  std::uint32_t code = first & (0x7F >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if (!IsContinuation(text[i])) return 0;
    code = code << 6 | (static_cast<unsigned char>(text[i]) & 0x3F);
  }
  const bool overlong = (size == 3 && code < 0x800) || (size == 4 && code < 0x10000);
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  return overlong || surrogate || code > 0x10FFFF ? 0 : size;
}

}  // namespace

std::size_t ValidUtf8Prefix(absl::string_view text) {
  std::size_t valid = 0;
  while (valid < text.size()) {
    const std::size_t size = CharacterBytes(text.substr(valid));
    if (size == 0) break;
    valid += size;
  }
  return valid;
}

std::string Quoted(absl::string_view text) {
  constexpr std::size_t kShown = 60;
  std::size_t cut = text.size();
  if (cut > kShown) {
    cut = kShown;
    while (cut > 0 && IsContinuation(text[cut])) --cut;
  }
  const absl::string_view shown = text.substr(0, cut);
  const bool valid = ValidUtf8Prefix(shown) == shown.size();
  return absl::StrCat("\"", valid ? absl::Utf8SafeCEscape(shown) : absl::CHexEscape(shown),
                      cut < text.size() ? "…\"" : "\"");
}

std::size_t CharacterCount(absl::string_view text) {
  std::size_t count = 0;
  for (const char byte : text) count += !IsContinuation(byte);
  return count;
}

std::string Ellipsized(absl::string_view text, std::size_t count) {
  if (CharacterCount(text) <= count) return std::string(text);
  std::size_t bytes = 0;
  for (std::size_t kept = 0; kept < count - 1; ++kept) {
    ++bytes;
    while (bytes < text.size() && IsContinuation(text[bytes])) ++bytes;
  }
  return absl::StrCat(text.substr(0, bytes), "…");
}

}  // namespace ctxfit

#include "kernels/base/logfmt.h"

#include <cstdint>

#include "absl/strings/str_format.h"

namespace ctxfit {
namespace {

// A character of UTF-8: its code point and its bytes. A byte that begins no character stands for itself, as invalid.
struct Character {
  std::uint32_t code = 0;
  std::size_t size = 1;
  bool valid = false;
};

bool IsContinuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

Character FirstOf(absl::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  if (lead < 0x80) return {lead, 1, true};
  const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < size) return {lead, 1, false};
  std::uint32_t code = lead & (0x7F >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if (!IsContinuation(text[i])) return {lead, 1, false};
    code = code << 6 | (static_cast<unsigned char>(text[i]) & 0x3F);
  }
  constexpr std::uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool is_surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (code < kLeast[size] || code > 0x10FFFF || is_surrogate) return {lead, 1, false};
  return {code, size, true};
}

bool IsControl(std::uint32_t code) {
  return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0x061C || code == 0x200E || code == 0x200F ||
         (code >= 0x2028 && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069) || code == 0xFEFF;
}

void AppendEscape(const Character& character, std::string& escaped) {
  switch (character.valid ? character.code : 0) {
    case '\n':
      escaped += "\\n";
      return;
    case '\r':
      escaped += "\\r";
      return;
    case '\t':
      escaped += "\\t";
      return;
    default:
      escaped += character.code < 0x100 ? absl::StrFormat("\\x%02x", character.code)
                                        : absl::StrFormat("\\u%04x", character.code);
  }
}

}  // namespace

std::string Escaped(absl::string_view text) {
  std::string escaped;
  escaped.reserve(text.size());
  while (!text.empty()) {
    const Character first = FirstOf(text);
    if (!first.valid || IsControl(first.code)) {
      AppendEscape(first, escaped);
    } else {
      if (first.code == '\\') escaped += '\\';
      escaped.append(text.data(), first.size);
    }
    text.remove_prefix(first.size);
  }
  return escaped;
}

std::string Shortened(absl::string_view text, std::size_t limit) {
  if (text.size() <= limit) return std::string(text);
  std::size_t head = (limit - 3) / 2;
  while (head > 0 && IsContinuation(text[head])) --head;
  std::size_t tail = text.size() - (limit - 3) / 2;
  while (tail < text.size() && IsContinuation(text[tail])) ++tail;
  return std::string(text.substr(0, head)) + "..." + std::string(text.substr(tail));
}

std::string LogfmtQuoted(absl::string_view text) {
  std::string quoted = "\"";
  for (const char c : Escaped(text)) {
    if (c == '"') quoted += '\\';
    quoted += c;
  }
  return quoted += '"';
}

}  // namespace ctxfit

#ifndef CTXFIT_CLIENT_INPUT_UTF8_H_
#define CTXFIT_CLIENT_INPUT_UTF8_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace ctxfit {

// Number of leading bytes of `text` that are valid UTF-8 (RFC 3629): text.size() if all are.
std::size_t ValidUtf8Prefix(absl::string_view text);

// Quotes `text` for a message: control characters and invalid bytes are escaped, and it is cut after about 60 bytes.
std::string Quoted(absl::string_view text);

// Number of characters (code points) in valid UTF-8: its width in a terminal, as long as none is wide.
std::size_t CharacterCount(absl::string_view text);

// Cuts `text` to `count` characters, the last of them an ellipsis if anything was cut off. `count` >= 1.
std::string Ellipsized(absl::string_view text, std::size_t count);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_INPUT_UTF8_H_

#ifndef CTXFIT_CLIENT_INPUT_UTF8_H_
#define CTXFIT_CLIENT_INPUT_UTF8_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace ctxfit {

// Number of leading bytes of `text` that are valid UTF-8 (RFC 3629): text.size() if all are.
std::size_t ValidUtf8Prefix(absl::string_view text);

// `text` for a message: quoted, control characters and invalid bytes escaped, cut after about 60 bytes.
std::string Quoted(absl::string_view text);

// Number of characters (code points) in valid UTF-8: the columns that it takes in a terminal, as long as none is wide.
std::size_t CharacterCount(absl::string_view text);

// `text` cut to that many characters, the last of which is an ellipsis if anything was cut off. `count` >= 1.
std::string Ellipsized(absl::string_view text, std::size_t count);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_INPUT_UTF8_H_

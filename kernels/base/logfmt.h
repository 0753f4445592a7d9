#ifndef CTXFIT_KERNELS_BASE_LOGFMT_H_
#define CTXFIT_KERNELS_BASE_LOGFMT_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace ctxfit {

// Returns `text` with everything that could start a line, move a terminal's cursor or turn the direction of writing
// around written as an escape: control characters (C0, DEL, C1), line separators, marks of direction, and bytes that
// are not UTF-8. Backslashes are doubled, so that the escapes can be told from text.
std::string Escaped(absl::string_view text);

// Returns `text` if it has at most `limit` bytes, otherwise its beginning and its end with "..." between them: `limit`
// bytes, or up to 6 fewer, as no character is cut. `limit` is at least 16.
std::string Shortened(absl::string_view text, std::size_t limit);

// Returns `text`, escaped, in quotation marks, as the value of a key=value pair on one line.
std::string LogfmtQuoted(absl::string_view text);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BASE_LOGFMT_H_

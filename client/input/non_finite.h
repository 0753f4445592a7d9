#ifndef CTXFIT_CLIENT_INPUT_NON_FINITE_H_
#define CTXFIT_CLIENT_INPUT_NON_FINITE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

// NaN and the infinities in JSON, which Python's json module writes and JSON forbids.

namespace ctxfit {

// JSON with NaN and the infinities in quotes.
struct QuotedJson {
  std::string text;
  std::vector<std::size_t> added;  // positions of the added quotes in `text`

  // Maps a byte of `text` to the byte of the original, both counted from 1.
  std::size_t OriginalByte(std::size_t byte) const;
};

// Returns the NaN or infinity that `text` begins with; "" if it begins with none.
absl::string_view NonFiniteAt(absl::string_view text);

// False if `text` has no NaN and no infinity, so that it need not be copied. True also if only a string in it has.
bool MayHaveNonFinite(absl::string_view text);

QuotedJson QuoteNonFinite(absl::string_view text);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_INPUT_NON_FINITE_H_

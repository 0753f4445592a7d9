#ifndef CTXFIT_CLIENT_INPUT_WHERE_LEXER_H_
#define CTXFIT_CLIENT_INPUT_WHERE_LEXER_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace ctxfit {

// A token of a --where expression.
struct WhereToken {
  enum class Kind { kEnd, kColumn, kNumber, kText, kComparison, kOpen, kClose, kAnd, kOr, kNot };
  Kind kind;
  std::string text;    // without quotes
  double number;       // set if kind is kNumber
  std::size_t offset;  // position of its first byte in the expression
};

// Splits an expression into tokens, the last of them kEnd. INVALID_ARGUMENT, with a caret, at a byte that begins none.
absl::StatusOr<std::vector<WhereToken>> LexWhere(const std::string& expression);

// Returns INVALID_ARGUMENT with `message`, the expression and a caret under byte `offset`.
absl::Status WhereError(const std::string& expression, std::size_t offset, absl::string_view message);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_INPUT_WHERE_LEXER_H_

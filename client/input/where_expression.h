#ifndef CTXFIT_CLIENT_INPUT_WHERE_EXPRESSION_H_
#define CTXFIT_CLIENT_INPUT_WHERE_EXPRESSION_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace ctxfit {

// A condition on a row, in the language of --where:
//
//   condition  = term ("or" term)*
//   term       = factor ("and" factor)*
//   factor     = "not" factor | "(" condition ")" | operand comparison operand
//   comparison = "==" | "!=" | "<" | "<=" | ">" | ">="
//   operand    = column | number | 'text' | "text"
//
// Columns have the names that the file gives them; a name with characters other than letters, digits, "_" and "." is
// enclosed in backquotes. A field that is compared with a number, or with a column known to hold numbers, is a number;
// otherwise it is text, ordered by its bytes. An empty field compares false with every number.
class WhereExpression {
 public:
  // Kind of an operand. Exposed for the parser.
  struct Node;

  // Parses `text` against the columns of a file. INVALID_ARGUMENT, with the position and a caret under it, if it is not
  // a condition, names a column that the file does not have, or compares a column of numbers with text.
  static absl::StatusOr<WhereExpression> Parse(const std::string& text, absl::Span<const std::string> columns);

  WhereExpression(WhereExpression&&) noexcept;
  WhereExpression& operator=(WhereExpression&&) noexcept;
  ~WhereExpression();

  // True if a row, with a field per column, meets the condition. INVALID_ARGUMENT, with column and value, if a field
  // that is compared as a number is not a number.
  absl::StatusOr<bool> Matches(absl::Span<const std::string> fields) const;

 private:
  explicit WhereExpression(std::unique_ptr<const Node> root, std::vector<std::string> columns);

  std::unique_ptr<const Node> root_;
  std::vector<std::string> columns_;
};

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_INPUT_WHERE_EXPRESSION_H_

#ifndef CTXFIT_CLIENT_INPUT_WHERE_EXPRESSION_H_
#define CTXFIT_CLIENT_INPUT_WHERE_EXPRESSION_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace ctxfit {

// A condition on a row, as --where takes it:
//
//   condition  = term ("or" term)*
//   term       = factor ("and" factor)*
//   factor     = "not" factor | "(" condition ")" | operand comparison operand
//   comparison = "==" | "!=" | "<" | "<=" | ">" | ">="
//   operand    = column | number | 'text' | "text"
//
// A column is named as the file does; a name with other characters than letters, digits, "_" and "." stands in
// backquotes. Compared with a number, or with a column that is known to hold numbers, a field is a number; otherwise it
// is text, ordered by its bytes. An empty field compares false with every number.
class WhereExpression {
 public:
  // What an operand is. Exposed for the parser.
  struct Node;

  // Parses `text` against the columns of a file. INVALID_ARGUMENT, with the position and a caret under it, if it is not
  // a condition, names a column that the file does not have, or compares a column of numbers with text.
  static absl::StatusOr<WhereExpression> Parse(const std::string& text, absl::Span<const std::string> columns);

  WhereExpression(WhereExpression&&) noexcept;
  WhereExpression& operator=(WhereExpression&&) noexcept;
  ~WhereExpression();

  // Whether a row, with a field per column, meets the condition. INVALID_ARGUMENT, with column and value, if a field
  // that is compared as a number is none.
  absl::StatusOr<bool> Matches(absl::Span<const std::string> fields) const;

 private:
  explicit WhereExpression(std::unique_ptr<const Node> root, std::vector<std::string> columns);

  std::unique_ptr<const Node> root_;
  std::vector<std::string> columns_;
};

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_INPUT_WHERE_EXPRESSION_H_

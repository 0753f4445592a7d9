#include "client/input/where_expression.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "client/input/observation_columns.h"
#include "client/input/utf8.h"
#include "client/input/where_lexer.h"
#include "kernels/base/status_macros.h"

namespace ctxfit {
namespace {

using Kind = WhereToken::Kind;
using Node = WhereExpression::Node;

bool HoldsNumbers(absl::string_view column) {
  return std::any_of(std::begin(kNumberColumns), std::end(kNumberColumns),
                     [&](const NumberColumn& known) { return known.name == column; });
}

// Compares two numbers by value, or two texts by their bytes.
template <class T>
bool Compare(const T& left, const T& right, const std::string& comparison) {
  if (comparison == "==") return left == right;
  if (comparison == "!=") return left != right;
  if (comparison == "<") return left < right;
  if (comparison == "<=") return left <= right;
  if (comparison == ">") return left > right;
  return left >= right;
}

}  // namespace

// A node of the expression's tree: an operand, a comparison of two, or a combination of conditions.
struct WhereExpression::Node {
  Kind kind;
  WhereToken token;         // operand or comparison
  std::size_t column = 0;   // for a kColumn, its index in the file
  bool as_numbers = false;  // for a kComparison, true if its sides are compared as numbers
  std::unique_ptr<const Node> left;
  std::unique_ptr<const Node> right;
};

namespace {

using NodeOr = absl::StatusOr<std::unique_ptr<const Node>>;

// A recursive-descent parser, one function per rule of the grammar.
class Parser {
 public:
  Parser(const std::string& expression, absl::Span<const std::string> columns, std::vector<WhereToken> tokens)
      : expression_(expression), columns_(columns), tokens_(std::move(tokens)) {}

  NodeOr ParseAll() {
    CTXFIT_ASSIGN_OR_RETURN(std::unique_ptr<const Node> root, ParseCondition());
    if (Peek().kind == Kind::kEnd) return root;
    return Error("\"and\", \"or\" or the end is expected here");
  }

 private:
  // Limit on nesting: deeper than any practical expression, and safe for the stack.
  static constexpr int kMaxDepth = 200;

  const WhereToken& Peek() const { return tokens_[next_]; }
  WhereToken Take() { return tokens_[next_++]; }
  absl::Status Error(absl::string_view message) const { return WhereError(expression_, Peek().offset, message); }

  NodeOr ParseCondition() {
    if (++depth_ > kMaxDepth) return Error("too deeply nested");
    NodeOr left = ParseTerm();
    while (left.ok() && Peek().kind == Kind::kOr) {
      WhereToken token = Take();
      left = Join(*std::move(left), std::move(token), ParseTerm());
    }
    --depth_;
    return left;
  }

  NodeOr ParseTerm() {
    NodeOr left = ParseFactor();
    while (left.ok() && Peek().kind == Kind::kAnd) {
      WhereToken token = Take();
      left = Join(*std::move(left), std::move(token), ParseFactor());
    }
    return left;
  }

  NodeOr Join(std::unique_ptr<const Node> left, WhereToken token, NodeOr right) {
    if (!right.ok()) return right;
    const Kind kind = token.kind;
    return std::make_unique<const Node>(Node{kind, std::move(token), 0, false, std::move(left), *std::move(right)});
  }

  NodeOr ParseFactor() {
    if (Peek().kind == Kind::kNot) {
      WhereToken token = Take();
      if (++depth_ > kMaxDepth) return Error("too deeply nested");
      NodeOr inner = ParseFactor();
      --depth_;
      return Join(nullptr, std::move(token), std::move(inner));
    }
    if (Peek().kind != Kind::kOpen) return ParseComparison();
    Take();
    CTXFIT_ASSIGN_OR_RETURN(std::unique_ptr<const Node> inner, ParseCondition());
    if (Peek().kind != Kind::kClose) return Error("a closing parenthesis is expected here");
    Take();
    return inner;
  }

  NodeOr ParseComparison() {
    CTXFIT_ASSIGN_OR_RETURN(std::unique_ptr<const Node> left, ParseOperand());
    if (Peek().kind != Kind::kComparison) return Error("one of == != < <= > >= is expected here");
    WhereToken token = Take();
    CTXFIT_ASSIGN_OR_RETURN(std::unique_ptr<const Node> right, ParseOperand());
    CTXFIT_ASSIGN_OR_RETURN(const bool as_numbers, ComparesNumbers(*left, *right));
    return std::make_unique<const Node>(
        Node{Kind::kComparison, std::move(token), 0, as_numbers, std::move(left), std::move(right)});
  }

  NodeOr ParseOperand() {
    const Kind kind = Peek().kind;
    if (kind != Kind::kColumn && kind != Kind::kNumber && kind != Kind::kText) {
      return Error("a column, a number or a text in quotes is expected here");
    }
    const std::size_t column = std::find(columns_.begin(), columns_.end(), Peek().text) - columns_.begin();
    if (kind == Kind::kColumn && column == columns_.size()) {
      return Error(
          absl::StrCat("there is no column ", Quoted(Peek().text), "; there are ", absl::StrJoin(columns_, ", ")));
    }
    return std::make_unique<const Node>(Node{kind, Take(), column, false, nullptr, nullptr});
  }

  absl::StatusOr<bool> ComparesNumbers(const Node& left, const Node& right) const {
    for (const auto& [one, other] : {std::pair(&left, &right), std::pair(&right, &left)}) {
      const bool is_number =
          one->kind == Kind::kNumber || (one->kind == Kind::kColumn && HoldsNumbers(one->token.text));
      if (!is_number) continue;
      if (other->kind != Kind::kText) return true;
      return WhereError(expression_, other->token.offset,
                        absl::StrCat("text is compared with the number ", one->token.text));
    }
    return false;
  }

  const std::string& expression_;
  const absl::Span<const std::string> columns_;
  const std::vector<WhereToken> tokens_;
  std::size_t next_ = 0;
  int depth_ = 0;
};

// Evaluates the condition on one row.
class Evaluator {
 public:
  Evaluator(absl::Span<const std::string> columns, absl::Span<const std::string> fields)
      : columns_(columns), fields_(fields) {}

  absl::StatusOr<bool> Evaluate(const Node& node) const {
    if (node.kind == Kind::kComparison) return EvaluateComparison(node);
    if (node.kind == Kind::kNot) {
      CTXFIT_ASSIGN_OR_RETURN(const bool inner, Evaluate(*node.right));
      return !inner;
    }
    CTXFIT_ASSIGN_OR_RETURN(const bool left, Evaluate(*node.left));
    if (left == (node.kind == Kind::kOr)) return left;
    return Evaluate(*node.right);
  }

 private:
  absl::string_view Text(const Node& operand) const {
    return operand.kind == Kind::kColumn ? fields_[operand.column] : operand.token.text;
  }

  absl::StatusOr<bool> EvaluateComparison(const Node& node) const {
    if (!node.as_numbers) return Compare(Text(*node.left), Text(*node.right), node.token.text);
    double numbers[2] = {};
    const Node* const operands[] = {node.left.get(), node.right.get()};
    for (int i = 0; i < 2; ++i) {
      const absl::string_view text = absl::StripAsciiWhitespace(Text(*operands[i]));
      if (text.empty()) return false;
      if (absl::SimpleAtod(text, &numbers[i])) continue;
      return absl::InvalidArgumentError(absl::StrCat(columns_[operands[i]->column], " = ", Quoted(text),
                                                     ": must be a number where --where compares it with one"));
    }
    return Compare(numbers[0], numbers[1], node.token.text);
  }

  const absl::Span<const std::string> columns_;
  const absl::Span<const std::string> fields_;
};

}  // namespace

absl::StatusOr<WhereExpression> WhereExpression::Parse(const std::string& text, absl::Span<const std::string> columns) {
  CTXFIT_ASSIGN_OR_RETURN(std::vector<WhereToken> tokens, LexWhere(text));
  CTXFIT_ASSIGN_OR_RETURN(std::unique_ptr<const Node> root, Parser(text, columns, std::move(tokens)).ParseAll());
  return WhereExpression(std::move(root), {columns.begin(), columns.end()});
}

WhereExpression::WhereExpression(std::unique_ptr<const Node> root, std::vector<std::string> columns)
    : root_(std::move(root)), columns_(std::move(columns)) {}

WhereExpression::WhereExpression(WhereExpression&&) noexcept = default;
WhereExpression& WhereExpression::operator=(WhereExpression&&) noexcept = default;
WhereExpression::~WhereExpression() = default;

absl::StatusOr<bool> WhereExpression::Matches(absl::Span<const std::string> fields) const {
  return Evaluator(columns_, fields).Evaluate(*root_);
}

}  // namespace ctxfit

#include "client/input/where_lexer.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "client/input/utf8.h"
#include "kernels/base/status_macros.h"

namespace ctxfit {
namespace {

using Kind = WhereToken::Kind;

bool IsNameByte(char byte) { return absl::ascii_isalnum(byte) || byte == '_' || byte == '.'; }

// Splits an expression into tokens, from left to right.
class Lexer {
 public:
  explicit Lexer(const std::string& expression) : expression_(expression) {}

  absl::StatusOr<WhereToken> Next() {
    while (at_ < expression_.size() && absl::ascii_isspace(expression_[at_])) ++at_;
    if (at_ == expression_.size()) return WhereToken{Kind::kEnd, "", 0, at_};
    const char byte = expression_[at_];
    if (byte == '(') return Take(Kind::kOpen, 1);
    if (byte == ')') return Take(Kind::kClose, 1);
    if (byte == '\'' || byte == '"') return Delimited(Kind::kText, "text");
    if (byte == '`') return Delimited(Kind::kColumn, "column name");
    const bool sign = (byte == '-' || byte == '+') && at_ + 1 < expression_.size();
    if (sign || byte == '.' || absl::ascii_isdigit(byte)) return Number();
    if (IsNameByte(byte)) return Name();
    return Comparison();
  }

 private:
  WhereToken Take(Kind kind, std::size_t size) {
    const std::size_t offset = std::exchange(at_, at_ + size);
    return {kind, expression_.substr(offset, size), 0, offset};
  }

  absl::StatusOr<WhereToken> Delimited(Kind kind, absl::string_view what) {
    const std::size_t end = expression_.find(expression_[at_], at_ + 1);
    if (end == std::string::npos) {
      return WhereError(expression_, at_, absl::StrCat("the ", what, " that begins here has no end"));
    }
    WhereToken token = Take(kind, end + 1 - at_);
    token.text = token.text.substr(1, token.text.size() - 2);
    return token;
  }

  absl::StatusOr<WhereToken> Number() {
    std::size_t size = 1;
    while (at_ + size < expression_.size()) {
      const char byte = expression_[at_ + size];
      const char before = absl::ascii_tolower(expression_[at_ + size - 1]);
      if (!IsNameByte(byte) && !((byte == '-' || byte == '+') && before == 'e')) break;
      ++size;
    }
    WhereToken token = Take(Kind::kNumber, size);
    if (absl::SimpleAtod(token.text, &token.number)) return token;
    return WhereError(expression_, token.offset, absl::StrCat("\"", token.text, "\" is not a number"));
  }

  WhereToken Name() {
    std::size_t size = 1;
    while (at_ + size < expression_.size() && IsNameByte(expression_[at_ + size])) ++size;
    WhereToken token = Take(Kind::kColumn, size);
    if (token.text == "and") token.kind = Kind::kAnd;
    if (token.text == "or") token.kind = Kind::kOr;
    if (token.text == "not") token.kind = Kind::kNot;
    return token;
  }

  absl::StatusOr<WhereToken> Comparison() {
    const absl::string_view two = absl::string_view(expression_).substr(at_, 2);
    for (const absl::string_view comparison : {"==", "!=", "<=", ">="}) {
      if (two == comparison) return Take(Kind::kComparison, 2);
    }
    if (two[0] == '<' || two[0] == '>') return Take(Kind::kComparison, 1);
    if (two[0] == '=') return WhereError(expression_, at_, "equality is written ==");
    return WhereError(expression_, at_, "this begins no column, number, text or comparison");
  }

  const std::string& expression_;
  std::size_t at_ = 0;
};

}  // namespace

absl::StatusOr<std::vector<WhereToken>> LexWhere(const std::string& expression) {
  Lexer lexer(expression);
  std::vector<WhereToken> tokens;
  do {
    CTXFIT_ASSIGN_OR_RETURN(WhereToken token, lexer.Next());
    tokens.push_back(std::move(token));
  } while (tokens.back().kind != Kind::kEnd);
  return tokens;
}

absl::Status WhereError(const std::string& expression, std::size_t offset, absl::string_view message) {
  const std::size_t column = CharacterCount(absl::string_view(expression).substr(0, offset));
  std::string line = expression;
  std::replace_if(
      line.begin(), line.end(), [](unsigned char byte) { return byte < 0x20; }, ' ');
  return absl::InvalidArgumentError(absl::StrCat("--where, position ", column + 1, ": ", message, "\n    ", line,
                                                 "\n    ", std::string(column, ' '), "^"));
}

}  // namespace ctxfit

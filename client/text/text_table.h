#ifndef CTXFIT_CLIENT_TEXT_TEXT_TABLE_H_
#define CTXFIT_CLIENT_TEXT_TEXT_TABLE_H_

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace ctxfit {

// Rows of text cells, printed in aligned columns two spaces apart.
class TextTable {
 public:
  enum class Align { kLeft, kRight };

  // `alignment`: of each column; a row may have fewer cells.
  explicit TextTable(std::vector<Align> alignment) : alignment_(std::move(alignment)) {}

  void AddRow(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }

  // The rows, each on a line of its own behind `indent` spaces, without spaces at the ends of lines. A column that is
  // empty in every row is left out.
  std::string Print(std::size_t indent) const;

 private:
  std::vector<Align> alignment_;
  std::vector<std::vector<std::string>> rows_;
};

// `text` broken between words into lines of at most `width` characters where words allow it. At least one line.
std::vector<std::string> BrokenLines(absl::string_view text, std::size_t width);

// `text` broken between words into lines of at most `width` characters where words allow it: `first` before the first
// one, as many spaces before the others. Ends with a new line.
std::string Wrapped(absl::string_view first, absl::string_view text, std::size_t width);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_TEXT_TEXT_TABLE_H_

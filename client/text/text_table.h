#ifndef CTXFIT_CLIENT_TEXT_TEXT_TABLE_H_
#define CTXFIT_CLIENT_TEXT_TEXT_TABLE_H_

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace ctxfit {

// A table of text cells, printed in aligned columns two spaces apart.
class TextTable {
 public:
  enum class Align { kLeft, kRight };

  // `alignment` has an element per column; a row may have fewer cells.
  explicit TextTable(std::vector<Align> alignment) : alignment_(std::move(alignment)) {}

  void AddRow(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }

  // Formats the rows, one per line after `indent` spaces, without trailing spaces. A column that is empty in every row
  // is left out.
  std::string Print(std::size_t indent) const;

 private:
  std::vector<Align> alignment_;
  std::vector<std::vector<std::string>> rows_;
};

// The widths to which Wrapped() breaks text on the terminal.
inline constexpr std::size_t kTextWidth = 110;  // width of the texts that commands print
inline constexpr std::size_t kHelpWidth = 120;  // --help

// Breaks `text` between words into lines of at most `width` characters, unless a word is longer. At least one line.
std::vector<std::string> BrokenLines(absl::string_view text, std::size_t width);

// Breaks `text` between words into lines of at most `width` characters, unless a word is longer. The first line begins
// with `first`, the others with as many spaces. Ends with a newline.
std::string Wrapped(absl::string_view first, absl::string_view text, std::size_t width);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_TEXT_TEXT_TABLE_H_
